import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

export interface Revocation {
  readonly audit_id?: string
  readonly audit_chain_id?: string
  readonly user_id?: string
  readonly project_id?: string
  readonly domain_id?: string
}

/**
 * Tokens that match and were issued up to now are no good; the caller emits an event, so that others hear of it.
 * Tokens tell the second of their issue only, so one that is issued in the second of a revocation, but after it, is dated into the
 * next; a revocation that follows at once has to reach those too.
 */
export const revoke = async (tx: Tx, what: Revocation, issued: Instant = tx.at): Promise<void> => {
  const user = what.user_id ?? null
  await sql`insert into identity.revocation (audit_id, audit_chain_id, user_id, project_id, domain_id, issued_before, revoked_at)
    select ${what.audit_id ?? null}, ${what.audit_chain_id ?? null}, ${user}, ${what.project_id ?? null}, ${what.domain_id ?? null},
      greatest(${tx.at}::timestamptz, ${issued}::timestamptz, (
        select date_trunc('second', max(issued_before)) + interval '1 second' from identity.revocation
        where audit_id is null and (user_id is null or ${user}::text is null or user_id = ${user})
          and issued_before >= date_trunc('second', ${tx.at}::timestamptz))), ${tx.at}`.execute(tx.db)
}

/** Revocations that no living token can match any more. */
export const forgetRevocations = async (db: Kysely<any>, before: Instant): Promise<void> => {
  await sql`delete from identity.revocation where revoked_at < ${before}`.execute(db)
}

export interface RevocationRow extends Revocation {
  readonly issued_before: Instant
  readonly revoked_at: Instant
}

export const listRevocations = async (db: Kysely<any>, since: Instant | undefined): Promise<RevocationRow[]> =>
  (
    await sql<RevocationRow>`select audit_id, audit_chain_id, user_id, project_id, domain_id, issued_before, revoked_at
      from identity.revocation where ${since === undefined ? sql`true` : sql`revoked_at >= ${since}`} order by id`.execute(db)
  ).rows
