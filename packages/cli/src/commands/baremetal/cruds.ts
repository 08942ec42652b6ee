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

export const node: Crud = {
  resource: anyResource(nodeTable),
  client: nodes,
  names: { properties: 'property' },
  remark: ({ conductor, conductor_group: group, driver }) =>
    conductor === null
      ? `Nobody conducts this node: no live server serves ${groupName(String(group))} with the driver ${driver}. Nothing that is asked of it is done.`
      : undefined,
}
export const port: Crud = { resource: anyResource(portTable), client: ports, names: { node_uuid: 'node' } }
export const portgroup: Crud = {
  resource: anyResource(portgroupTable),
  client: portgroups,
  names: { node_uuid: 'node', properties: 'property' },
}
export const retired: Crud = { resource: anyResource(retiredNode), client: retiredNodes, names: { node_uuid: 'node' } }
export const chassis: Crud = { resource: anyResource(chassisTable), client: chassisOf }

const plain = (table: object, names: Crud['names'] = {}): Crud => ({
  resource: anyResource(table),
  client: baremetalClient(anyResource(table)),
  names,
})
export const allocation = plain(allocationTable, { traits: 'trait', candidate_nodes: 'candidate-node' })
export const deployTemplate = plain(deployTemplateTable)
export const runbook = plain(runbookTable)
export const inspectionRule = plain(inspectionRuleTable)
export const connector = plain(connectorTable, { node_uuid: 'node', connector_id: 'connector-id' })
export const target = plain(targetTable, { node_uuid: 'node', properties: 'property', volume_type: 'type' })
