import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../../kit/db/transaction.ts'

/**
 * The order of locks, everywhere: things, usage rows by project, then bookings by id (parents are lower). Whoever writes a booking
 * holds its calendar and itself. Locking and looking are two statements: one statement would judge by what was before the lock.
 */
export const lockBookings = async (db: Kysely<any>, ids: readonly number[]): Promise<void> => {
  if (ids.length === 0) return
  await sql`select id from leasing.booking where id = any(${ids}::bigint[]) order by id for no key update`.execute(db)
}

/** Counts are only true under this lock. */
export const lockUsage = async (db: Kysely<any>, project: string): Promise<void> => {
  await sql`insert into leasing.usage (project_id) values (${project}) on conflict do nothing`.execute(db)
  await sql`select 1 from leasing.usage where project_id = ${project} for no key update`.execute(db)
}

/** The bookings of a deal and the calendars they lie in, with further ones in their order. What lies in what never changes. */
export const lockDeal = (tx: Tx, deal: string, more: readonly { readonly id: number }[] = []): void => {
  tx.later(sql`
    select id from leasing.booking where id = any(array(
      select id from leasing.booking where deal = ${deal}
      union select within from leasing.booking where deal = ${deal} and within is not null
      union select unnest(${more.map(m => m.id)}::bigint[])))
    order by id for no key update`)
}

/** The same with all that lies in them, however deep: what is to end with it. */
export const lockTree = async (db: Kysely<any>, deal: string): Promise<void> => {
  const known = new Set<number>()
  for (;;) {
    const { rows } = await sql<{ id: number }>`
      with recursive tree as (
        select id from leasing.booking where deal = ${deal}
        union all select b.id from leasing.booking b join tree t on b.within = t.id)
      select id from tree
      union select within from leasing.booking where deal = ${deal} and within is not null`.execute(db)
    const fresh = rows.map(r => r.id).filter(id => !known.has(id))
    if (fresh.length === 0) return
    await lockBookings(db, fresh)
    // What was booked in it while we waited is there now, and nothing more can come.
    for (const id of fresh) known.add(id)
  }
}

/** The calendar of a unit itself. */
export const lockUnit = (tx: Tx, unit: number): void => {
  tx.later(sql`select id from leasing.booking where unit = ${unit} and within is null for no key update`)
}

/** The bookings of a deal as calendars: whoever books in it waits here for whoever does too. */
export const lockOwn = (tx: Tx, deal: string): void => {
  tx.later(sql`select id from leasing.booking where deal = ${deal} order by id for no key update`)
}
