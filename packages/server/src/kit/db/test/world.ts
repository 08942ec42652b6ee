import type { Kysely } from 'kysely'
import type { Origin, Wake } from '../transaction.ts'

export const AT = '2030-01-01T00:00:00.000000Z'

export const origin = (more: Partial<Origin> = {}): Origin => ({ at: AT, by: { request: 'req-1', user: 'ann' }, ...more })

/** Work rows kept apart from the kit's own, which are built upon this. */
export const writeWork = async (db: Kysely<any>, wakes: readonly Wake[]): Promise<void> => {
  await db
    .withSchema('public')
    .insertInto('woken')
    .values(wakes.map(w => ({ conductor: w.conductor, key: w.key, at: w.at })))
    .execute()
}

export const TABLES = `create table woken (conductor text, key text, at timestamptz);
  create table thing (id int primary key, name text, n int not null default 0 check (n < 100))`
