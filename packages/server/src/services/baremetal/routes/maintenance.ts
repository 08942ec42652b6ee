import { clearMaintenance, setMaintenance } from '@esi/api/baremetal/node-routes'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { writeMaintenance } from '../store/intent.ts'
import type { World } from '../world.ts'
import { act, mustBeFree, tell } from './act.ts'

export const maintenanceRoutes = (world: World, nodes: Engine): Route[] => [
  act(world, nodes, setMaintenance, async (node, tx, _context, { body }) => {
    mustBeFree(node)
    const uuid = node['uuid'] as string
    await writeMaintenance(tx, uuid, true, body.reason ?? null)
    tell(tx, node, 'maintenance_set', { maintenance: true, reason: body.reason ?? null })
    tx.wake('node', uuid)
    return { status: 202 }
  }),
  act(world, nodes, clearMaintenance, async (node, tx) => {
    mustBeFree(node)
    const uuid = node['uuid'] as string
    await writeMaintenance(tx, uuid, false, null)
    tell(tx, node, 'maintenance_set', { maintenance: false })
    tx.wake('node', uuid)
    return { status: 202 }
  }),
]
