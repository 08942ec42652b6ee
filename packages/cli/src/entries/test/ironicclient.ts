/**
 * What each command of python-ironicclient takes, below `baremetal`, read from its parsers at 8f37f71 (after 6.2.0): arguments as
 * `<one>`, `<one>+` for one or more and `<any>*`; options as `--switch`, `--option=` with a value, `=?` with or without one, `=+` with
 * several, and with `*` behind where it may be given again. What cliff adds to print is in PRINT.
 */
export const COMMANDS: Readonly<Record<string, string>> = {
  'allocation create': '--candidate-node=* --extra=* --name= --node= --owner= --resource-class= --trait=* --uuid= --wait=?',
  'allocation delete': '<allocations>+',
  'allocation list': '--fields=+* --limit= --long --marker= --node= --owner= --resource-class= --sort= --state=',
  'allocation set': '<allocation> --extra=* --name=',
  'allocation show': '<allocation> --fields=+*',
  'allocation unset': '<allocation> --extra=* --name',
  'chassis create': '--description= --extra=* --uuid=',
  'chassis delete': '<chassis>+',
  'chassis list': '--fields=+* --limit= --long --marker= --sort=',
  'chassis set': '<chassis> --description= --extra=*',
  'chassis show': '<chassis> --fields=+*',
  'chassis unset': '<chassis> --description --extra=*',
  'conductor list': '--fields=+* --limit= --long --marker= --sort=',
  'conductor show': '<conductor> --fields=+*',
  create: '<resource-files>+',
  'deploy template create': '<name> --extra=* --steps= --uuid=',
  'deploy template delete': '<templates>+',
  'deploy template list': '--fields=+* --limit= --long --marker= --sort=',
  'deploy template set': '<template> --extra=* --name= --steps=',
  'deploy template show': '<template> --fields=+*',
  'deploy template unset': '<template> --extra=*',
  'driver list': '--fields=+* --long --type=',
  'driver passthru call': '<driver> <method> --arg=* --http-method=',
  'driver passthru list': '<driver>',
  'driver property list': '<driver>',
  'driver raid property list': '<driver>',
  'driver show': '<driver> --fields=+*',
  'inspection rule create': '--actions= --conditions= --description= --phase= --priority= --sensitive= --uuid=',
  'inspection rule delete': '<rules>+',
  'inspection rule list': '--fields=+* --limit= --long --marker= --sort=',
  'inspection rule set': '<rule> --actions= --conditions= --description= --phase= --priority=',
  'inspection rule show': '<rule> --fields=+*',
  'inspection rule unset': '<rule> --action=* --condition=* --description --phase --priority',
  'node abort': '<nodes>+',
  'node add trait': '<node> <traits>+',
  'node adopt': '<nodes>+ --wait=?',
  'node bios setting list': '<node> --fields=+* --long',
  'node bios setting show': '<node> <setting-name>',
  'node boot device set': '<nodes>+ <device> --persistent',
  'node boot device show': '<node> --supported',
  'node boot mode set': '<nodes>+ <boot-mode>',
  'node children list': '<node>',
  'node clean': '<nodes>+ --clean-steps= --disable-ramdisk --runbook= --wait=?',
  'node console disable': '<nodes>+',
  'node console enable': '<nodes>+',
  'node console show': '<node>',
  'node create':
    '--automated-clean --bios-interface= --boot-interface= --chassis-uuid= --conductor-group= --console-interface= --deploy-interface= --description= --disable-power-off --driver-info=* --driver= --extra=* --firmware-interface= --inspect-interface= --instance-name= --lessee= --management-interface= --name= --network-data= --network-interface= --no-automated-clean --owner= --parent-node= --power-interface= --property=* --raid-interface= --rescue-interface= --resource-class= --shard= --storage-interface= --uuid= --vendor-interface=',
  'node delete': '<nodes>+',
  'node deploy': '<nodes>+ --config-drive= --deploy-steps= --wait=?',
  'node firmware list': '<node>',
  'node history get': '<node> <event>',
  'node history list': '<node> --long',
  'node inject nmi': '<nodes>+',
  'node inspect': '<nodes>+ --wait=?',
  'node inventory save': '<node> --file=',
  'node list':
    '--associated --chassis= --conductor-group= --conductor= --description-contains= --driver= --fault= --fields=+* --include-children --instance-name= --lessee= --limit= --long --maintenance --marker= --no-maintenance --no-retired --owner= --parent-node= --provision-state= --resource-class= --retired --sharded --shards=+ --sort= --unassociated --unsharded',
  'node maintenance set': '<nodes>+ --reason=',
  'node maintenance unset': '<nodes>+',
  'node manage': '<nodes>+ --wait=?',
  'node passthru call': '<node> <method> --arg=* --http-method=',
  'node passthru list': '<node>',
  'node power off': '<nodes>+ --power-timeout= --soft',
  'node power on': '<nodes>+ --power-timeout=',
  'node provide': '<nodes>+ --wait=?',
  'node reboot': '<nodes>+ --power-timeout= --soft',
  'node rebuild': '<nodes>+ --config-drive= --deploy-steps= --wait=?',
  'node remove trait': '<node> <traits>* --all',
  'node rescue': '<nodes>+ --rescue-password= --wait=?',
  'node secure boot off': '<nodes>+',
  'node secure boot on': '<nodes>+',
  'node service': '<nodes>+ --disable-ramdisk --runbook= --service-steps= --wait=?',
  'node set':
    '<nodes>+ --automated-clean --bios-interface= --boot-interface= --chassis-uuid= --conductor-group= --console-interface= --deploy-interface= --description= --disable-power-off --driver-info=* --driver= --enable-power-off --extra=* --firmware-interface= --inspect-interface= --instance-info=* --instance-name= --instance-uuid= --lessee= --management-interface= --name= --network-data= --network-interface= --no-automated-clean --owner= --parent-node= --power-interface= --property=* --protected --protected-reason= --raid-interface= --rescue-interface= --reset-bios-interface --reset-boot-interface --reset-console-interface --reset-deploy-interface --reset-firmware-interface --reset-inspect-interface --reset-interfaces --reset-management-interface --reset-network-interface --reset-power-interface --reset-raid-interface --reset-rescue-interface --reset-storage-interface --reset-vendor-interface --resource-class= --retired --retired-reason= --shard= --storage-interface= --target-raid-config= --vendor-interface=',
  'node show': '<node> --fields=+* --instance',
  'node trait add': '<node> <traits>+',
  'node trait list': '<node>',
  'node trait remove': '<node> <traits>* --all',
  'node undeploy': '<nodes>+ --wait=?',
  'node unhold': '<nodes>+',
  'node unrescue': '<nodes>+ --wait=?',
  'node unset':
    '<nodes>+ --automated-clean --bios-interface --boot-interface --chassis-uuid --conductor-group --console-interface --deploy-interface --description --driver-info=* --extra=* --firmware-interface --inspect-interface --instance-info=* --instance-name --instance-uuid --lessee --management-interface --name --network-data --network-interface --owner --parent-node --power-interface --property=* --protected --protected-reason --raid-interface --rescue-interface --resource-class --retired --retired-reason --shard --storage-interface --target-raid-config --vendor-interface',
  'node validate': '<node>',
  'node vif attach': '<node> <vif-id> --port-uuid= --portgroup-uuid= --vif-info=*',
  'node vif detach': '<node> <vif-id>',
  'node vif list': '<node>',
  'port create':
    '<address> --category= --description= --extra=* --is-smartnic --local-link-connection=* --name= --node= --physical-network= --port-group= --pxe-enabled= --uuid= --vendor=',
  'port delete': '<ports>+',
  'port group create':
    '--address= --category= --extra=* --mode= --name= --node= --physical-network= --property=* --support-standalone-ports --unsupport-standalone-ports --uuid=',
  'port group delete': '<portgroups>+',
  'port group list': '--address= --fields=+* --limit= --long --marker= --node= --shards=+ --sort=',
  'port group set':
    '<portgroup> --address= --category= --extra=* --mode= --name= --node= --physical-network= --property=* --support-standalone-ports --unsupport-standalone-ports',
  'port group show': '<portgroup> --address --fields=+*',
  'port group unset': '<portgroup> --address --category --extra=* --name --physical-network --property=*',
  'port list': '--address= --fields=+* --limit= --long --marker= --node= --port-group= --sort=',
  'port set':
    '<port> --address= --category= --description= --extra=* --is-smartnic --local-link-connection=* --name= --node= --physical-network= --port-group= --pxe-disabled --pxe-enabled --vendor=',
  'port show': '<port> --address --fields=+*',
  'port unset':
    '<port> --category --description --extra=* --is-smartnic --local-link-connection=* --name --physical-network --port-group --vendor',
  'runbook create': '--description= --disable-ramdisk --extra=* --name= --owner= --public=? --steps= --uuid=',
  'runbook delete': '<runbooks>+',
  'runbook list': '--fields=+* --limit= --long --marker= --sort=',
  'runbook set': '<runbook> --description= --disable-ramdisk=? --extra=* --name= --owner= --public=? --steps=',
  'runbook show': '<runbook> --fields=+*',
  'runbook trait add': '<runbook> <traits>+',
  'runbook trait list': '<runbook>',
  'runbook trait remove': '<runbook> <traits>* --all',
  'runbook unset': '<runbook> --description --disable-ramdisk --extra=* --name --owner --public',
  'shard list': '',
  'volume connector create': '--connector-id= --extra=* --node= --type= --uuid=',
  'volume connector delete': '<volume-connectors>+',
  'volume connector list': '--fields=+* --limit= --long --marker= --node= --sort=',
  'volume connector set': '<volume-connector> --connector-id= --extra=* --node= --type=',
  'volume connector show': '<volume-connector> --fields=+*',
  'volume connector unset': '<volume-connector> --extra=*',
  'volume target create': '--boot-index= --extra=* --node= --property=* --type= --uuid= --volume-id=',
  'volume target delete': '<volume-targets>+',
  'volume target list': '--fields=+* --limit= --long --marker= --node= --sort=',
  'volume target set': '<volume-target> --boot-index= --extra=* --node= --property=* --type= --volume-id=',
  'volume target show': '<volume-target> --fields=+*',
  'volume target unset': '<volume-target> --extra=* --property=*',
}

