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
  no: { disable_power_off: 'enable-power-off' },
  whole: ['network_data'],
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
  no: { pxe_enabled: 'pxe-disabled' },
  filters: { portgroup: 'port-group', node_uuid: 'node-uuid', shard: 'shards' },
  first: 'address',
  by: { address: 'address' },
})
export const portgroup = crud(portgroupTable, portgroups, {
  names: { node_uuid: 'node', properties: 'property', standalone_ports_supported: 'support-standalone-ports' },
  no: { standalone_ports_supported: 'unsupport-standalone-ports' },
  filters: { shard: 'shards' },
  by: { address: 'address' },
})
export const retired: Crud = { resource: anyResource(retiredNode), client: retiredNodes, names: { node_uuid: 'node' } }
export const chassis = crud(chassisTable, chassisOf)

const plain = (table: object, more: More = {}): Crud => crud(table, baremetalClient(anyResource(table)), more)
export const allocation = plain(allocationTable, {
  names: { traits: 'trait', candidate_nodes: 'candidate-node' },
  settled: ({ state }) => state === 'active' || state === 'error',
})
export const deployTemplate = plain(deployTemplateTable, { first: 'name' })
export const runbook = plain(runbookTable)
export const inspectionRule = plain(inspectionRuleTable)
export const connector = plain(connectorTable, { names: { node_uuid: 'node' } })
export const target = plain(targetTable, { names: { node_uuid: 'node', properties: 'property', volume_type: 'type' } })
