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
