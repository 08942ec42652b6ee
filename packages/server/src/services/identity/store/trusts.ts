import type { Instant } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { heldRoles } from './roles.ts'

export interface TrustRow {
  readonly id: string
  readonly trustor_user_id: string
  readonly trustee_user_id: string
  readonly origin_user_id: string
  readonly project_id: string | null
  readonly impersonation: boolean
  readonly expires_at: Instant | null
  readonly remaining_uses: number | null
  readonly redelegation_count: number
  readonly redelegated_trust_id: string | null
  /** Ids, by name. */
  readonly roles: readonly string[]
}

const rows = async (db: Kysely<any>, where: RawBuilder<unknown>): Promise<TrustRow[]> =>
  (
    await sql<TrustRow>`
      select t.id, t.trustor_user_id, t.trustee_user_id, t.origin_user_id, t.project_id, t.impersonation, t.expires_at, t.remaining_uses,
        t.redelegation_count, t.redelegated_trust_id,
        (select coalesce(json_agg(r.id order by r.name), '[]') from identity.trust_role x join identity.role r on r.id = x.role_id
          where x.trust_id = t.id) as roles
      from identity.trust t where ${where} order by t.created_at, t.id`.execute(db)
  ).rows

/** One that can still be used. */
export const readTrust = async (db: Kysely<any>, id: string, now: Instant): Promise<TrustRow | undefined> =>
  (
    await rows(
      db,
      sql`t.id = ${id} and (t.expires_at is null or t.expires_at > ${now}) and (t.remaining_uses is null or t.remaining_uses > 0)`,
    )
  )[0]

export const listTrusts = (
  db: Kysely<any>,
  of: { readonly trustor?: string | undefined; readonly trustee?: string | undefined },
): Promise<TrustRow[]> =>
  rows(
    db,
    sql`${of.trustor === undefined ? sql`true` : sql`t.trustor_user_id = ${of.trustor}`}
      and ${of.trustee === undefined ? sql`true` : sql`t.trustee_user_id = ${of.trustee}`}`,
  )

export interface NewTrust extends Omit<TrustRow, 'roles'> {
  readonly roles: readonly string[]
}

export const insertTrust = async (db: Kysely<any>, t: NewTrust, at: Instant): Promise<void> => {
  await sql`insert into identity.trust (id, trustor_user_id, trustee_user_id, origin_user_id, project_id, impersonation, expires_at,
      remaining_uses, redelegation_count, redelegated_trust_id, created_at)
    values (${t.id}, ${t.trustor_user_id}, ${t.trustee_user_id}, ${t.origin_user_id}, ${t.project_id}, ${t.impersonation}, ${t.expires_at},
      ${t.remaining_uses}, ${t.redelegation_count}, ${t.redelegated_trust_id}, ${at})`.execute(db)
  await sql`insert into identity.trust_role (trust_id, role_id) select ${t.id}, unnest(${t.roles}::text[])`.execute(db)
}

/** The trust and all that were lent on from it. */
export const deleteTrust = async (db: Kysely<any>, id: string): Promise<string[]> => {
  const { rows: gone } = await sql<{ id: string }>`with recursive below as (
      select id from identity.trust where id = ${id}
      union select t.id from identity.trust t join below b on t.redelegated_trust_id = b.id
    ) select id from below`.execute(db)
  await sql`delete from identity.trust where id = ${id}`.execute(db)
  return gone.map(row => row.id)
}

/** False when it has no use left. */
export const consumeTrust = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (
    await sql`update identity.trust set remaining_uses = remaining_uses - 1
      where id = ${id} and (remaining_uses is null or remaining_uses > 0) returning 1`.execute(db)
  ).rows.length > 0

/** All roles of a user in a project, those of domains among them: what may be lent. */
export const rolesToLend = async (db: Kysely<any>, user: string, project: string, now: Instant): Promise<string[]> =>
  (
    await sql<{ id: string }>`${heldRoles({ user: sql`${user}`, now, scope: { is: 'project', project } })}
      select role_id as id from had`.execute(db)
  ).rows.map(row => row.id)

/** Ids of the roles of that name. */
export const rolesNamed = async (db: Kysely<any>, name: string): Promise<string[]> =>
  (await sql<{ id: string }>`select id from identity.role where name = ${name} limit 2`.execute(db)).rows.map(row => row.id)
