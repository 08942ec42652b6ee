import type { Instant } from '@esi/api/time'
import { sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { page } from '../../../kit/events/read.ts'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store, View } from '../../../kit/resource/view.ts'
import { connectorRefusal, targetRefusal } from '../errors.ts'
import { ownNode } from './nodes.ts'

const CONNECTOR = ['uuid', 'node_uuid', 'type', 'connector_id', 'extra'] as const
const TARGET = ['uuid', 'node_uuid', 'volume_type', 'boot_index', 'volume_id', 'properties', 'extra'] as const

/** Like the views of ports, these call their table `p`. */
const view = (table: 'volume_connector' | 'volume_target', columns: readonly string[], inner: View['inner'] = {}): View => ({
  from: sql`${sql.table(`baremetal.${table}`)} p join baremetal.node n on n.uuid = p.node_uuid`,
  columns: Object.fromEntries([...columns, 'created_at', 'updated_at'].map(name => [name, sql.ref(`p.${name}`)])),
  inner: { node_owner: sql`n.owner`, node_lessee: sql`n.lessee`, node_reservation: sql`n.reservation`, ...inner },
  visible: ownNode,
})

export const connectorStore: Store = tableStore(
  { name: 'baremetal.volume_connector', id: 'uuid', columns: CONNECTOR, json: ['extra'], times: true, refuse: connectorRefusal },
  view('volume_connector', CONNECTOR),
)

export const targetStore: Store = tableStore(
  {
    name: 'baremetal.volume_target',
    id: 'uuid',
    columns: [...TARGET, 'secrets'],
    json: ['extra', 'properties'],
    times: true,
    refuse: targetRefusal,
  },
  view('volume_target', TARGET, { secrets: sql`p.secrets` }),
)

/** What a deployment boots from is nobody's any more once it is undone. */
export const dropTargets = async (tx: Tx, node: string): Promise<void> => {
  await sql`delete from baremetal.volume_target where node_uuid = ${node}`.execute(tx.db)
}

/** What a lessee has told storage of a node goes with it; what its owner has told stays. */
export const dropConnectorsOf = async (tx: Tx, node: string, lessee: string | null, since: Instant): Promise<void> => {
  const { rows } = await sql<{ uuid: string }>`
    select uuid from baremetal.volume_connector where node_uuid = ${node} and created_at >= ${since}`.execute(tx.db)
  for (const { uuid } of rows) {
    const [made] = await page(tx.db, { object: { id: uuid }, types: ['baremetal.volume_connector.created'], limit: 1 })
    if (made?.origin.project === lessee) await sql`delete from baremetal.volume_connector where uuid = ${uuid}`.execute(tx.db)
  }
}
