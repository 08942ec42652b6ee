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
