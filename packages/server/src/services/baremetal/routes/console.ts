import { getConsole, setConsole } from '@esi/api/baremetal/node-routes'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import { consoleAddress } from '../console/tokens.ts'
import { errors } from '../errors.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import { dropTokens } from '../store/consoles.ts'
import type { World } from '../world.ts'
import { act, look, mustBeFree, mustNotBeReleasing, statesLocation } from './act.ts'

/**
 * Serial consoles: switched on as an intent, and reached at an address of ours that is good for a while and for one session at a time.
 * The `fake` interface has one that shows nothing.
 */
export const consoleRoutes = (world: World, nodes: Engine): Route[] => [
  look(nodes, getConsole, async (row, context) => {
    if (!row['console_enabled']) return { status: 200, body: { console_enabled: false, console_info: null } }
    if (row['console_interface'] === 'fake') return { status: 200, body: { console_enabled: true, console_info: {} } }
    const url = await world.database.transaction(context, async tx => {
      const node = await nodes.locked(context, tx, String(row['uuid']))
      context.require('baremetal:node:get_console', targetOf(nodes.r, node))
      if (!node['console_enabled']) return undefined
      const [lease, lessee] = [node['lease'], node['lessee']] as (string | null)[]
      const holder = { user: context.who.user_id ?? null, project: context.project ?? null, lease: lease ?? null, lessee: lessee ?? null }
      const at = { uuid: String(node['uuid']), group: String(node['conductor_group']), driver: String(node['driver']) }
      return consoleAddress(world, tx, at, holder)
    })
    if (url === undefined) return { status: 200, body: { console_enabled: false, console_info: null } }
    return { status: 200, body: { console_enabled: true, console_info: { type: 'websocket', url } } }
  }),
  act(world, nodes, setConsole, async (node, tx, context, { params, body }) => {
    const uuid = String(node['uuid'])
    const named = node['console_interface'] as string | null
    const can = named === 'fake' || (named !== null && named !== 'no-console' && able(world, node['driver'] as string))
    if (body.enabled && !can) throw errors.unsupported(node['driver'] as string, 'console')
    if (body.enabled && node['maintenance']) throw errors.maintenance('enabling the console', uuid)
    mustBeFree(node)
    if (body.enabled) mustNotBeReleasing(node)
    // The event of it has every process cut the session that it carries.
    await change(tx, (await lockConducted(tx, uuid))!, { console_enabled: body.enabled })
    if (!body.enabled) await dropTokens(tx, uuid)
    return { status: 202, headers: statesLocation(context, params['node']!, 'states/console') }
  }),
]

const able = (world: World, driver: string): boolean => world.drivers.get(driver)?.can.includes('console') === true
