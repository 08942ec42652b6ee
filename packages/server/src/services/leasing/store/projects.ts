import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

/** Names for lists; they may be a little old, rights never rest on them. */
export const rememberProjects = async (
  db: Kysely<any>,
  at: Instant,
  projects: readonly { readonly id: string; readonly name: string | null }[],
): Promise<void> => {
  const known = new Map(projects.map(p => [p.id, p]))
  // A row that is right already is not touched: locked, it would keep all others of its project waiting for our end.
  for (const { id, name } of [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1)))
    await sql`
      insert into leasing.project as p (id, name, seen_at)
      select ${id}, ${name}, ${at}::timestamptz
      where not exists (select from leasing.project k where k.id = ${id} and k.name is not distinct from coalesce(${name}, k.name))
      on conflict (id) do update set name = coalesce(excluded.name, p.name), seen_at = excluded.seen_at
      where excluded.name is not null and p.name is distinct from excluded.name`.execute(db)
}

export const projectNames = async (db: Kysely<any>, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await sql<{
    id: string
    name: string | null
  }>`select id, name from leasing.project where id = any(${ids}::text[])`.execute(db)
  return new Map(rows.filter(r => r.name !== null).map(r => [r.id, r.name!]))
}
