import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

/** Failures in a row, this one included; those before a lock-out that is over count no more. */
export const noteFailure = async (db: Kysely<any>, user: string, at: Instant, lockout: number): Promise<number> =>
  (
    await sql<{ n: number }>`update identity.user set failed_at = ${at}, failed_logins =
        case when ${lockout} > 0 and failed_at <= ${at}::timestamptz - ${lockout} * interval '1 millisecond' then 1 else failed_logins + 1 end
      where id = ${user} returning failed_logins as n`.execute(db)
  ).rows[0]?.n ?? 0

export const noteSuccess = async (db: Kysely<any>, user: string, active: Instant | null): Promise<void> => {
  await sql`update identity.user set failed_logins = 0, failed_at = null, active_at = coalesce(${active}, active_at) where id = ${user}`.execute(
    db,
  )
}

/** The last ones that were replaced, newest first. */
export const oldPasswords = async (db: Kysely<any>, user: string, most: number): Promise<string[]> =>
  (
    await sql<{ hash: string }>`select password_hash as hash from identity.old_password where user_id = ${user}
      order by id desc limit ${Math.max(most, 0)}`.execute(db)
  ).rows.map(row => row.hash)

/** Keeps the present password as an old one, and of the old ones so many. */
export const keepOld = async (db: Kysely<any>, user: string, most: number, at: Instant): Promise<void> => {
  if (most > 0)
    await sql`insert into identity.old_password (user_id, password_hash, replaced_at)
      select id, password_hash, ${at} from identity.user where id = ${user} and password_hash is not null`.execute(db)
  await sql`delete from identity.old_password where user_id = ${user} and id not in (
    select id from identity.old_password where user_id = ${user} order by id desc limit ${Math.max(most, 0)})`.execute(db)
}
