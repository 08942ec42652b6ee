import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

export interface StoredKey {
  readonly number: number
  readonly sealed: string
}

/** One process at a time makes or rotates keys, or fills an empty database. */
export const lockSetup = async (db: Kysely<any>): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtext('identity setup'))`.execute(db)
}

/** Primary first. */
export const readKeys = async (db: Kysely<any>): Promise<StoredKey[]> =>
  (await sql<StoredKey>`select number, sealed from identity.token_key order by number desc`.execute(db)).rows

export const insertKey = async (db: Kysely<any>, key: StoredKey, at: Instant): Promise<void> => {
  await sql`insert into identity.token_key (number, sealed, made_at) values (${key.number}, ${key.sealed}, ${at})`.execute(db)
}

/** The staged key becomes the primary. */
export const promoteKey = async (db: Kysely<any>, to: number): Promise<void> => {
  await sql`update identity.token_key set number = ${to} where number = 0`.execute(db)
}

/** Drops the oldest of those that only open, so that `most` are left. */
export const dropKeys = async (db: Kysely<any>, most: number): Promise<void> => {
  await sql`delete from identity.token_key where number > 0 and number not in (
    select number from identity.token_key where number > 0 order by number desc limit ${most - 1})`.execute(db)
}
