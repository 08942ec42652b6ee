import { type RawBuilder, sql } from 'kysely'
import type { Origin, Wake } from '../transaction.ts'

export const AT = '2030-01-01T00:00:00.000000Z'

export const origin = (more: Partial<Origin> = {}): Origin => ({ at: AT, by: { request: 'req-1', user: 'ann' }, ...more })

/** Work rows kept apart from the kit's own, which are built upon this. */
export const writeWork = (wakes: readonly Wake[]): RawBuilder<unknown> =>
  sql`insert into public.woken (conductor, key, at) values ${sql.join(wakes.map(w => sql`(${w.conductor}, ${w.key}, ${w.at}::timestamptz)`))}`

export const TABLES = `create table woken (conductor text, key text, at timestamptz);
  create table thing (id int primary key, name text, n int not null default 0 check (n < 100))`
