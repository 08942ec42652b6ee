import { sql } from 'kysely'
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
