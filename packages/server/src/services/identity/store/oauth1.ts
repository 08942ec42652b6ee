import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

export interface RequestTokenRow {
  readonly id: string
  readonly sealed: string
  readonly consumer_id: string
  readonly project_id: string
  readonly expires_at: Instant
  readonly user_id: string | null
  readonly verifier: string | null
  readonly roles: readonly string[]
}

export interface AccessTokenRow {
  readonly id: string
  readonly sealed: string
  readonly consumer_id: string
  readonly project_id: string
  readonly user_id: string
  readonly roles: readonly string[]
  readonly expires_at: Instant
}

/** The sealed secret of a consumer. */
export const consumerSecret = async (db: Kysely<any>, id: string): Promise<string | undefined> =>
  (await sql<{ sealed: string }>`select sealed from identity.consumer where id = ${id}`.execute(db)).rows[0]?.sealed

export const insertRequest = async (
  db: Kysely<any>,
  t: Pick<RequestTokenRow, 'id' | 'sealed' | 'consumer_id' | 'project_id' | 'expires_at'>,
  now: Instant,
): Promise<void> => {
  // Those that nobody agreed to in time are of no use any more.
  await sql`delete from identity.request_token where consumer_id = ${t.consumer_id} and expires_at <= ${now}`.execute(db)
  await sql`insert into identity.request_token (id, sealed, consumer_id, project_id, expires_at)
    values (${t.id}, ${t.sealed}, ${t.consumer_id}, ${t.project_id}, ${t.expires_at})`.execute(db)
}

/** One that is still good. */
export const readRequest = async (db: Kysely<any>, id: string, now: Instant): Promise<RequestTokenRow | undefined> =>
  (
    await sql<RequestTokenRow>`select id, sealed, consumer_id, project_id, expires_at, user_id, verifier, roles
      from identity.request_token where id = ${id} and expires_at > ${now}`.execute(db)
  ).rows[0]

/** False where somebody else has agreed already. */
export const agree = async (
  db: Kysely<any>,
  id: string,
  by: { readonly user: string; readonly verifier: string; readonly roles: readonly string[] },
): Promise<boolean> =>
  (
    await sql`update identity.request_token set user_id = ${by.user}, verifier = ${by.verifier}, roles = ${by.roles}::text[]
      where id = ${id} and (user_id is null or user_id = ${by.user}) returning 1`.execute(db)
  ).rows.length > 0

/** What was lent to a consumer and is over. */
export const dropExpired = async (db: Kysely<any>, consumer: string, now: Instant): Promise<void> => {
  await sql`delete from identity.access_token where consumer_id = ${consumer} and expires_at <= ${now}`.execute(db)
}

/** The request becomes access, once; false where it did already. */
export const exchangeRequest = async (
  db: Kysely<any>,
  request: string,
  access: Pick<AccessTokenRow, 'id' | 'sealed' | 'expires_at'>,
  at: Instant,
): Promise<boolean> =>
  (
    await sql`with used as (
        delete from identity.request_token where id = ${request} and user_id is not null returning consumer_id, project_id, user_id, roles
      ) insert into identity.access_token (id, sealed, consumer_id, project_id, user_id, roles, expires_at, created_at)
      select ${access.id}, ${access.sealed}, consumer_id, project_id, user_id, roles, ${access.expires_at}, ${at}::timestamptz from used
      returning 1`.execute(db)
  ).rows.length > 0

const columns = sql`id, sealed, consumer_id, project_id, user_id, roles, expires_at from identity.access_token`

export const readAccess = async (db: Kysely<any>, id: string): Promise<AccessTokenRow | undefined> =>
  (await sql<AccessTokenRow>`select ${columns} where id = ${id}`.execute(db)).rows[0]

export const listAccess = async (db: Kysely<any>, user: string): Promise<AccessTokenRow[]> =>
  (await sql<AccessTokenRow>`select ${columns} where user_id = ${user} order by created_at, id`.execute(db)).rows

export const deleteAccess = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (await sql`delete from identity.access_token where id = ${id} returning 1`.execute(db)).rows.length > 0
