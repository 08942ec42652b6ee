import type { HardwareCall, HardwareFault } from '@esi/api/baremetal/hardware'
import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

export interface CallRow {
  readonly id: string
  readonly node: string
  readonly what: HardwareCall
  readonly args: Readonly<Record<string, unknown>>
  readonly request: string | null
  readonly project: string | null
  readonly expires_at: Instant
  readonly lease: string | null
  readonly lessee: string | null
  readonly asked_at: Instant
  readonly begun_at: Instant | null
  readonly done_at: Instant | null
  readonly result: Readonly<Record<string, unknown>> | null
  readonly error: HardwareFault | null
}

/** Writes a call down; whoever asked, and what it may be carried out for, go with it. */
export const insertCall = async (tx: Tx, call: Omit<CallRow, 'begun_at' | 'done_at' | 'result' | 'error' | 'asked_at'>): Promise<void> => {
  await sql`
    insert into baremetal.hardware_call (id, node, what, args, request, project, expires_at, lease, lessee, asked_at)
    values (${call.id}, ${call.node}, ${call.what}, ${JSON.stringify(call.args)}::jsonb, ${call.request}, ${call.project}, ${call.expires_at},
      ${call.lease}, ${call.lessee}, ${tx.at})`.execute(tx.db)
}

/** The answer, once there is one. */
export const answerOf = async (db: Kysely<any>, id: string): Promise<Pick<CallRow, 'result' | 'error'> | undefined> => {
  const { rows } = await sql<CallRow>`select result, error from baremetal.hardware_call where id = ${id} and done_at is not null`.execute(
    db,
  )
  return rows[0]
}

/** Calls of a node that are still to be answered, oldest first. */
export const openCalls = async (db: Kysely<any>, node: string): Promise<CallRow[]> => {
  const { rows } =
    await sql<CallRow>`select * from baremetal.hardware_call where node = ${node} and done_at is null order by asked_at, id`.execute(db)
  return rows
}

/** From here on a request to the hardware may be under way. Tells whether the call was there to be begun. */
export const beginCall = async (tx: Tx, id: string): Promise<boolean> => {
  const { rows } = await sql`
    update baremetal.hardware_call set begun_at = ${tx.at} where id = ${id} and done_at is null and begun_at is null returning id`.execute(
    tx.db,
  )
  return rows.length > 0
}

/** Answers a call, once; and forgets what was answered more than an hour ago. */
export const endCall = async (
  tx: Tx,
  id: string,
  answer: { readonly result: Readonly<Record<string, unknown>> } | { readonly error: HardwareFault },
): Promise<void> => {
  const [result, error] = 'result' in answer ? [JSON.stringify(answer.result), null] : [null, JSON.stringify(answer.error)]
  await sql`
    update baremetal.hardware_call set done_at = ${tx.at}, result = ${result}::jsonb, error = ${error}::jsonb
    where id = ${id} and done_at is null`.execute(tx.db)
  await sql`delete from baremetal.hardware_call where done_at < ${tx.at}::timestamptz - interval '1 hour'`.execute(tx.db)
}
