import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../../kit/db/transaction.ts'
import { lockBookings } from './lock.ts'

/** Until when a unit is leased, beyond a moment: what ends early counts as it ends. Undefined if it is not. */
const leasedBeyond = async (db: Kysely<any>, unit: number, at: Instant): Promise<Instant | undefined> => {
  const { rows } = await sql<{ until: Instant | null }>`
    select max(least(coalesce(upper(during), 'infinity'), coalesce(upper(held), 'infinity'))) as until
    from leasing.booking
    where unit = ${unit} and kind = 'lease' and not isempty(held) and (upper_inf(during) or upper(during) > ${at})
      and (upper_inf(held) or upper(held) > ${at})`.execute(db)
  return rows[0]?.until ?? undefined
}

export interface OfferBeyond {
  readonly uuid: string
  readonly name: string | null
  /** It begins no earlier than that. */
  readonly whole: boolean
}

/** Open offers of a unit itself that reach beyond a moment. */
export const offersBeyond = async (db: Kysely<any>, unit: number, at: Instant): Promise<OfferBeyond[]> =>
  (
    await sql<OfferBeyond>`
      select uuid, name, start_time >= ${at} as whole from leasing.offer
      where unit = ${unit} and status in ('available', 'error') and parent_lease_uuid is null and end_time > ${at}
      order by start_time, uuid`.execute(db)
  ).rows

/** What speaks against ending a unit's calendar then, and what ends with it; changes nothing. */
export const tryLimit = async (db: Kysely<any>, unit: number, at: Instant) => ({
  until: await leasedBeyond(db, unit, at),
  offers: await offersBeyond(db, unit, at),
})

/**
 * Ends a unit's calendar at a moment, and all that lies in it, unless it is leased beyond that: then nothing is changed, and until when is
 * told. What was to begin later holds nothing any more. The turn-around of what ends then may go on beyond it.
 */
export const limitUnit = async (tx: Tx, unit: number, at: Instant): Promise<Instant | undefined> => {
  const { db } = tx
  // The thing first, then bookings by their order; whoever books holds the calendar it lies in, and all of those are here.
  await sql`select 1 from leasing.resource where id = ${unit} for no key update`.execute(db)
  const beyond = sql`unit = ${unit} and not isempty(held) and (upper_inf(during) or upper(during) > ${at})`
  const { rows } = await sql<{ id: number }>`
    select id from leasing.booking where ${beyond} or (unit = ${unit} and within is null) order by id`.execute(db)
  await lockBookings(
    db,
    rows.map(row => row.id),
  )
  const until = await leasedBeyond(db, unit, at)
  if (until !== undefined) return until
  await sql`
    update leasing.resource set leaves_at = ${at}, leaves_asked_at = ${tx.at}
    where id = ${unit}`.execute(db)
  await sql`update leasing.maintenance set status = 'deleted' where unit = ${unit} and status = 'planned' and start_time >= ${at}`.execute(
    db,
  )
  await sql`update leasing.booking set held = 'empty' where ${beyond} and lower(during) >= ${at}`.execute(db)
  // In one statement: the constraints look when all of them have their new bounds.
  await sql`
    update leasing.booking set during = case when within is null then tstzrange(null, ${at}) else during * tstzrange(null, ${at}) end
    where ${beyond} or (unit = ${unit} and within is null)`.execute(db)
  return undefined
}

/** Takes that back. What is still offered has its time again; an offer that was cut or has ended stays so. */
export const unlimitUnit = async (tx: Tx, unit: number): Promise<void> => {
  const { db } = tx
  await sql`update leasing.resource set leaves_at = null, leaves_asked_at = null where id = ${unit}`.execute(db)
  const { rows } = await sql<{ id: number }>`
    select b.id from leasing.booking b where b.unit = ${unit} and b.within is null
    union select b.id from leasing.booking b join leasing.offer o on o.uuid = b.deal
      where o.unit = ${unit} and o.status in ('available', 'error') and o.parent_lease_uuid is null`.execute(db)
  await lockBookings(
    db,
    rows.map(row => row.id),
  )
  await sql`update leasing.booking set during = '(,)' where unit = ${unit} and within is null`.execute(db)
  await sql`
    update leasing.booking b
    set during = tstzrange(o.start_time, nullif(o.end_time, 'infinity')),
      held = case when isempty(b.held) then tstzrange(o.start_time, nullif(o.end_time, 'infinity')) else b.held end
    from leasing.offer o
    where b.deal = o.uuid and o.unit = ${unit} and o.status in ('available', 'error') and o.parent_lease_uuid is null`.execute(db)
}

/** That a unit's calendar ends is to be believed no longer than its keeper says so. */
export const mayStay = async (tx: Tx, thing: string): Promise<void> => {
  await sql`update leasing.resource set leaves_asked_at = null where type = 'ironic_node' and thing = ${thing}`.execute(tx.db)
}

/** When a unit's calendar ends, and since when that is asked for; nulls where it does not. */
export const limitOf = async (db: Kysely<any>, unit: number): Promise<{ readonly at: Instant | null; readonly asked: Instant | null }> =>
  (
    await sql<{ at: Instant | null; asked: Instant | null }>`
      select leaves_at as at, leaves_asked_at as asked from leasing.resource where id = ${unit}`.execute(db)
  ).rows[0] ?? { at: null, asked: null }

/** An offer that reaches beyond the end of its unit's calendar ends there. Its tree must be locked. */
export const cutOffer = async (tx: Tx, offer: string, at: Instant, turnAround: number): Promise<void> => {
  tx.later(sql`update leasing.offer set end_time = ${at}, updated_at = ${tx.at} where uuid = ${offer}`)
  await sql`
    update leasing.booking set during = during * tstzrange(null, ${at}),
      held = held * tstzrange(null, ${at}::timestamptz + ${turnAround} * interval '1 ms')
    where deal = ${offer} and not isempty(held)`.execute(tx.db)
}
