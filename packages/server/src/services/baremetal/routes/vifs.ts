import { attachVif, detachNoVif, detachVif, listVifs } from '@esi/api/baremetal/node-routes'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { choose } from '../domain/vif.ts'
import { errors } from '../errors.ts'
import { setVif, socketsOf } from '../store/vifs.ts'
import type { World } from '../world.ts'
import { act, look, mustBeFree, mustNotBeReleasing, tell } from './act.ts'

/** Interfaces that take every attachment and attach nothing, as in the original. */
const NOTHING = ['noop', 'fake']

/**
 * Networks of a node's ports. The interfaces that attach something write down what is attached where; as there is no network service
 * yet they do so for machines only that exist nowhere, and for others say that there is none.
 */
export const vifRoutes = (world: World, nodes: Engine): Route[] => [
  look(nodes, listVifs, async row => ({
    status: 200,
    body: {
      vifs: (await socketsOf(world.database.db, String(row['uuid']))).filter(s => s.vif !== null).map(s => ({ id: s.vif })),
    },
  })),

  act(world, nodes, attachVif, async (node, tx, _context, { body }) => {
    if (body.port_uuid !== undefined && body.portgroup_uuid !== undefined)
      throw errors.invalid('Cannot specify both port_uuid and portgroup_uuid')
    if (body.id === '') throw errors.invalid('"id" must not be empty.')
    if (NOTHING.includes(node['network_interface'] as string)) return { status: 204 }
    needsNetwork(node)
    mustBeFree(node)
    mustNotBeReleasing(node)
    const uuid = String(node['uuid'])
    const sockets = await socketsOf(tx.db, uuid)
    const there = sockets.find(s => s.vif === body.id)
    if (there) throw errors.vifAttached(body.id, there.kind, there.uuid)
    const named = body.port_uuid ?? body.portgroup_uuid
    if (named !== undefined && !sockets.some(s => s.uuid === named))
      throw errors.invalid(`${body.port_uuid === undefined ? 'Portgroup' : 'Port'} ${named} is not one of node ${uuid}.`)
    const socket = choose(sockets, { port: body.port_uuid, portgroup: body.portgroup_uuid, networks: [] })
    if (!socket) throw errors.noFreePorts(body.id)
    await setVif(tx, socket, body.id)
    tell(tx, node, 'vif_attached', { vif: body.id, [socket.kind]: socket.uuid })
    return { status: 204 }
  }),

  look(nodes, detachNoVif, async () => {
    throw errors.invalid('Say which attachment is to be ended: DELETE …/vifs/{id}.')
  }),

  act(world, nodes, detachVif, async (node, tx, _context, { params }) => {
    if (NOTHING.includes(node['network_interface'] as string)) return { status: 204 }
    const uuid = String(node['uuid'])
    const vif = params['vif']!
    const socket = (await socketsOf(tx.db, uuid)).find(s => s.vif === vif)
    if (!socket) throw errors.vifNotAttached(vif, uuid)
    mustBeFree(node)
    await setVif(tx, socket, null)
    tell(tx, node, 'vif_detached', { vif, [socket.kind]: socket.uuid })
    return { status: 204 }
  }),
]

const needsNetwork = (node: Readonly<Item>): void => {
  if (node['driver'] !== 'fake-hardware') throw errors.unavailable(`network interface ${node['network_interface']}`)
}
