import { createHash } from 'node:crypto'
import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

/** What of a token is kept. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface NewToken {
  readonly hash: string
  readonly node: string
  readonly user: string
  readonly project: string | null
  /** Whose the node was then. */
  readonly lessee: string | null
  readonly expires: Instant
}

/** Those that have ended are cleared away on the way; that they have ended does not depend on it. */
export const addToken = async (tx: Tx, t: NewToken): Promise<void> => {
  await sql`delete from leasing.console_token where expires <= ${tx.at}`.execute(tx.db)
  await sql`
    insert into leasing.console_token (hash, node, user_id, project_id, lessee, expires, created_at)
    values (${t.hash}, ${t.node}, ${t.user}, ${t.project}, ${t.lessee}, ${t.expires}, ${tx.at})`.execute(tx.db)
}

export const dropTokens = async (tx: Tx, node: string): Promise<void> => {
  await sql`delete from leasing.console_token where node = ${node}`.execute(tx.db)
}

/** The node that a token opens at this moment. */
export const nodeOfToken = async (db: Kysely<any>, hash: string, now: Instant): Promise<string | undefined> =>
  (await sql<{ node: string }>`select node from leasing.console_token where hash = ${hash} and expires > ${now}`.execute(db)).rows[0]?.node

export interface Key {
  readonly node: string
  readonly user: string
  readonly project: string | null
  readonly lessee: string | null
}

/** What a token opens at this moment, and for whom. */
export const keyOf = async (db: Kysely<any>, hash: string, now: Instant): Promise<Key | undefined> =>
  (
    await sql<Key>`
      select node, user_id as "user", project_id as project, lessee from leasing.console_token
      where hash = ${hash} and expires > ${now}`.execute(db)
  ).rows[0]
