import { getStates, setBootMode, setPower, setSecureBoot } from '@esi/api/baremetal/node-routes'
import { isPowerTarget, moving, power } from '@esi/api/baremetal/states'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'
import { writeIntent } from '../store/intent.ts'
import type { World } from '../world.ts'
import { act, mustBeFree, mustBeServed, mustNotBeReleasing, mustRest, statesLocation, tell } from './act.ts'

const SHOWN = [
  'console_enabled',
  'last_error',
  'power_state',
  'provision_state',
  'target_power_state',
  'target_provision_state',
  'provision_updated_at',
]

/** What a node is doing, and what it is asked to do: switched, booted otherwise. A request writes the wish; a conductor sees to it. */
export const stateRoutes = (world: World, nodes: Engine): Route[] => [
  nodes.on(getStates, async (row, context) => {
    const fields = [
      ...SHOWN,
      ...(context.version >= 12 ? ['raid_config', 'target_raid_config'] : []),
      ...(context.version >= 75 ? ['boot_mode', 'secure_boot'] : []),
    ]
    return { status: 200, body: nodes.present(context, [row], fields)[0] }
  }),

  act(world, nodes, setPower, async (node, tx, context, { params, body }) => {
    const uuid = node['uuid'] as string
    const { target, timeout } = body
    const known = isPowerTarget(target) ? power[target] : undefined
    if (known && known.since > context.version) throw errors.notAcceptable()
    if (timeout !== undefined && timeout !== null && timeout < 1) throw errors.invalid('timeout has to be positive integer')
    if (!known) throw errors.stateRequested(target, params['node']!, node['power_state'] as string | null)
    if (['cleaning', 'clean wait'].includes(node['provision_state'] as string))
      throw errors.stateRequested(target, params['node']!, node['provision_state'] as string)
    if (known.leads === 'power off' && node['disable_power_off']) throw errors.powerFailure(target)
    // Here what waits goes on at once as well; only what is held stays.
    await mustRest(tx, node, moving)
    mustNotBeReleasing(node)
    await mustBeServed(tx, node)
    await writeIntent(
      tx,
      uuid,
      { power: { action: known.driver, timeout: timeout ?? null } },
      { target_power_state: known.leads, last_error: null },
    )
    tell(tx, node, 'power_asked', { target })
    tx.wake('node', uuid)
    return { status: 202, headers: statesLocation(context, params['node']!) }
  }),

  act(world, nodes, setBootMode, async (node, tx, context, { params, body }) => {
    if (!['uefi', 'bios'].includes(body.target))
      throw errors.invalid(`Invalid boot mode ${body.target.slice(0, 60)} requested for node. Allowed boot modes are: bios, uefi`)
    settled(node)
    await mustBeServed(tx, node)
    return change(world, node, 'boot mode', async () => {
      await writeIntent(tx, node['uuid'] as string, { boot_mode: { to: body.target } }, { last_error: null })
      tell(tx, node, 'boot_mode_asked', { target: body.target })
      tx.wake('node', node['uuid'] as string)
      return { status: 202, headers: statesLocation(context, params['node']!) }
    })
  }),

  act(world, nodes, setSecureBoot, async (node, tx, context, { params, body }) => {
    settled(node)
    await mustBeServed(tx, node)
    return change(world, node, 'secure boot', async () => {
      await writeIntent(tx, node['uuid'] as string, { secure_boot: { to: body.target } }, { last_error: null })
      tell(tx, node, 'secure_boot_asked', { target: body.target })
      tx.wake('node', node['uuid'] as string)
      return { status: 202, headers: statesLocation(context, params['node']!) }
    })
  }),
]

const settled = (node: Readonly<Item>): void => {
  const state = node['provision_state'] as string
  if (moving.has(state))
    throw errors.conflict(
      `Node is in ${state} state. Since node is transitioning, the boot mode will not be set as this may interfere with ongoing changes and result in erroneous modification. Try again later.`,
    )
  mustBeFree(node)
  mustNotBeReleasing(node)
}

const change = async <T>(world: World, node: Readonly<Item>, what: 'boot mode' | 'secure boot', run: () => Promise<T>): Promise<T> => {
  const driver = world.drivers.get(node['driver'] as string)
  if (!driver?.can.includes(what)) throw errors.unsupported(node['driver'] as string, what.replace(' ', '_'))
  return run()
}
