import { getConsole, setConsole } from '@esi/api/baremetal/node-routes'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { errors } from '../errors.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import type { World } from '../world.ts'
import { act, look, mustBeFree, mustNotBeReleasing, statesLocation } from './act.ts'

/** Consoles. Only the `fake` interface has one, which shows nothing; of the others a client is told that there is none. */
export const consoleRoutes = (world: World, nodes: Engine): Route[] => [
  look(nodes, getConsole, async row => ({
    status: 200,
    body: row['console_enabled'] ? { console_enabled: true, console_info: {} } : { console_enabled: false, console_info: null },
  })),
  act(world, nodes, setConsole, async (node, tx, context, { params, body }) => {
    if (body.enabled && node['console_interface'] !== 'fake') throw errors.unsupported(node['driver'] as string, 'console')
    if (body.enabled && node['maintenance']) throw errors.maintenance('enabling the console', String(node['uuid']))
    mustBeFree(node)
    if (body.enabled) mustNotBeReleasing(node)
    await change(tx, (await lockConducted(tx, String(node['uuid'])))!, { console_enabled: body.enabled })
    return { status: 202, headers: statesLocation(context, params['node']!, 'states/console') }
  }),
]
