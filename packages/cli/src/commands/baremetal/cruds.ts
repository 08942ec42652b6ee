import { allocation as allocationTable } from '@esi/api/baremetal/allocation'
import { chassis as chassisTable } from '@esi/api/baremetal/chassis'
import { deployTemplate as deployTemplateTable } from '@esi/api/baremetal/deploy-template'
import { inspectionRule as inspectionRuleTable } from '@esi/api/baremetal/inspection-rule'
import { node as nodeTable } from '@esi/api/baremetal/node'
import { port as portTable } from '@esi/api/baremetal/port'
import { portgroup as portgroupTable } from '@esi/api/baremetal/portgroup'
import { retiredNode } from '@esi/api/baremetal/retired-node'
import { runbook as runbookTable } from '@esi/api/baremetal/runbook'
import { connector as connectorTable, target as targetTable } from '@esi/api/baremetal/volume'
import type { Crud } from '../../crud.ts'
import { anyResource } from '../../entries/entry.ts'
import { toNode, toPortgroup, toProject } from '../../refers.ts'
import { baremetalClient, chassisOf, nodes, portgroups, ports, retiredNodes } from '../../services.ts'
import { groupName } from '../doctor/conductors.ts'

/** Titles of the original's client that are not made of the field's name. */
const titles = {
  provision_state: 'Provisioning State',
  network_data: 'Network Configuration',
  raid_config: 'Current RAID configuration',
  target_raid_config: 'Target RAID configuration',
  bios_interface: 'BIOS Interface',
  raid_interface: 'RAID Interface',
  volume_type: 'Driver Volume Type',
  pxe_enabled: 'PXE boot enabled',
  is_smartnic: 'Is Smart NIC port',
}

/** Fields in the order of the original's client; what it does not have comes after them. */
const words = (text: string): readonly string[] => text.split(' ')

const projects = { owner: toProject, lessee: toProject }

type More = Omit<Crud, 'resource' | 'client'>

/** In the words of the original's client: fields of yes and no are switches, the filters are options, `--long` shows all. */
const crud = (table: object, client: Crud['client'], more: More = {}): Crud => {
  const resource = anyResource(table)
  const yesNo = Object.entries(resource.fields).filter(([, field]) => field.type.name === 'boolean')
  const no = Object.fromEntries(yesNo.map(([name]) => [name, `no-${more.names?.[name] ?? name.replaceAll('_', '-')}`]))
  return { resource, client, titles, everything: true, filters: {}, ...more, no: { ...no, ...more.no } }
}

export const node = crud(nodeTable, nodes, {
  names: { properties: 'property' },
  refers: projects,
  no: { disable_power_off: 'enable-power-off' },
  texts: ['driver_info'],
  whole: ['network_data'],
  shown: {
    long: words(
      'allocation_uuid automated_clean bios_interface boot_interface boot_mode chassis_uuid clean_step conductor conductor_group console_enabled console_interface created_at raid_config deploy_interface deploy_step description disable_power_off driver driver_info driver_internal_info extra fault firmware_interface health inspect_interface inspection_finished_at inspection_started_at instance_info instance_name instance_uuid last_error lessee maintenance maintenance_reason management_interface name network_data network_interface owner parent_node power_interface power_state properties protected protected_reason provision_updated_at provision_state raid_interface rescue_interface reservation resource_class retired retired_reason secure_boot storage_interface target_power_state target_provision_state target_raid_config traits uuid updated_at vendor_interface',
    ),
  },
  filters: {
    chassis_uuid: 'chassis',
    '!associated': 'unassociated',
    shard: 'shards',
    '!sharded': 'unsharded',
    '!include_children': 'no-include-children',
  },
  by: { instance: 'instance_uuid' },
  several: true,
  remark: ({ conductor, conductor_group: group, driver }) =>
    conductor === null
      ? `Nobody conducts this node: no live server serves ${groupName(String(group))} with the driver ${driver}. Nothing that is asked of it is done.`
      : undefined,
})
export const port = crud(portTable, ports, {
  names: { node_uuid: 'node', portgroup_uuid: 'port-group' },
  refers: { node_uuid: toNode, portgroup_uuid: toPortgroup },
  no: { pxe_enabled: 'pxe-disabled' },
  filters: { portgroup: 'port-group', node_uuid: 'node-uuid', shard: 'shards' },
  shown: {
    long: words(
      'uuid address created_at extra node_uuid category vendor local_link_connection portgroup_uuid pxe_enabled physical_network updated_at internal_info is_smartnic name',
    ),
  },
  args: ['address'],
  by: { address: 'address' },
})
export const portgroup = crud(portgroupTable, portgroups, {
  names: { node_uuid: 'node', properties: 'property', standalone_ports_supported: 'support-standalone-ports' },
  refers: { node_uuid: toNode },
  no: { standalone_ports_supported: 'unsupport-standalone-ports' },
  filters: { shard: 'shards' },
  shown: {
    long: words(
      'uuid address created_at extra standalone_ports_supported node_uuid name updated_at internal_info mode properties physical_network category',
    ),
  },
  by: { address: 'address' },
})
export const retired: Crud = { resource: anyResource(retiredNode), client: retiredNodes, names: { node_uuid: 'node' } }
export const chassis = crud(chassisTable, chassisOf, { shown: { long: words('uuid description created_at updated_at extra') } })

const plain = (table: object, more: More = {}): Crud => crud(table, baremetalClient(anyResource(table)), more)
export const allocation = plain(allocationTable, {
  refers: projects,
  names: { traits: 'trait', candidate_nodes: 'candidate-node' },
  shown: {
    long: words('uuid name state owner node_uuid last_error resource_class traits candidate_nodes extra created_at updated_at'),
  },
  creates: { node: 'this node has a system that was not deployed by us; the allocation is made for it' },
  settled: ({ state }) => state === 'active' || state === 'error',
})
export const deployTemplate = plain(deployTemplateTable, {
  shown: { long: words('uuid name steps extra created_at updated_at') },
  args: ['name'],
})
export const runbook = plain(runbookTable, {
  refers: projects,
  shown: { long: words('uuid name description traits disable_ramdisk owner public steps extra created_at updated_at') },
})
export const inspectionRule = plain(inspectionRuleTable, {
  shown: {
    list: ['uuid', 'description'],
    long: words('uuid description priority sensitive phase actions conditions created_at updated_at'),
  },
})
export const connector = plain(connectorTable, {
  refers: { node_uuid: toNode },
  names: { node_uuid: 'node' },
})
export const target = plain(targetTable, {
  refers: { node_uuid: toNode },
  shown: { long: words('uuid node_uuid volume_type properties boot_index extra volume_id created_at updated_at') },
  names: { node_uuid: 'node', properties: 'property', volume_type: 'type' },
})
