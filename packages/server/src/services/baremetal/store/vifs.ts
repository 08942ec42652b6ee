import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Socket } from '../domain/vif.ts'

const VIF = sql`internal_info ->> 'tenant_vif_port_id'`

/** What networks can be attached to at a node, oldest first. */
export const socketsOf = async (db: Kysely<any>, node: string): Promise<Socket[]> => {
  const { rows } = await sql<Socket>`
    select 'portgroup' as kind, uuid, ${VIF} as vif, physical_network, true as pxe_enabled, null::uuid as portgroup,
      standalone_ports_supported as standalone, created_at from baremetal.portgroup where node_uuid = ${node}
    union all
    select 'port', uuid, ${VIF}, physical_network, pxe_enabled, portgroup_uuid, true, created_at from baremetal.port where node_uuid = ${node}
    order by created_at, uuid`.execute(db)
  return rows
}

/** Attaches, or with null detaches. */
export const setVif = async (tx: Tx, socket: Pick<Socket, 'kind' | 'uuid'>, vif: string | null): Promise<void> => {
  const info =
    vif === null ? sql`internal_info - 'tenant_vif_port_id'` : sql`internal_info || ${JSON.stringify({ tenant_vif_port_id: vif })}::jsonb`
  await sql`update ${sql.table(`baremetal.${socket.kind}`)} set internal_info = ${info}, updated_at = ${tx.at} where uuid = ${socket.uuid}`.execute(
    tx.db,
  )
}

/** Whatever was attached to a node is so no more. */
export const clearVifs = async (tx: Tx, node: string): Promise<void> => {
  for (const table of ['port', 'portgroup'] as const)
    await sql`
      update ${sql.table(`baremetal.${table}`)} set internal_info = internal_info - 'tenant_vif_port_id', updated_at = ${tx.at}
      where node_uuid = ${node} and internal_info ? 'tenant_vif_port_id'`.execute(tx.db)
}
