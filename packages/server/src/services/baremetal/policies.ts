import type { PolicyDefault } from '../../kit/policy/types.ts'

/**
 * Who may do what: the Bare Metal service's secure defaults, with ESI's documented overrides, so that a plain member of a lessee's
 * project can use what it leased. A lessee never edits a node: `node:update` is the owner's.
 */

const OWNER = 'rule:is_node_owner'
const ALLOCATION_OWNER = 'project_id:%(allocation.owner)s'
const RUNBOOK_OWNER = 'project_id:%(runbook.owner)s'
const TENANT = '(rule:is_node_owner or rule:is_node_lessee)'

const admin = 'rule:system_admin'
const systemReader = 'rule:system_reader'
const systemMember = 'rule:system_member'
/** Whoever has the node, to read. */
const tenantReader = `rule:system_reader or (role:reader and ${TENANT}) or (role:service and ${OWNER})`
/** Whoever has the node, to use it. */
const tenantMember = `rule:system_member or (role:member and ${TENANT}) or (role:service and ${OWNER})`
const ownerReader = `rule:system_reader or (role:reader and ${OWNER}) or (role:service and ${OWNER})`
const ownerMember = `rule:system_member or (role:member and ${OWNER}) or (role:service and ${OWNER})`
const ownerManager = `rule:system_member or (role:manager and ${OWNER}) or (role:service and ${OWNER})`
const adminOrOwnerManager = `rule:system_admin or (role:manager and ${OWNER}) or (role:service and ${OWNER})`
const anyReader = 'role:reader or role:service or rule:system_reader'

const rule = (name: string, text: string, doc: string): PolicyDefault => ({ name, rule: text, doc })
const policy = (name: string, text: string, doc: string, ...operations: string[]): PolicyDefault => ({
  name: `baremetal:${name}`,
  rule: text,
  doc,
  operations,
})

const N = '/v1/nodes/{node}'
const patch = `PATCH ${N}`

