import { sql } from 'kysely'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { col, extra } from './columns.ts'

export const consumers: Store = tableStore(
  { name: 'identity.consumer', id: 'id', columns: ['id', 'description', 'sealed'], extra: 'extra' },
  { from: sql`identity.consumer c`, columns: col('c', 'id', 'description'), inner: extra('c'), visible: () => sql`true` },
)
