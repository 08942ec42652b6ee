import { sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { uuid } from '../../../kit/ids/ids.ts'

/** A port for every network card that has none yet, in its order. A card that another node has stays that node's. Says how many are new. */
export const portsFound = async (tx: Tx, node: string, macs: readonly string[]): Promise<number> => {
  let made = 0
  for (const mac of macs) {
    const { rows } = await sql`
      insert into baremetal.port (uuid, node_uuid, address, pxe_enabled, created_at) values (${uuid()}, ${node}, ${mac}, true, ${tx.at})
      on conflict (address) do nothing returning uuid`.execute(tx.db)
    made += rows.length
  }
  return made
}
