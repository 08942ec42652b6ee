import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

/** A call that the hardware answers, as a request wrote it. */
export interface HardwareCall {
  readonly id: string
  readonly node: string
  readonly what: string
  readonly args: Readonly<Record<string, unknown>>
  readonly project: string | null
  readonly expires_at: Instant
  readonly lease: string | null
  readonly lessee: string | null
  readonly begun_at: Instant | null
}

/** The oldest call of a node that is not over. */
export const openCall = async (db: Kysely<any>, node: string): Promise<HardwareCall | undefined> =>
  (
    await sql<HardwareCall>`
      select id, node, what, args, project, expires_at, lease, lessee, begun_at from baremetal.hardware_call
      where node = ${node} and done_at is null order by asked_at, id limit 1`.execute(db)
  ).rows[0]

/** Marks it as begun; false if it was begun or is over already. From then on it is never begun again. */
export const beginCall = async (tx: Tx, id: string): Promise<boolean> => {
  const { rows } = await sql`
    update baremetal.hardware_call set begun_at = ${tx.at} where id = ${id} and begun_at is null and done_at is null returning id`.execute(
    tx.db,
  )
  return rows.length === 1
}

export type CallEnd = { readonly result: unknown } | { readonly error: { readonly fault: string; readonly message: string } }

export const endCall = async (tx: Tx, id: string, end: CallEnd): Promise<void> => {
  const result = 'result' in end ? JSON.stringify(end.result ?? null) : null
  const error = 'error' in end ? JSON.stringify(end.error) : null
  await sql`
    update baremetal.hardware_call set done_at = ${tx.at}, result = ${result}::jsonb, error = ${error}::jsonb
    where id = ${id} and done_at is null`.execute(tx.db)
}

/** Ends what nobody has begun: whoever asked may do so no more. What was begun ends by itself. */
export const withdrawCalls = async (tx: Tx, node: string, message: string): Promise<void> => {
  tx.later(sql`
    update baremetal.hardware_call set done_at = ${tx.at}, error = ${JSON.stringify({ fault: 'refused', message })}::jsonb
    where node = ${node} and begun_at is null and done_at is null`)
}

/**
 * Whether a call is on its way to the hardware now, so that a write may arrive at any moment. One that nobody ended counts until
 * its command can act no more: `settled` is the moment before which a call must have expired for that.
 */
export const callUnderWay = async (db: Kysely<any>, node: string, settled: Instant): Promise<boolean> =>
  (
    await sql`select 1 from baremetal.hardware_call where node = ${node} and begun_at is not null and done_at is null
      and expires_at > ${settled} limit 1`.execute(db)
  ).rows.length > 0

/** Whether a call of one of these kinds has been under way since a moment, or is. */
export const callSince = async (
  db: Kysely<any>,
  node: string,
  since: Instant,
  settled: Instant,
  kinds: readonly string[],
): Promise<boolean> =>
  (
    await sql`select 1 from baremetal.hardware_call where node = ${node} and what = any(${[...kinds]}::text[]) and begun_at is not null
      and (done_at >= ${since} or (done_at is null and expires_at > ${settled})) limit 1`.execute(db)
  ).rows.length > 0

/** Removes what has been over since before that moment. */
export const sweepCalls = async (tx: Tx, node: string, before: Instant): Promise<void> => {
  await sql`delete from baremetal.hardware_call where node = ${node} and done_at < ${before}`.execute(tx.db)
}
