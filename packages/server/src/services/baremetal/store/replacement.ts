import type { Part, Replacement } from '@esi/api/baremetal/replace'
import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Boards } from '../domain/replacing.ts'

export interface ReplacementRow extends Replacement {
  readonly node: string
  readonly state: Exclude<Replacement['state'], 'never'>
  readonly board: Boards | null
  readonly asked_at: Instant
  readonly tries: number
}

export const replacementOf = async (db: Kysely<any>, node: string): Promise<ReplacementRow | undefined> =>
  (await sql<ReplacementRow>`select * from baremetal.replacement where node = ${node}`.execute(db)).rows[0]

/** Asks for a look; whatever was replaced before is over. */
export const askReplacement = async (tx: Tx, node: string, parts: readonly Part[], board: Boards | null): Promise<void> => {
  const { user, project } = tx.origin.by
  await sql`
    insert into baremetal.replacement (node, state, parts, board, asked_at, "user", project)
    values (${node}, 'looking', ${JSON.stringify(parts)}::jsonb, ${board && JSON.stringify(board)}::jsonb, ${tx.at}, ${user ?? null}, ${project ?? null})
    on conflict (node) do update set state = 'looking', parts = excluded.parts, board = excluded.board, asked_at = excluded.asked_at,
      "user" = excluded."user", project = excluded.project, tries = 0, why = null, done_at = null`.execute(tx.db)
}

export const changeReplacement = async (
  tx: Tx,
  { node, asked_at }: ReplacementRow,
  values: Partial<Pick<ReplacementRow, 'state' | 'parts' | 'tries' | 'why' | 'done_at'>>,
): Promise<boolean> => {
  const sets = Object.entries(values).map(([name, value]) =>
    name === 'parts' ? sql`parts = ${JSON.stringify(value)}::jsonb` : sql`${sql.ref(name)} = ${value}`,
  )
  const { rows } = await sql`
    update baremetal.replacement set ${sql.join(sets)} where node = ${node} and asked_at = ${asked_at} and state = 'looking' returning node`.execute(
    tx.db,
  )
  return rows.length > 0
}

export interface Socket {
  readonly uuid: string
  readonly address: string
  /** The network that is attached to it, or to the group that it is in. */
  readonly vif: string | null
}

/** A node's port by its address. */
export const portAt = async (tx: Tx, node: string, address: string): Promise<Socket | undefined> =>
  (
    await sql<Socket>`
      select p.uuid, p.address, coalesce(p.internal_info ->> 'tenant_vif_port_id', g.internal_info ->> 'tenant_vif_port_id') as vif
      from baremetal.port p left join baremetal.portgroup g on g.uuid = p.portgroup_uuid
      where p.node_uuid = ${node} and p.address = ${address}`.execute(tx.db)
  ).rows[0]
