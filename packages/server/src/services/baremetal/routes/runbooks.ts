import * as spec from '@esi/api/baremetal/runbook'
import { trait as traitType } from '@esi/api/baremetal/types'
import type { RouteSpec } from '@esi/api/define'
import { Unfit } from '@esi/api/types'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Reply, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'
import { removeRunbookTrait, setRunbookTraits } from '../store/templates.ts'
import type { World } from '../world.ts'

/** Traits that a node needs, one of them at least, for a runbook to be done on it. */
export const runbookRoutes = (world: World, runbooks: Engine): Route[] => {
  const change = (
    route: RouteSpec,
    run: (tx: Tx, row: Item, params: Readonly<Record<string, string>>, body: any) => Promise<Reply>,
  ): Route =>
    runbooks.on(route, (found, context, { params, body, raw }) =>
      world.database.transaction(context, async tx => {
        const row = await runbooks.locked(context, tx, String(found['uuid']))
        context.require(route.policies![0]!, targetOf(runbooks.r, row))
        if (params['trait'] !== undefined && raw !== undefined && JSON.stringify(raw) !== '{}')
          throw errors.invalid('No body should be provided when adding a trait')
        const reply = await run(tx, row, params, body)
        tx.emit('baremetal', {
          type: 'baremetal.runbook.traits_set',
          object: { type: 'runbook', id: String(row['uuid']), name: row['name'] as string },
          projects: [row['owner']].filter(p => typeof p === 'string'),
          data: { before: row['traits'] },
        })
        return reply
      }),
    )

  return [
    ...runbooks.routes,
    runbooks.on(spec.listRunbookTraits, async row => ({ status: 200, body: { traits: row['traits'] } })),
    change(spec.setRunbookTraits, async (tx, row, _params, body) => {
      await setRunbookTraits(tx, String(row['uuid']), [...new Set<string>(body.traits)], true)
      return { status: 204 }
    }),
    change(spec.addRunbookTrait, async (tx, row, params) => {
      await setRunbookTraits(tx, String(row['uuid']), [named(params['trait']!)], false)
      return { status: 204 }
    }),
    change(spec.clearRunbookTraits, async (tx, row) => {
      await setRunbookTraits(tx, String(row['uuid']), [], true)
      return { status: 204 }
    }),
    // One that is not there is gone already.
    change(spec.removeRunbookTrait, async (tx, row, params) => {
      await removeRunbookTrait(tx, String(row['uuid']), params['trait']!)
      return { status: 204 }
    }),
  ]
}

const named = (text: string): string => {
  try {
    return traitType().parse(text)
  } catch (e) {
    if (e instanceof Unfit) throw errors.invalid(`"trait" ${e.message}.`)
    throw e
  }
}
