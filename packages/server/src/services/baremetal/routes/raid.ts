import { setRaid } from '@esi/api/baremetal/node-routes'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { atWork } from '../domain/provision.ts'
import { badRaid } from '../domain/raid.ts'
import { errors } from '../errors.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import type { World } from '../world.ts'
import { act, mustRest, tell } from './act.ts'

/** How a node's disks are to be joined: checked and kept, for the steps that do it. */
export const raidRoutes = (world: World, nodes: Engine): Route[] => [
  act(world, nodes, setRaid, async (node, tx, _context, { raw }) => {
    const uuid = node['uuid'] as string
    if (node['raid_interface'] === 'no-raid') throw errors.unsupported(node['driver'] as string, 'raid')
    const config = (raw ?? {}) as Record<string, unknown>
    const why = Object.keys(config).length === 0 ? undefined : badRaid(config)
    if (why !== undefined) throw errors.invalid(`RAID config validation error: ${why}`)
    // A step that is joining them must not find another wish in its midst.
    await mustRest(tx, node, atWork)
    await change(tx, (await lockConducted(tx, uuid))!, { target_raid_config: config })
    tell(tx, node, 'raid_asked', { target_raid_config: config })
    return { status: 204 }
  }),
]
