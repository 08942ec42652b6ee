import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

/** From that moment on what these projects hold is to end. One that ends already keeps its moment. */
export const beginEndings = async (db: Kysely<any>, projects: readonly string[], at: Instant): Promise<void> => {
  await sql`insert into identity.ending (project_id, at) select unnest(${projects}::text[]), ${at}::timestamptz on conflict do nothing`.execute(
    db,
  )
}

/** They are used again. */
export const forgetEndings = async (db: Kysely<any>, projects: readonly string[]): Promise<void> => {
  await sql`delete from identity.ending where project_id = any(${projects}::text[])`.execute(db)
}

/** Since when what a project holds is to end; undefined while it may keep it. */
export const endingSince = async (db: Kysely<any>, project: string): Promise<Instant | undefined> =>
  (await sql<{ at: Instant }>`select at from identity.ending where project_id = ${project}`.execute(db)).rows[0]?.at

/** Those that do not end already. */
export const notEnding = async (db: Kysely<any>, projects: readonly string[]): Promise<string[]> =>
  (
    await sql<{ id: string }>`
      select p as id from unnest(${projects}::text[]) p where not exists (select from identity.ending e where e.project_id = p)`.execute(db)
  ).rows.map(row => row.id)

export const projectsOfDomain = async (db: Kysely<any>, domain: string): Promise<{ id: string; name: string }[]> =>
  (
    await sql<{ id: string; name: string }>`
      select id, name from identity.project where domain_id = ${domain} and not is_domain order by id`.execute(db)
  ).rows
