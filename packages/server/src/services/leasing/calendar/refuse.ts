import { Refused } from '@esi/api/dialect'
import { FOREVER, type Instant, naive, toMillis } from '@esi/api/time'
import type { Credentials } from '../../../kit/auth/caller.ts'
import type { Span } from '../domain/cut.ts'
import { otherOffers } from '../store/alternatives.ts'
import { freeIn, freeOn, takenUntil } from '../store/calendar/free.ts'
import { limitOf } from '../store/calendar/leave.ts'
import type { World } from '../world.ts'

/** Where time was asked for and was not to be had. */
export interface Asked {
  /** In the original's words: `Offer <uuid>`, `Lease <uuid>`, `ironic_node <uuid>`. */
  readonly what: string
  /** The deal whose calendar it is; undefined: the unit's own. */
  readonly deal: string | undefined
  readonly unit: number
  readonly type: string
  readonly class: string | null
  readonly start: Instant
  readonly end: Instant
}

const WINDOWS = 3

interface Words {
  readonly text: string
  readonly detail: Record<string, unknown>
}

/** Explanations that are being worked out, by what they explain to whom. */
const explaining = new WeakMap<World, Map<string, Promise<Words>>>()

/**
 * A refusal that names the rule, the time, and what is nearest to it and can be had. Others' bookings are only a time. Of rivals who
 * lose the same at the same moment all are told what the first one is told: a thousand losers do not ask a thousand times.
 */
export const refuseTaken = async (world: World, who: Credentials, asked: Asked): Promise<Refused> => {
  const under = explaining.get(world) ?? new Map<string, Promise<Words>>()
  explaining.set(world, under)
  const key = JSON.stringify([who.project_id, asked])
  let words = under.get(key)
  if (!words) {
    words = explain(world, who, asked).finally(() => under.delete(key))
    under.set(key, words)
  }
  const { text, detail } = await words
  return new Refused('conflict', text, { detail })
}

const explain = async (world: World, plain: Credentials, asked: Asked): Promise<Words> => {
  const { db } = world.kit.database
  const who = plain['lineage'] ? plain : { ...plain, lineage: await world.lineage(plain.project_id) }
  const { start, end, deal, unit } = asked
  const now = world.now()
  const { at: leaves } = await limitOf(db, unit)
  const gone = leaves !== null && end > leaves
  const taken = await takenUntil(db, deal === undefined ? { unit } : { deals: [deal] }, start, end)
  const free = deal === undefined ? await freeOn(db, unit, now) : ((await freeIn(db, [deal], now)).get(deal) ?? [])
  const near = nearest(free, start, end)
  const others = deal === undefined || end === FOREVER ? [] : await otherOffers(db, who, { uuid: deal, ...asked }, start, end)
  const text = [
    deal === undefined
      ? `Time conflict for ${asked.what} at given time range ${naive(start)}, ${naive(end)}.`
      : `${asked.what} has no availabilities at given time range ${naive(start)}, ${naive(end)}.`,
    ...(gone ? [`It leaves the pool at ${naive(leaves)}: nothing of it can be booked beyond that.`] : []),
    ...(taken ? [taken.until === FOREVER ? 'It is taken without end.' : `It is taken until ${naive(taken.until)}.`] : []),
    near.length > 0 ? `Free ${near.map(w => `from ${naive(w.from!)} to ${naive(w.to)}`).join('; ')}.` : 'Nothing of it is free.',
    ...(others.length > 0 ? [`Free at that time: ${others.map(o => `offer ${o.name ?? o.uuid} (${o.resource})`).join(', ')}.`] : []),
  ].join(' ')
  return {
    text,
    detail: {
      conflict: {
        rule: taken ? 'taken' : gone ? 'leaves' : 'outside',
        start_time: naive(start),
        end_time: naive(end),
        taken_until: taken ? naive(taken.until) : null,
        ...(gone ? { leaves_at: naive(leaves) } : {}),
      },
      alternatives: { availabilities: near.map(w => [naive(w.from!), naive(w.to)]), offers: others },
    },
  }
}

/** Windows that are long enough come first, then those that begin nearest to what was asked for; shown in the order of time. */
const nearest = (free: readonly Span[], start: Instant, end: Instant): Span[] => {
  const length = end === FOREVER ? Number.POSITIVE_INFINITY : toMillis(end) - toMillis(start)
  const enough = (w: Span) => (w.to === FOREVER || toMillis(w.to) - toMillis(w.from!) >= length ? 0 : 1)
  const distance = (w: Span) => (w.from! <= start && start < w.to ? 0 : Math.abs(toMillis(w.from!) - toMillis(start)))
  return [...free]
    .sort((a, b) => enough(a) - enough(b) || distance(a) - distance(b))
    .slice(0, WINDOWS)
    .sort((a, b) => (a.from! < b.from! ? -1 : 1))
}
