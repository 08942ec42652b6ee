import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

export interface FailedLogins {
  readonly key: string
  readonly n: number
  readonly until: Instant
}

/** Counts one more failure for each key, in its window, or in a new one that ends then. Old windows are swept on the way. */
export const countFailures = async (db: Kysely<any>, keys: readonly string[], at: Instant, until: Instant): Promise<FailedLogins[]> => {
  await sql`
    delete from identity.failed_login where key in (
      select key from identity.failed_login where until <= ${at} and key <> all(${keys}::text[])
      order by until limit 10 for update skip locked)`.execute(db)
  // In the order of the keys, whoever else counts the same ones.
  const { rows } = await sql<FailedLogins>`
    insert into identity.failed_login as f (key, n, until)
    select key, 1, ${until}::timestamptz from unnest(${[...keys].sort()}::text[]) key
    on conflict (key) do update set
      n = case when f.until <= ${at} then 1 else f.n + 1 end,
      until = case when f.until <= ${at} then excluded.until else f.until end
    returning key, n, until`.execute(db)
  return rows
}
