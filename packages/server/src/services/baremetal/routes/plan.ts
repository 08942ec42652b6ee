import type { Plan } from '@esi/api/baremetal/day2'
import type { RouteSpec } from '@esi/api/define'
import { Replayed } from '../../../kit/db/transaction.ts'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import type { World } from '../world.ts'
import { type Action, act } from './act.ts'

/** As `act`, for what is asked for by a POST: the same request again changes nothing, and is told so. */
export const actOnce = <const S extends RouteSpec>(world: World, nodes: Engine, spec: S, run: Action<S>): Route => {
  const route = act(world, nodes, spec, async (node, tx, context, input) => {
    await tx.once(String(node['uuid']))
    return run(node, tx, context, input)
  })
  return {
    ...route,
    handle: async (context, input) => {
      try {
        return await route.handle(context, input)
      } catch (e) {
        if (!(e instanceof Replayed)) throw e
        const node = await nodes.read(world.database.db, e.object)
        return {
          status: spec.status,
          body: planOf(node ?? { uuid: e.object, name: null }, ['nothing: this very request was carried out before'], {}),
        }
      }
    },
  }
}

/** What is done with a node, and how its owner and its lessee notice. */
export const planOf = (
  node: Readonly<Item>,
  does: readonly string[],
  how: { readonly owner?: string; readonly lessee?: string },
  more: Plan['affects'] = [],
): Plan => {
  const { owner, lessee } = node as { owner: string | null; lessee: string | null }
  return {
    node: { uuid: String(node['uuid']), name: node['name'] as string | null },
    does,
    affects: [
      ...(owner !== null && how.owner !== undefined ? [{ project: owner, as: 'owner', how: how.owner }] : []),
      ...(lessee !== null && how.lessee !== undefined ? [{ project: lessee, as: 'lessee', how: how.lessee }] : []),
      ...more,
    ],
  }
}
