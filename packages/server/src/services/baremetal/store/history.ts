import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { uuid } from '../../../kit/ids/ids.ts'

export interface HistoryRow {
  readonly uuid: string
  readonly created_at: Instant
  readonly conductor: string | null
  readonly event_type: string | null
  readonly severity: string | null
  readonly event: string | null
  readonly user: string | null
  readonly project: string | null
  readonly state: string | null
  readonly target_provision_state: string | null
  readonly duration_seconds: number | null
}

export interface HistoryPage {
  readonly limit: number
  readonly marker?: string
  readonly dir: 'asc' | 'desc'
}

/** Written beside whatever happened to a node, for its owner to read. */
export const writeHistory = async (
  tx: Tx,
  node: string,
  entry: { readonly severity: 'ERROR' | 'INFO'; readonly type: string; readonly event: string } & Partial<
    Pick<HistoryRow, 'conductor' | 'user' | 'project' | 'state' | 'target_provision_state' | 'duration_seconds'>
  >,
): Promise<void> => {
  tx.later(sql`
    insert into baremetal.node_history
      (uuid, node, created_at, conductor, event_type, severity, event, "user", project, state, target_provision_state, duration_seconds)
    values (${uuid()}, ${node}, ${tx.at}, ${entry.conductor ?? null}, ${entry.type}, ${entry.severity}, ${entry.event.slice(0, 65_536)},
      ${entry.user ?? tx.origin.by.user ?? null}, ${entry.project ?? tx.origin.by.project ?? null}, ${entry.state ?? null},
      ${entry.target_provision_state ?? null}, ${entry.duration_seconds ?? null})`)
}

export const historyOf = async (db: Kysely<any>, node: string, page: HistoryPage): Promise<HistoryRow[]> => {
  const dir = sql.raw(page.dir)
  const beyond = sql.raw(page.dir === 'asc' ? '>' : '<')
  const { rows } = await sql<HistoryRow>`
    select uuid, created_at, conductor, event_type, severity, event, "user", project, state, target_provision_state, duration_seconds
    from baremetal.node_history h where h.node = ${node}
    ${
      page.marker === undefined
        ? sql``
        : sql`and (h.created_at, h.uuid) ${beyond} (select m.created_at, m.uuid from baremetal.node_history m where m.uuid = ${page.marker} and m.node = ${node})`
    }
    order by created_at ${dir}, uuid ${dir} limit ${page.limit}`.execute(db)
  return rows
}

export const historyEntry = async (db: Kysely<any>, node: string, id: string): Promise<HistoryRow | undefined> => {
  const { rows } = await sql<HistoryRow>`
    select uuid, created_at, conductor, event_type, severity, event, "user", project, state, target_provision_state, duration_seconds
    from baremetal.node_history where node = ${node} and uuid = ${id}`.execute(db)
  return rows[0]
}
