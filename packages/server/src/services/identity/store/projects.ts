import { type Kysely, sql } from 'kysely'
import { lineageOf, subtreeOf } from './roles.ts'

export interface Above {
  readonly id: string
  readonly enabled: boolean
}

/** The project and all above it, nearest first; the last one is its domain. Empty when there is no such project. */
export const lineage = async (db: Kysely<any>, id: string): Promise<Above[]> =>
  (
    await sql<Above>`select p.id, p.enabled from (${lineageOf(sql`${id}`)}) l join identity.project p using (id) order by l.depth`.execute(
      db,
    )
  ).rows

/** All below, nearest first. */
export const subtree = async (db: Kysely<any>, id: string): Promise<{ id: string; parent_id: string }[]> =>
  (await sql<{ id: string; parent_id: string }>`select id, parent_id from (${subtreeOf(sql`${id}`)}) t order by depth, id`.execute(db)).rows

export const anyEnabledBelow = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (
    await sql<{ any: boolean }>`select exists (
      select from (${subtreeOf(sql`${id}`)}) t join identity.project p using (id) where p.enabled) as any`.execute(db)
  ).rows[0]!.any

export const childrenOf = async (db: Kysely<any>, id: string): Promise<number> =>
  (await sql<{ n: number }>`select count(*)::int as n from identity.project where parent_id = ${id}`.execute(db)).rows[0]!.n

export const setTags = async (db: Kysely<any>, id: string, tags: readonly string[]): Promise<void> => {
  await sql`update identity.project set tags = ${tags} where id = ${id}`.execute(db)
}

/** Names of many projects, by id. */
export const projectNames = async (db: Kysely<any>, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from identity.project where id = any(${ids})`.execute(db)
  return new Map(rows.map(row => [row.id, row.name]))
}

export interface Found {
  readonly id: string
  readonly name: string
}

/** By id, else by a name that only one project has. */
export const findProjectByWord = async (db: Kysely<any>, word: string): Promise<Found | undefined> => {
  const { rows } = await sql<Found>`select id, name from identity.project where not is_domain and (id = ${word} or name = ${word})
    order by id = ${word} desc limit 2`.execute(db)
  const [first, second] = rows
  if (first?.id === word || second === undefined) return first
  return undefined
}
