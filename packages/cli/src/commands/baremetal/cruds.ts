import { chassis as chassisTable } from '@esi/api/baremetal/chassis'
import { node as nodeTable } from '@esi/api/baremetal/node'
import { port as portTable } from '@esi/api/baremetal/port'
import { portgroup as portgroupTable } from '@esi/api/baremetal/portgroup'
import { retiredNode } from '@esi/api/baremetal/retired-node'
import type { Crud } from '../../crud.ts'
import { anyResource } from '../../entries/entry.ts'
import { chassisOf, nodes, portgroups, ports, retiredNodes } from '../../services.ts'
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
