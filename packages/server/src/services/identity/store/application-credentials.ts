import type { Instant } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'

export interface CredentialRow {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly user_id: string
  readonly project_id: string
  readonly expires_at: Instant | null
  readonly unrestricted: boolean
  readonly roles: readonly { readonly id: string; readonly name: string; readonly domain_id: string | null }[]
  readonly access_rules: readonly RuleRow[]
}

export interface RuleRow {
  readonly id: string
  readonly service: string
  readonly path: string
  readonly method: string
}

const rows = async (db: Kysely<any>, where: RawBuilder<unknown>): Promise<CredentialRow[]> =>
  (
    await sql<CredentialRow>`
      select c.id, c.name, c.description, c.user_id, c.project_id, c.expires_at, c.unrestricted,
        (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'domain_id', r.domain_id, 'description', r.description,
            'options', r.options) order by r.name), '[]')
          from identity.application_credential_role x join identity.role r on r.id = x.role_id where x.credential_id = c.id) as roles,
        (select coalesce(json_agg(json_build_object('id', a.id, 'service', a.service, 'path', a.path, 'method', a.method) order by a.path), '[]')
          from identity.application_credential_rule x join identity.access_rule a on a.id = x.rule_id where x.credential_id = c.id) as access_rules
      from identity.application_credential c where ${where} order by c.name`.execute(db)
  ).rows

export const readCredential = async (db: Kysely<any>, id: string): Promise<CredentialRow | undefined> =>
  (await rows(db, sql`c.id = ${id}`))[0]

export const listCredentials = (db: Kysely<any>, user: string, name: string | undefined): Promise<CredentialRow[]> =>
  rows(db, sql`c.user_id = ${user} and ${name === undefined ? sql`true` : sql`c.name = ${name}`}`)

export interface NewCredential {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly user: string
  readonly project: string
  readonly hash: string
  readonly expires: Instant | null
  readonly unrestricted: boolean
  readonly roles: readonly string[]
  readonly rules: readonly RuleRow[]
}

export const insertCredential = async (db: Kysely<any>, c: NewCredential, at: Instant): Promise<void> => {
  await sql`insert into identity.application_credential
      (id, name, description, user_id, project_id, secret_hash, expires_at, unrestricted, restricted, created_at)
    values (${c.id}, ${c.name}, ${c.description}, ${c.user}, ${c.project}, ${c.hash}, ${c.expires}, ${c.unrestricted}, ${c.rules.length > 0}, ${at})`.execute(
    db,
  )
  await sql`insert into identity.application_credential_role (credential_id, role_id)
    select ${c.id}, unnest(${c.roles}::text[])`.execute(db)
  for (const rule of c.rules) {
    // The same rule is kept once for each user.
    await sql`insert into identity.access_rule (id, user_id, service, path, method)
      values (${rule.id}, ${c.user}, ${rule.service}, ${rule.path}, ${rule.method}) on conflict do nothing`.execute(db)
    await sql`insert into identity.application_credential_rule (credential_id, rule_id)
      select ${c.id}, id from identity.access_rule
      where user_id = ${c.user} and service = ${rule.service} and path = ${rule.path} and method = ${rule.method}
      on conflict do nothing`.execute(db)
  }
}

export const deleteCredential = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (await sql`delete from identity.application_credential where id = ${id} returning 1`.execute(db)).rows.length > 0

export const listRules = async (db: Kysely<any>, user: string): Promise<RuleRow[]> =>
  (await sql<RuleRow>`select id, service, path, method from identity.access_rule where user_id = ${user} order by path, method`.execute(db))
    .rows

export const readRule = async (db: Kysely<any>, user: string, id: string): Promise<RuleRow | undefined> =>
  (await sql<RuleRow>`select id, service, path, method from identity.access_rule where user_id = ${user} and id = ${id}`.execute(db))
    .rows[0]

/** False where a credential still names it. */
export const deleteRule = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (
    await sql`delete from identity.access_rule where id = ${id}
      and not exists (select from identity.application_credential_rule where rule_id = ${id}) returning 1`.execute(db)
  ).rows.length > 0

/** The roles with all that they imply. */
export const withImplied = async (db: Kysely<any>, roles: readonly string[]): Promise<string[]> =>
  (
    await sql<{ id: string }>`with recursive all_roles as (
      select unnest(${roles}::text[]) as id
      union select i.implied_id from identity.implied_role i join all_roles a on a.id = i.prior_id
    ) select id from all_roles`.execute(db)
  ).rows.map(row => row.id)