export const policies: readonly PolicyDefault[] = [
  rule(
    'is_admin',
    'role:admin and (system_scope:all or (project_name:admin and project_domain_id:default))',
    'An administrator of the whole site: the role admin for the system, or in the project admin of the default domain',
  ),
  rule('service_role', 'role:service and project_name:service', 'Another service of the site'),
  rule('system_admin', 'rule:is_admin or (role:service and system_scope:all)', 'May do everything'),
  rule('system_member', 'rule:system_admin or (role:member and system_scope:all) or rule:service_role', 'Works for the whole site'),
  rule('system_reader', 'rule:system_member or (role:reader and system_scope:all)', 'Sees the whole site'),
  rule('is_node_owner', 'project_id:%(node.owner)s', 'The caller’s project owns the node'),
  rule('is_node_lessee', 'project_id:%(node.lessee)s', 'The caller’s project has the node for the time of a lease'),
  rule('show_password', '!', 'Sees the secrets of a node’s driver info. They are never shown, whatever this says'),
  rule('show_instance_secrets', '!', 'Sees the secrets of a node’s instance info'),

  policy('node:create', admin, 'Enroll a node for any owner', 'POST /v1/nodes'),
  policy(
    'node:create:self_owned_node',
    'rule:baremetal:node:create or role:admin or role:service',
    'Enroll a node that the caller’s own project owns',
    'POST /v1/nodes',
  ),
  policy('node:list', anyReader, 'List the nodes that the caller’s project owns or leases', 'GET /v1/nodes', 'GET /v1/nodes/detail'),
  policy('node:list_all', systemReader, 'List everybody’s nodes', 'GET /v1/nodes', 'GET /v1/nodes/detail'),
  policy('node:get', tenantReader, 'See a node', `GET ${N}`, `GET ${N}/children`),
  policy('node:get:last_error', ownerReader, 'See a node’s last error', `GET ${N}`, `GET ${N}/states`),
  policy('node:get:reservation', ownerReader, 'See which conductor holds a node', `GET ${N}`),
  policy('node:get:driver_internal_info', ownerReader, 'See what the driver keeps of a node', `GET ${N}`),
  policy('node:get:driver_info', ownerReader, 'See how a node’s BMC is reached', `GET ${N}`),
  policy('node:update', ownerMember, 'Change what has no rule of its own', patch),
  policy('node:update:driver_info', ownerMember, 'Change how a node’s BMC is reached', patch),
  policy('node:update:properties', ownerMember, 'Change what a node is said to have', patch),
  policy('node:update:chassis_uuid', admin, 'Put a node into a chassis', patch),
  policy('node:update:instance_uuid', ownerMember, 'Tie a node to an instance', patch),
  policy('node:update:lessee', ownerMember, 'Hand a node to another project, without a lease', patch),
  policy('node:update:owner', systemMember, 'Give a node to another owner', patch),
  policy('node:update:driver_interfaces', ownerManager, 'Change a node’s driver and its interfaces', patch),
  policy('node:update:network_data', ownerMember, 'Change a node’s static network data', patch),
  policy('node:update:conductor_group', systemMember, 'Move a node to other conductors', patch),
  policy('node:update:name', ownerMember, 'Rename a node', patch),
  policy('node:update:retired', ownerMember, 'Retire a node', patch),
  policy('node:update:shard', admin, 'Put a node into a shard', patch),
  policy('node:update:parent_node', systemMember, 'Make a node the child of another', patch),
  policy('node:update:disable_power_off', admin, 'Say that a node must never be switched off', patch),
  policy('node:update_extra', tenantMember, 'Change a node’s extra', patch),
  policy('node:update_instance_info', tenantMember, 'Change what is to be deployed on a node', patch),
  policy('node:update_owner_provisioned', admin, 'Give an active node to another owner', patch),
  policy('node:disable_cleaning', admin, 'Switch off automated cleaning of a node', patch),
  policy('node:delete', admin, 'Delete a node', `DELETE ${N}`),
  policy(
    'node:delete:self_owned_node',
    `rule:baremetal:node:delete or (role:admin and ${OWNER})`,
    'Delete a node of the caller’s own project',
    `DELETE ${N}`,
  ),
  policy('node:validate', tenantMember, 'Check whether a node can do what its interfaces promise', `GET ${N}/validate`),
  policy('node:set_maintenance', tenantMember, 'Put a node into maintenance', `PUT ${N}/maintenance`),
  policy('node:clear_maintenance', tenantMember, 'Take a node out of maintenance', `DELETE ${N}/maintenance`),
  policy('node:get:release', ownerReader, 'See how the last lease of a node ended, and what is proven of it', `GET ${N}/release`),
  policy('node:bmc_password', ownerMember, 'Change the password of a node’s BMC', `POST ${N}/bmc/password`, `GET ${N}/bmc/password`),
  policy(
    'node:transfer',
    `rule:system_admin or (role:member and ${OWNER})`,
    'Give a node to another project, for good',
    `POST ${N}/transfer`,
  ),
  policy('node:replace', ownerMember, 'Write down that parts of a node were replaced', `POST ${N}/replace`, `GET ${N}/replace`),
  policy('node:retire', ownerMember, 'Take a node out of the pool for good, or take that back', `POST ${N}/retire`, `DELETE ${N}/retire`),
  policy('node:release_unclean', admin, 'Say that a node may be used although it is not proven clean', `PUT ${N}/release`),
  policy(
    'node:get_boot_device',
    tenantMember,
    'Ask from what a node boots',
    `GET ${N}/management/boot_device`,
    `GET ${N}/management/boot_device/supported`,
  ),
  policy('node:set_boot_device', tenantMember, 'Say from what a node boots', `PUT ${N}/management/boot_device`),
  policy(
    'node:get_indicator_state',
    tenantReader,
    'See a node’s lights',
    `GET ${N}/management/indicators`,
    `GET ${N}/management/indicators/{indicator}`,
  ),
  policy('node:set_indicator_state', ownerMember, 'Switch a node’s lights', `PUT ${N}/management/indicators/{indicator}`),
  policy('node:inject_nmi', ownerManager, 'Interrupt a node', `PUT ${N}/management/inject_nmi`),
  policy('node:get_states', tenantReader, 'See a node’s states', `GET ${N}/states`),
  policy('node:set_power_state', tenantMember, 'Switch a node on and off', `PUT ${N}/states/power`),
  policy('node:set_boot_mode', tenantMember, 'Choose between UEFI and BIOS', `PUT ${N}/states/boot_mode`),
  policy('node:set_secure_boot', tenantMember, 'Switch secure boot', `PUT ${N}/states/secure_boot`),
  policy('node:set_provision_state', tenantMember, 'Have a node deployed, undeployed, cleaned …', `PUT ${N}/states/provision`),
  policy('node:set_provision_state:clean_steps', tenantMember, 'Have a node cleaned with steps of one’s own', `PUT ${N}/states/provision`),
  policy(
    'node:set_provision_state:service_steps',
    tenantMember,
    'Have a node serviced with steps of one’s own',
    `PUT ${N}/states/provision`,
  ),
  policy('node:set_raid_state', ownerMember, 'Say how a node’s disks are to be joined', `PUT ${N}/states/raid`),
  policy('node:get_console', tenantMember, 'Ask for a node’s console', `GET ${N}/states/console`),
  policy('node:set_console_state', tenantMember, 'Open and close a node’s console', `PUT ${N}/states/console`),
  policy('node:vif:list', tenantReader, 'See what a node’s ports are attached to', `GET ${N}/vifs`),
  policy('node:vif:attach', tenantMember, 'Attach a node’s port to a network', `POST ${N}/vifs`),
  policy('node:vif:detach', tenantMember, 'Detach a node’s port from its network', `DELETE ${N}/vifs/{vif}`),
  policy('node:traits:list', tenantReader, 'See a node’s traits', `GET ${N}/traits`),
  policy('node:traits:set', ownerManager, 'Set a node’s traits', `PUT ${N}/traits`, `PUT ${N}/traits/{trait}`),
  policy('node:traits:delete', ownerManager, 'Take traits from a node', `DELETE ${N}/traits`, `DELETE ${N}/traits/{trait}`),
  policy('node:bios:get', tenantReader, 'See a node’s BIOS settings', `GET ${N}/bios`, `GET ${N}/bios/{setting}`),
  policy('node:firmware:get', tenantReader, 'See a node’s firmware', `GET ${N}/firmware`),
  policy('node:history:get', ownerReader, 'See what happened to a node', `GET ${N}/history`, `GET ${N}/history/{event}`),
  policy('node:inventory:get', ownerReader, 'See what inspection found in a node', `GET ${N}/inventory`),
  policy('node:vmedia:attach', tenantMember, 'Insert virtual media', `POST ${N}/vmedia`),
  policy('node:vmedia:detach', tenantMember, 'Eject virtual media', `DELETE ${N}/vmedia`),
  policy('node:vmedia:get', tenantReader, 'See virtual media', `GET ${N}/vmedia`),
  policy('shards:get', systemReader, 'See how many nodes each shard has', 'GET /v1/shards'),

  policy('port:get', tenantReader, 'See a port', 'GET /v1/ports/{port}', `GET ${N}/ports`, `GET ${N}/ports/detail`),
  policy('port:list', anyReader, 'List the ports of nodes that the caller’s project has', 'GET /v1/ports', 'GET /v1/ports/detail'),
  policy('port:list_all', systemReader, 'List everybody’s ports', 'GET /v1/ports', 'GET /v1/ports/detail'),
  policy('port:create', adminOrOwnerManager, 'Add a port to a node', 'POST /v1/ports'),
  policy('port:update', tenantMember, 'Change a port', 'PATCH /v1/ports/{port}'),
  policy('port:delete', adminOrOwnerManager, 'Delete a port', 'DELETE /v1/ports/{port}'),
  policy(
    'portgroup:get',
    tenantReader,
    'See a port group',
    'GET /v1/portgroups/{portgroup}',
    `GET ${N}/portgroups`,
    `GET ${N}/portgroups/detail`,
  ),
  policy(
    'portgroup:list',
    anyReader,
    'List the port groups of nodes that the caller’s project has',
    'GET /v1/portgroups',
    'GET /v1/portgroups/detail',
  ),
  policy('portgroup:list_all', systemReader, 'List everybody’s port groups', 'GET /v1/portgroups', 'GET /v1/portgroups/detail'),
  policy('portgroup:create', adminOrOwnerManager, 'Add a port group to a node', 'POST /v1/portgroups'),
  policy('portgroup:update', ownerManager, 'Change a port group', 'PATCH /v1/portgroups/{portgroup}'),
  policy('portgroup:delete', adminOrOwnerManager, 'Delete a port group', 'DELETE /v1/portgroups/{portgroup}'),

  policy('chassis:get', systemReader, 'See chassis', 'GET /v1/chassis', 'GET /v1/chassis/detail', 'GET /v1/chassis/{chassis}'),
  policy('chassis:create', admin, 'Create a chassis', 'POST /v1/chassis'),
  policy('chassis:update', systemMember, 'Change a chassis', 'PATCH /v1/chassis/{chassis}'),
  policy('chassis:delete', admin, 'Delete a chassis', 'DELETE /v1/chassis/{chassis}'),
  policy('driver:get', systemReader, 'See drivers', 'GET /v1/drivers', 'GET /v1/drivers/{driver}'),
  policy('driver:get_properties', systemReader, 'See what a driver needs to know', 'GET /v1/drivers/{driver}/properties'),
  policy(
    'driver:get_raid_logical_disk_properties',
    systemReader,
    'See what can be said of a logical disk',
    'GET /v1/drivers/{driver}/raid/logical_disk_properties',
  ),
  policy(
    'node:vendor_passthru',
    admin,
    'Make a call that only a node’s vendor has',
    `GET ${N}/vendor_passthru/methods`,
    `* ${N}/vendor_passthru`,
  ),
  policy(
    'driver:vendor_passthru',
    admin,
    'Make a call that only a driver’s vendor has',
    'GET /v1/drivers/{driver}/vendor_passthru/methods',
    '* /v1/drivers/{driver}/vendor_passthru',
  ),
  policy('events:post', admin, 'Tell of what happened in the network', 'POST /v1/events'),
  policy(
    'volume:list',
    anyReader,
    'List the volumes and connectors of nodes that the caller’s project has',
    'GET /v1/volume/connectors',
    'GET /v1/volume/targets',
    'GET /v1/volume',
  ),
  policy('volume:list_all', systemReader, 'List everybody’s volumes and connectors', 'GET /v1/volume/connectors', 'GET /v1/volume/targets'),
  policy(
    'volume:get',
    tenantReader,
    'See a volume or a connector',
    'GET /v1/volume/connectors/{connector}',
    'GET /v1/volume/targets/{target}',
    `GET ${N}/volume`,
    `GET ${N}/volume/connectors`,
    `GET ${N}/volume/targets`,
  ),
  policy('volume:create', tenantMember, 'Tie a volume or a connector to a node', 'POST /v1/volume/connectors', 'POST /v1/volume/targets'),
  policy(
    'volume:update',
    tenantMember,
    'Change a volume or a connector',
    'PATCH /v1/volume/connectors/{connector}',
    'PATCH /v1/volume/targets/{target}',
  ),
  policy(
    'volume:delete',
    tenantMember,
    'Take a volume or a connector from a node',
    'DELETE /v1/volume/connectors/{connector}',
    'DELETE /v1/volume/targets/{target}',
  ),
  policy(
    'volume:view_target_properties',
    'rule:system_reader or role:admin',
    'See how a volume is reached; its secrets are never shown',
    'GET /v1/volume/targets',
    'GET /v1/volume/targets/{target}',
  ),

  policy('allocation:list', anyReader, 'List the allocations of the caller’s project', 'GET /v1/allocations'),
  policy('allocation:list_all', systemReader, 'List everybody’s allocations', 'GET /v1/allocations'),
  policy(
    'allocation:get',
    `rule:system_reader or (role:reader and ${ALLOCATION_OWNER})`,
    'See an allocation',
    'GET /v1/allocations/{allocation}',
    `GET ${N}/allocation`,
  ),
  policy(
    'allocation:create',
    'rule:system_member or role:member',
    'Allocate a node that the caller’s project owns or leases',
    'POST /v1/allocations',
  ),
  policy('allocation:create_restricted', systemMember, 'Allocate a node for any project, or for none', 'POST /v1/allocations'),
  policy(
    'allocation:update',
    `rule:system_member or (role:member and ${ALLOCATION_OWNER})`,
    'Change the name and extra of an allocation',
    'PATCH /v1/allocations/{allocation}',
  ),
  policy(
    'allocation:delete',
    `rule:system_member or (role:member and ${ALLOCATION_OWNER})`,
    'Delete an allocation',
    'DELETE /v1/allocations/{allocation}',
    `DELETE ${N}/allocation`,
  ),

  policy('deploy_template:get', systemReader, 'See deploy templates', 'GET /v1/deploy_templates', 'GET /v1/deploy_templates/{template}'),
  policy('deploy_template:create', admin, 'Create a deploy template', 'POST /v1/deploy_templates'),
  policy('deploy_template:update', admin, 'Change a deploy template', 'PATCH /v1/deploy_templates/{template}'),
  policy('deploy_template:delete', admin, 'Delete a deploy template', 'DELETE /v1/deploy_templates/{template}'),
  policy('runbook:list', anyReader, 'List the caller’s project’s runbooks and public ones', 'GET /v1/runbooks'),
  policy('runbook:list_all', systemReader, 'List everybody’s runbooks', 'GET /v1/runbooks'),
  policy(
    'runbook:get',
    `rule:system_reader or (role:reader and (${RUNBOOK_OWNER} or True:%(runbook.public)s))`,
    'See a runbook',
    'GET /v1/runbooks/{runbook}',
    'GET /v1/runbooks/{runbook}/traits',
  ),
  policy('runbook:create', 'rule:system_member or role:manager', 'Create a runbook', 'POST /v1/runbooks'),
  policy(
    'runbook:update',
    `rule:system_member or (role:manager and ${RUNBOOK_OWNER})`,
    'Change a runbook and its traits',
    'PATCH /v1/runbooks/{runbook}',
    'PUT /v1/runbooks/{runbook}/traits',
  ),
  policy('runbook:update:public', systemMember, 'Make a runbook everybody’s', 'PATCH /v1/runbooks/{runbook}'),
  policy('runbook:update:owner', systemMember, 'Give a runbook to another owner', 'PATCH /v1/runbooks/{runbook}'),
  policy(
    'runbook:delete',
    `rule:system_member or (role:manager and ${RUNBOOK_OWNER})`,
    'Delete a runbook',
    'DELETE /v1/runbooks/{runbook}',
  ),
  policy(
    'runbook:use',
    `rule:system_member or (role:manager and ${RUNBOOK_OWNER})`,
    'Have a runbook done on a node',
    `PUT ${N}/states/provision`,
  ),
  policy('inspection_rule:get', systemReader, 'See inspection rules', 'GET /v1/inspection_rules', 'GET /v1/inspection_rules/{rule}'),
  policy('inspection_rule:create', admin, 'Create an inspection rule', 'POST /v1/inspection_rules'),
  policy('inspection_rule:update', admin, 'Change an inspection rule', 'PATCH /v1/inspection_rules/{rule}'),
  policy('inspection_rule:delete', admin, 'Delete an inspection rule', 'DELETE /v1/inspection_rules/{rule}'),
  policy('retired_node:list', anyReader, 'List the last records of nodes that the caller’s project owned', 'GET /v1/retired_nodes'),
  policy('retired_node:list_all', systemReader, 'List the last records of everybody’s nodes', 'GET /v1/retired_nodes'),
  policy(
    'retired_node:get',
    'rule:system_reader or (role:reader and project_id:%(retired_node.owner)s)',
    'See the last record of a node',
    'GET /v1/retired_nodes/{retired_node}',
  ),
  policy(
    'conductor:get',
    systemReader,
    'See conductors',
    'GET /v1/conductors',
    'GET /v1/conductors/{conductor}',
    'GET /v1/conductor_groups',
  ),

  policy(
    'discovery',
    admin,
    'Find machines by the addresses of their BMCs, and enroll them',
    'POST /v1/discoveries',
    'GET /v1/discoveries/{discovery}',
    'DELETE /v1/discoveries/{discovery}',
    'POST /v1/discoveries/{discovery}/enrol',
  ),
]
