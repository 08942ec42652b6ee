import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

/** Nodes that have a port with one of these MAC addresses, and are in one of these states. */
export const nodesByMac = async (db: Kysely<any>, macs: readonly string[], states: readonly string[]): Promise<string[]> => {
  const { rows } = await sql<{ uuid: string }>`
    select distinct n.uuid from baremetal.node n join baremetal.port p on p.node_uuid = n.uuid
    where p.address = any(${[...macs]}::text[]) and n.provision_state = any(${[...states]}::text[])`.execute(db)
  return rows.map(row => row.uuid)
}

/** A node by UUID, or by a name that only one has. */
export const nodeUuid = async (db: Kysely<any>, ident: string, isId: boolean): Promise<string | undefined> => {
  const { rows } = await sql<{
    uuid: string
  }>`select uuid from baremetal.node where ${isId ? sql`uuid = ${ident}` : sql`name = ${ident}`} limit 2`.execute(db)
  return rows.length === 1 ? rows[0]!.uuid : undefined
}

export const agentToken = async (tx: Tx, node: string): Promise<string | null> =>
  (await sql<{ agent_token: string | null }>`select agent_token from baremetal.node where uuid = ${node}`.execute(tx.db)).rows[0]
    ?.agent_token ?? null
