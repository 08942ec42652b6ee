import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

export const isDomain = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (await sql`select 1 from identity.project where id = ${id} and is_domain`.execute(db)).rows.length > 0

export interface Person {
  readonly id: string
  readonly name: string
  readonly domain_id: string
}

export const findUser = async (db: Kysely<any>, id: string): Promise<Person | undefined> =>
  (await sql<Person>`select id, name, domain_id from identity.user where id = ${id}`.execute(db)).rows[0]

export const addMember = async (db: Kysely<any>, group: string, user: string): Promise<boolean> =>
  (await sql`insert into identity.membership (group_id, user_id) values (${group}, ${user}) on conflict do nothing returning 1`.execute(db))
    .rows.length > 0

export const removeMember = async (db: Kysely<any>, group: string, user: string): Promise<boolean> =>
  (await sql`delete from identity.membership where group_id = ${group} and user_id = ${user} returning 1`.execute(db)).rows.length > 0

export const isMember = async (db: Kysely<any>, group: string, user: string): Promise<boolean> =>
  (await sql`select 1 from identity.membership where group_id = ${group} and user_id = ${user}`.execute(db)).rows.length > 0

export const setPassword = async (
  db: Kysely<any>,
  id: string,
  hash: string,
  at: Instant,
  expires: Instant | null = null,
): Promise<void> => {
  await sql`update identity.user set password_hash = ${hash}, password_at = ${at}, password_expires_at = ${expires}, failed_logins = 0,
    failed_at = null, updated_at = ${at} where id = ${id}`.execute(db)
}

/** By group: when a membership that a login gave ends. One that was given here does not. */
export const membershipEnds = async (db: Kysely<any>, user: string, now: Instant): Promise<ReadonlyMap<string, Instant>> => {
  const { rows } = await sql<{ id: string; at: Instant }>`select group_id as id, max(expires_at) as at from identity.expiring_membership e
    where user_id = ${user} and expires_at > ${now}
      and not exists (select from identity.membership m where m.group_id = e.group_id and m.user_id = e.user_id)
    group by group_id`.execute(db)
  return new Map(rows.map(row => [row.id, row.at]))
}
