import { createHash } from 'node:crypto'
import { type Instant, plus } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

/** Who may use a console, and in whose time: a key opens nothing once the node has changed hands. */
export interface Holder {
  readonly user: string | null
  readonly project: string | null
  readonly lease: string | null
  readonly lessee: string | null
}

/** What of a token is kept. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Those that have run out are cleared away on the way; that they have does not depend on it. */
export const addToken = async (tx: Tx, hash: string, node: string, holder: Holder, expires: Instant): Promise<void> => {
  await sql`delete from baremetal.console_token where expires <= ${tx.at}`.execute(tx.db)
  await sql`
    insert into baremetal.console_token (hash, node, user_id, project_id, lease, lessee, expires, created_at)
    values (${hash}, ${node}, ${holder.user}, ${holder.project}, ${holder.lease}, ${holder.lessee}, ${expires}, ${tx.at})`.execute(tx.db)
}

export const dropTokens = async (tx: Tx, node: string): Promise<void> => {
  await sql`delete from baremetal.console_token where node = ${node}`.execute(tx.db)
}

export const dropToken = async (tx: Tx, hash: string): Promise<void> => {
  await sql`delete from baremetal.console_token where hash = ${hash}`.execute(tx.db)
}

export const tokenOf = async (db: Kysely<any>, hash: string, now: Instant): Promise<({ readonly node: string } & Holder) | undefined> =>
  (
    await sql<{ node: string } & Holder>`
      select node, user_id as "user", project_id as project, lease, lessee from baremetal.console_token
      where hash = ${hash} and expires > ${now}`.execute(db)
  ).rows[0]

/** A session whose process says nothing for so long is over. */
const STALE = 60_000

export interface Session {
  readonly id: string
  readonly node: string
  readonly host: string
}

/** Takes the console for one session; false while another one has it. */
export const claimSession = async (tx: Tx, { id, node, host }: Session, holder: Holder): Promise<boolean> =>
  (
    await sql`
      insert into baremetal.console_session (node, id, host, user_id, project_id, opened_at, seen_at)
      values (${node}, ${id}, ${host}, ${holder.user}, ${holder.project}, ${tx.at}, ${tx.at})
      on conflict (node) do update set id = excluded.id, host = excluded.host, user_id = excluded.user_id, project_id = excluded.project_id,
        opened_at = excluded.opened_at, seen_at = excluded.seen_at
      where console_session.seen_at < ${plus(tx.at, -STALE)}
      returning 1`.execute(tx.db)
  ).rows.length > 0

/** Says that it goes on; false where it is over, because somebody has taken it for dead. */
export const beatSession = async (db: Kysely<any>, { id, node }: Session, now: Instant): Promise<boolean> =>
  (await sql`update baremetal.console_session set seen_at = ${now} where node = ${node} and id = ${id} returning 1`.execute(db)).rows
    .length > 0

export const endSession = async (tx: Tx, { id, node }: Session): Promise<void> => {
  await sql`delete from baremetal.console_session where node = ${node} and id = ${id}`.execute(tx.db)
}

/** Where the consoles of a group's machines are; undefined while nobody serves it. */
export const consoleUrlOf = async (db: Kysely<any>, group: string, driver: string): Promise<string | undefined> =>
  (
    await sql<{ url: string }>`
      select console_url as url from baremetal.conductor
      where conductor_group = ${group} and ${driver} = any(drivers) and console_url is not null
        and seen_at > (select max(seen_at) from baremetal.conductor) - interval '60 seconds'
      order by hostname limit 1`.execute(db)
  ).rows[0]?.url
