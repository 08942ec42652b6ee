import { Refused } from '@esi/api/dialect'
import { type Instant, plus } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import { type Origin, Replayed } from './transaction.ts'

/** Milliseconds for which a key is remembered. */
const REMEMBERED = 24 * 60 * 60 * 1000

/** See `Tx.once`. Of two requests with one key at the same moment the second waits here for the end of the first. */
export const markOnce = async (db: Kysely<any>, origin: Origin, object: string): Promise<void> => {
  const key = origin.once
  if (!key) return
  const { rows } = await sql`
    insert into kit.idempotency as known (digest, hash, object, at) values (${key.digest}, ${key.hash}, ${object}, ${origin.at})
    on conflict (digest) do update set hash = excluded.hash, object = excluded.object, at = excluded.at
      where known.at < ${plus(origin.at, -REMEMBERED)}
    returning 1
  `.execute(db)
  if (rows.length > 0) return
  // A second statement, so that it sees what was committed while the first one waited.
  const before = await sql<{ hash: string; object: string }>`
    select hash, object from kit.idempotency where digest = ${key.digest}
  `.execute(db)
  const was = before.rows[0]
  if (was && was.hash === key.hash) throw new Replayed(was.object)
  throw new Refused('conflict', 'This Idempotency-Key was used for another request. Use a new key for each request.')
}

/** Forgets the keys that are too old to count. To be called now and then. */
export const forgetOnce = async (pool: pg.Pool, now: Instant): Promise<number> =>
  (await pool.query('delete from kit.idempotency where at < $1', [plus(now, -REMEMBERED)])).rowCount ?? 0
