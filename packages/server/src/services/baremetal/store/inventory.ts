import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Inventory } from '../domain/inventory.ts'

export const inventoryOf = async (db: Kysely<any>, node: string): Promise<Inventory | undefined> =>
  (await sql<Inventory>`select inventory, plugin_data from baremetal.node_inventory where node = ${node}`.execute(db)).rows[0]

/** What inspection took down; the last one counts. */
export const keepInventory = async (tx: Tx, node: string, { inventory, plugin_data }: Inventory): Promise<void> => {
  await sql`
    insert into baremetal.node_inventory (node, inventory, plugin_data, created_at)
    values (${node}, ${JSON.stringify(inventory)}::jsonb, ${JSON.stringify(plugin_data)}::jsonb, ${tx.at})
    on conflict (node) do update set inventory = excluded.inventory, plugin_data = excluded.plugin_data, created_at = excluded.created_at`.execute(
    tx.db,
  )
}
