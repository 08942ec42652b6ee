import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

/** The domain that is always there. */
export const DEFAULT = 'default'

export interface Known {
  readonly id: string
  readonly password_hash: string | null
}

/** In the default domain; a role of nobody's. */
export const findByName = async (db: Kysely<any>, what: 'user' | 'role', name: string): Promise<Known | undefined> =>
  (
    await sql<Known>`select id, ${what === 'user' ? sql`password_hash` : sql`null as password_hash`} from ${sql.table(`identity.${what}`)}
      where name = ${name} and ${what === 'user' ? sql`domain_id = ${DEFAULT} and not federated` : sql`domain_id is null`}`.execute(db)
  ).rows[0]

/** The id of the one that has the name: ours, or that of whoever was there before. */
export const makeUser = async (
  db: Kysely<any>,
  u: { id: string; name: string; hash: string; defaultProject: string | null },
  at: Instant,
): Promise<string> => {
  await sql`insert into identity.user (id, name, domain_id, password_hash, password_at, default_project_id, created_at)
    values (${u.id}, ${u.name}, ${DEFAULT}, ${u.hash}, ${at}, ${u.defaultProject}, ${at}) on conflict (domain_id, name) where not federated do nothing`.execute(
    db,
  )
  return (await findByName(db, 'user', u.name))!.id
}

export const makeProject = async (
  db: Kysely<any>,
  p: { id: string; name: string; description: string; parent: string },
  at: Instant,
): Promise<string> => {
  await sql`insert into identity.project (id, name, domain_id, parent_id, description, created_at)
    values (${p.id}, ${p.name}, ${DEFAULT}, ${p.parent}, ${p.description}, ${at})
    on conflict (domain_id, name) where not is_domain do nothing`.execute(db)
  return (
    await sql<{ id: string }>`select id from identity.project where domain_id = ${DEFAULT} and name = ${p.name} and not is_domain`.execute(
      db,
    )
  ).rows[0]!.id
}

/** True when it was made now. */
export const makeDefaultDomain = async (db: Kysely<any>, at: Instant): Promise<boolean> =>
  (
    await sql`insert into identity.project (id, name, is_domain, description, created_at)
      values (${DEFAULT}, 'Default', true, 'The default domain', ${at}) on conflict do nothing returning 1`.execute(db)
  ).rows.length > 0

export const makeRole = async (db: Kysely<any>, id: string, name: string, at: Instant): Promise<void> => {
  await sql`insert into identity.role (id, name, options, created_at) values (${id}, ${name}, '{"immutable": true}', ${at})
    on conflict (domain_id, name) do nothing`.execute(db)
}

export const imply = async (db: Kysely<any>, prior: string, implied: string): Promise<void> => {
  await sql`insert into identity.implied_role (prior_id, implied_id)
    select p.id, i.id from identity.role p, identity.role i
    where p.domain_id is null and i.domain_id is null and p.name = ${prior} and i.name = ${implied} on conflict do nothing`.execute(db)
}

export const isEmpty = async (db: Kysely<any>): Promise<boolean> =>
  (await sql`select 1 from identity.role limit 1`.execute(db)).rows.length === 0