/** The options with which cliff prints lists, and one thing. */
export const PRINT = {
  list: '--format= --column=* --sort-column=* --sort-ascending --sort-descending --quote= --noindent --max-width= --fit-width --print-empty',
  one: '--format= --column=* --noindent --max-width= --fit-width --print-empty --prefix=',
} as const

/**
 * The columns of its lists, plain and with --long, as `field=Title`: releases up to 5.14 print the titles, later ones the fields.
 */
export const COLUMNS: Readonly<Record<string, { readonly plain: string; readonly long?: string }>> = {
  'allocation list': {
    plain: 'uuid=UUID, name=Name, resource_class=Resource Class, state=State, node_uuid=Node UUID',
    long: 'uuid=UUID, name=Name, state=State, owner=Owner, node_uuid=Node UUID, last_error=Last Error, resource_class=Resource Class, traits=Traits, candidate_nodes=Candidate Nodes, extra=Extra, created_at=Created At, updated_at=Updated At',
  },
  'chassis list': {
    plain: 'uuid=UUID, description=Description',
    long: 'uuid=UUID, description=Description, created_at=Created At, updated_at=Updated At, extra=Extra',
  },
  'conductor list': {
    plain: 'hostname=Hostname, conductor_group=Conductor Group, alive=Alive',
    long: 'hostname=Hostname, conductor_group=Conductor Group, alive=Alive, drivers=Drivers, created_at=Created At, updated_at=Updated At',
  },
  'deploy template list': {
    plain: 'uuid=UUID, name=Name',
    long: 'uuid=UUID, name=Name, steps=Steps, extra=Extra, created_at=Created At, updated_at=Updated At',
  },
  'driver list': {
    plain: 'name=Supported driver(s), hosts=Active host(s)',
    long: 'name=Supported driver(s), type=Type, hosts=Active host(s), default_bios_interface=Default BIOS Interface, default_boot_interface=Default Boot Interface, default_console_interface=Default Console Interface, default_deploy_interface=Default Deploy Interface, default_firmware_interface=Default Firmware Interface, default_inspect_interface=Default Inspect Interface, default_management_interface=Default Management Interface, default_network_interface=Default Network Interface, default_power_interface=Default Power Interface, default_raid_interface=Default RAID Interface, default_rescue_interface=Default Rescue Interface, default_storage_interface=Default Storage Interface, default_vendor_interface=Default Vendor Interface, enabled_bios_interfaces=Enabled BIOS Interfaces, enabled_boot_interfaces=Enabled Boot Interfaces, enabled_console_interfaces=Enabled Console Interfaces, enabled_deploy_interfaces=Enabled Deploy Interfaces, enabled_firmware_interfaces=Enabled Firmware Interfaces, enabled_inspect_interfaces=Enabled Inspect Interfaces, enabled_management_interfaces=Enabled Management Interfaces, enabled_network_interfaces=Enabled Network Interfaces, enabled_power_interfaces=Enabled Power Interfaces, enabled_raid_interfaces=Enabled RAID Interfaces, enabled_rescue_interfaces=Enabled Rescue Interfaces, enabled_storage_interfaces=Enabled Storage Interfaces, enabled_vendor_interfaces=Enabled Vendor Interfaces',
  },
  'driver passthru list': {
    plain: 'name=Name, http_methods=Supported HTTP methods, async=Async, description=Description, attach=Response is attachment',
  },
  'driver property list': { plain: 'property=Property, description=Description' },
  'driver raid property list': { plain: 'property=Property, description=Description' },
  'inspection rule list': {
    plain: 'uuid=UUID, description=Description',
    long: 'uuid=UUID, description=Description, priority=Priority, sensitive=Sensitive, phase=Phase, actions=Actions, conditions=Conditions, created_at=Created At, updated_at=Updated At',
  },
  'node bios setting list': {
    plain: 'name=BIOS setting name, value=BIOS setting value',
    long: 'name=Name, value=Value, attribute_type=Attribute Type, allowable_values=Allowable Values, lower_bound=Lower Bound, min_length=Minimum Length, max_length=Maximum Length, read_only=Read Only, reset_required=Reset Required, unique=Unique, upper_bound=Upper Bound',
  },
  'node firmware list': {
    plain:
      'component=Component, initial_version=Initial Version, current_version=Current Version, last_version_flashed=Last Version Flashed, created_at=Created At, updated_at=Updated At',
  },
  'node history list': {
    plain: 'uuid=UUID, created_at=Created At, severity=Severity, event=Description of the event',
    long: 'uuid=UUID, created_at=Created At, severity=Severity, event_type=Event Origin Type, event=Description of the event, conductor=Conductor, user=User, project=Project, state=State, target_provision_state=Target Provision State, duration_seconds=Duration (seconds)',
  },
  'node list': {
    plain:
      'uuid=UUID, name=Name, instance_uuid=Instance UUID, power_state=Power State, provision_state=Provisioning State, maintenance=Maintenance',
    long: 'allocation_uuid=Allocation UUID, automated_clean=Automated Clean, bios_interface=BIOS Interface, boot_interface=Boot Interface, boot_mode=Boot Mode, chassis_uuid=Chassis UUID, clean_step=Clean Step, conductor=Conductor, conductor_group=Conductor Group, console_enabled=Console Enabled, console_interface=Console Interface, created_at=Created At, raid_config=Current RAID configuration, deploy_interface=Deploy Interface, deploy_step=Deploy Step, description=Description, disable_power_off=Disable Power Off, driver=Driver, driver_info=Driver Info, driver_internal_info=Driver Internal Info, extra=Extra, fault=Fault, firmware_interface=Firmware Interface, health=Health, inspect_interface=Inspect Interface, inspection_finished_at=Inspection Finished At, inspection_started_at=Inspection Started At, instance_info=Instance Info, instance_name=Instance Name, instance_uuid=Instance UUID, last_error=Last Error, lessee=Lessee, maintenance=Maintenance, maintenance_reason=Maintenance Reason, management_interface=Management Interface, name=Name, network_data=Network Configuration, network_interface=Network Interface, owner=Owner, parent_node=Parent Node, power_interface=Power Interface, power_state=Power State, properties=Properties, protected=Protected, protected_reason=Protected Reason, provision_updated_at=Provision Updated At, provision_state=Provisioning State, raid_interface=RAID Interface, rescue_interface=Rescue Interface, reservation=Reservation, resource_class=Resource Class, retired=Retired, retired_reason=Retired Reason, secure_boot=Secure Boot, storage_interface=Storage Interface, target_power_state=Target Power State, target_provision_state=Target Provision State, target_raid_config=Target RAID configuration, traits=Traits, uuid=UUID, updated_at=Updated At, vendor_interface=Vendor Interface',
  },
  'node passthru list': {
    plain: 'name=Name, http_methods=Supported HTTP methods, async=Async, description=Description, attach=Response is attachment',
  },
  'node trait list': { plain: 'traits=Traits' },
  'node validate': { plain: 'interface=Interface, result=Result, reason=Reason' },
  'node vif list': { plain: 'id=ID' },
  'port group list': {
    plain: 'uuid=UUID, address=Address, name=Name',
    long: 'uuid=UUID, address=Address, created_at=Created At, extra=Extra, standalone_ports_supported=Standalone Ports Supported, node_uuid=Node UUID, name=Name, updated_at=Updated At, internal_info=Internal Info, mode=Mode, properties=Properties, physical_network=Physical Network, category=Category',
  },
  'port list': {
    plain: 'uuid=UUID, address=Address',
    long: 'uuid=UUID, address=Address, created_at=Created At, extra=Extra, node_uuid=Node UUID, category=Category, vendor=Vendor, local_link_connection=Local Link Connection, portgroup_uuid=Portgroup UUID, pxe_enabled=PXE boot enabled, physical_network=Physical Network, updated_at=Updated At, internal_info=Internal Info, is_smartnic=Is Smart NIC port, name=Name',
  },
  'runbook list': {
    plain: 'uuid=UUID, name=Name',
    long: 'uuid=UUID, name=Name, description=Description, traits=Traits, disable_ramdisk=Disable Ramdisk, owner=Owner, public=Public, steps=Steps, extra=Extra, created_at=Created At, updated_at=Updated At',
  },
  'runbook trait list': { plain: 'traits=Traits' },
  'shard list': { plain: 'name=Name, count=Count' },
  'volume connector list': {
    plain: 'uuid=UUID, node_uuid=Node UUID, type=Type, connector_id=Connector ID',
    long: 'uuid=UUID, node_uuid=Node UUID, type=Type, connector_id=Connector ID, extra=Extra, created_at=Created At, updated_at=Updated At',
  },
  'volume target list': {
    plain: 'uuid=UUID, node_uuid=Node UUID, volume_type=Driver Volume Type, boot_index=Boot Index, volume_id=Volume ID',
    long: 'uuid=UUID, node_uuid=Node UUID, volume_type=Driver Volume Type, properties=Properties, boot_index=Boot Index, extra=Extra, volume_id=Volume ID, created_at=Created At, updated_at=Updated At',
  },
}
