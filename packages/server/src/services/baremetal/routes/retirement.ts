import { retireNode, unretireNode } from '@esi/api/baremetal/retired-node'
import { FOREVER } from '@esi/api/time'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import { bookedUntil, letLeave } from '../booked.ts'
import { cleans, hindered } from '../domain/retiring.ts'
import { bookedWords } from '../domain/tenancy.ts'
import { errors } from '../errors.ts'
import { leave } from '../leave.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import { changeRetirement, dropRetirement, planRetirement, retirementOf } from '../store/retirement.ts'
import type { World } from '../world.ts'
import { act, mustBeFree, tell } from './act.ts'
import { actOnce, planOf } from './plan.ts'

/** Nodes that leave the pool. A request plans it and, where it is for now, begins it; the rest is its conductor's. */
export const retirementRoutes = (world: World, nodes: Engine): Route[] => [
  actOnce(world, nodes, retireNode, async (node, tx, context, { body }) => {
    mustBeFree(node)
    const uuid = String(node['uuid'])
    const remove = body.delete === true
    if (remove) context.require('baremetal:node:delete:self_owned_node', targetOf(nodes.r, node))
    const now = (await lockConducted(tx, uuid))!
    const before = await retirementOf(tx.db, uuid)
    // What could not be cleaned is tried again.
    if (before && before.state !== 'planned' && before.state !== 'not clean') {
      if (!remove || before.remove) throw errors.conflict(`Node ${uuid} is retired already (${before.state}).`)
      await changeRetirement(tx, before.uuid, { remove })
      tx.wake('retirement', uuid)
      return { status: 202, body: planOf(node, ['deletes it once it is proven clean; its record stays'], { owner: 'has it no more' }) }
    }
    const asOf = body.as_of ?? tx.at
    const later = asOf > tx.at
    const leaving = await letLeave(world, uuid, later ? asOf : tx.at, context.dryRun === true)
    const until = leaving?.until ?? (await bookedUntil(world, now))
    if (until !== undefined && until > asOf)
      throw errors.conflict(
        `Node ${uuid} cannot be retired ${later ? `as of ${asOf.slice(0, 19)}Z` : 'now'}: ${bookedWords(until)}${until >= FOREVER ? '' : ` Or have it retired from then on: --as-of ${until.slice(0, 19)}Z.`}`,
      )
    const why = later ? undefined : hindered(now)
    if (why !== undefined) throw errors.conflict(`Node ${uuid} cannot be retired now: ${why}.`)
    const row = await planRetirement(tx, now, { reason: body.reason ?? null, as_of: asOf, remove })
    if (later) {
      tell(tx, { ...node, lessee: null }, 'retirement_planned', { as_of: asOf, reason: row.reason })
      tx.wake('retirement', uuid, asOf)
    } else await leave(tx, now, row)
    const offers = leaving?.offers ?? []
    const does = [
      ...(later ? [`lets nobody book it beyond ${asOf.slice(0, 19)}Z`] : []),
      ...offers.map(
        ({ uuid: id, name, whole }) => `${later && !whole ? 'ends then' : 'ends'}: offer ${name === null ? id : `${name} (${id})`}`,
      ),
      later
        ? `takes it out of the pool at ${asOf.slice(0, 19)}Z, or as soon after as nothing is booked`
        : 'takes it out of the pool now: nobody can lease it',
      cleans(now) ? 'cleans it, and proves that' : 'cleans nothing, because its BMC was never verified',
      'keeps a last record of it, which stays',
      ...(remove ? ['deletes it once it is proven clean'] : ['leaves it to you in state "manageable"; it can be taken back with --undo']),
    ]
    return {
      status: 202,
      body: planOf(node, does, { owner: later ? 'its offers of it end then, and those that begin later at once' : 'its offers of it end' }),
    }
  }),

  act(world, nodes, unretireNode, async (node, tx, context) => {
    mustBeFree(node)
    const uuid = String(node['uuid'])
    const now = (await lockConducted(tx, uuid))!
    const was = await dropRetirement(tx, uuid)
    if (!was && !now.retired) throw errors.conflict(`Node ${uuid} is not retired.`)
    if (now.retired) await change(tx, now, { retired: false, retired_reason: null })
    if (!context.dryRun) await world.others.bookings?.().stay?.(uuid)
    tell(tx, node, 'retirement_undone', {})
    await writeHistory(tx, uuid, { severity: 'INFO', type: 'retirement', event: 'It is not retired any more.' })
    tx.wake('node', uuid)
    return { status: 204 }
  }),
]
