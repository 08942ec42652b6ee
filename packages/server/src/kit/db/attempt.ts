import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { isLost } from './errors.ts'

/** The connection broke while committing, and nobody can say any more whether it was committed. Never tried again. */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super('The connection to the database was lost while a change was being committed; whether it was made is not known.', { cause })
    this.name = 'CommitUnknown'
  }
}

/** The transaction as a whole may be tried again: nothing of it is left. */
export class NotCommitted extends Error {
  constructor(cause: unknown) {
    super('The connection to the database was lost before a change was committed.', { cause })
    this.name = 'NotCommitted'
  }
}

/** What became of a transaction whose COMMIT got no answer: the server knows, by the transaction's number. */
export const settle = async (db: Kysely<any>, xid: string, cause: unknown): Promise<'committed'> => {
  for (let tries = 0; tries < 30; tries++) {
    await sleep(50 + tries * 10)
    try {
      const { rows } = await sql<{ status: string | null }>`select pg_xact_status(${xid}::xid8) as status`.execute(db)
      if (rows[0]?.status === 'committed') return 'committed'
      if (rows[0]?.status === 'aborted') throw new NotCommitted(cause)
      if (rows[0]?.status !== 'in progress') break
    } catch (e) {
      if (e instanceof NotCommitted) throw e
      if (!isLost(e)) break // for example a server that does not know the number: another one took over
    }
  }
  throw new CommitUnknown(cause)
}

/** Waits before the next attempt, longer each time, and never in step with rivals. */
export const pause = (attempt: number, most: number): Promise<void> => sleep(Math.min(most, 10 * 2 ** attempt) * (0.5 + Math.random()))
