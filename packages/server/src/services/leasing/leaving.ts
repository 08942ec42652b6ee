import { type Instant, later, plus } from '@esi/api/time'
import type { Tx } from '../../kit/db/transaction.ts'
import { closeOffer } from './ending.ts'
import { cutOffer, limitUnit, mayStay, type OfferBeyond, offersBeyond, tryLimit } from './store/calendar/leave.ts'
import { lockTree } from './store/calendar/lock.ts'
import { readOffer } from './store/offers.ts'
import { knowUnit, type Unit, unitsOfThing } from './store/resources.ts'
import { tellOffer } from './telling.ts'
import type { World } from './world.ts'

/** Milliseconds after which a thing that was to leave, and of which its keeper says nothing of the kind, is everybody's again. */
export const UNHEARD = 120_000

/** What a thing's leaving comes to. */
export interface Leaving {
  /** It is leased until then, which is beyond the moment that was asked for: so nothing was changed. FOREVER: without end. */
  readonly until: Instant | undefined
  /** What is offered of it beyond that: it ends then, or at once where all of it is later. */
  readonly offers: readonly OfferBeyond[]
}

/**
 * Lets a thing's calendar end, before whoever has the thing writes down that it leaves: from here on no replica books anything beyond.
 * Offers are cut or ended once that is written; if it never is, the calendar is as it was. `tried` changes nothing.
 */
export const leave = async (world: World, ident: string, at: Instant, tried: boolean): Promise<Leaving> => {
  const { database } = world.kit
  const now = world.now()
  const moment = later(at, now)
  if (tried) {
    const all = await Promise.all((await nodesUnits(database.db, ident)).map(unit => tryLimit(database.db, unit.id, moment)))
    return { until: all.map(each => each.until).reduce(latest, undefined), offers: all.flatMap(each => each.offers) }
  }
  const found = await world.needs.things?.find(ident)
  return database.transaction({ at: now, by: { conductor: 'leaving' } }, async tx => {
    // Also of a thing that nobody has booked yet: the first one may be on its way.
    const units: readonly Unit[] = found ? [await knowUnit(tx, 'ironic_node', found)] : await nodesUnits(tx.db, ident)
    const offers: OfferBeyond[] = []
    let until: Instant | undefined
    for (const { id } of units) {
      offers.push(...(await offersBeyond(tx.db, id, moment)))
      until = latest(until, await limitUnit(tx, id, moment))
    }
    // Should it never be written down there.
    tx.wake('resource', ident, plus(now, UNHEARD))
    return { until, offers }
  })
}

/** Whoever has the thing is about to take its leaving back: it is looked at as soon as that is written down. */
export const stay = ({ kit }: World, ident: string): Promise<void> =>
  kit.database.transaction({ at: kit.clock.now(), by: { conductor: 'leaving' } }, tx => mayStay(tx, ident))

/** Things of other kinds may have the same identifier. */
const nodesUnits = async (db: Tx['db'], ident: string): Promise<Unit[]> =>
  (await unitsOfThing(db, ident)).filter(({ type }) => type === 'ironic_node')

const latest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a

/** Offers of a thing that leaves at a moment end then, or at once where they begin no earlier. */
export const endOffersThen = async (tx: Tx, unit: Unit, at: Instant): Promise<void> => {
  for (const { uuid, whole } of await offersBeyond(tx.db, unit.id, at)) {
    await lockTree(tx.db, uuid)
    const offer = await readOffer(tx.db, uuid)
    if (!offer || (offer.status !== 'available' && offer.status !== 'error')) continue
    if (whole) await closeOffer(tx, uuid, 'deleted', { reason: 'it is to be retired by then' })
    else {
      await cutOffer(tx, uuid, at, unit.turnAround)
      tellOffer(tx, 'updated', offer, {
        fields: ['end_time'],
        before: { end_time: offer.end },
        after: { end_time: at },
        reason: 'it is to be retired then',
      })
      tx.wake('offer', uuid, at)
    }
  }
}
