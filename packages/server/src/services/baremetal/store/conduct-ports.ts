import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { page } from '../../../kit/events/read.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import { type Lent, type LentPort, ownersPort } from '../domain/tenancy.ts'

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

/** What inspection rules see and change of a node's ports, by UUID. */
export const portRows = async (db: Kysely<any>, node: string): Promise<ReadonlyMap<string, Record<string, unknown>>> => {
  const { rows } = await sql<Record<string, unknown>>`
    select uuid, address, name, description, vendor, category, extra, local_link_connection, pxe_enabled, physical_network
    from baremetal.port where node_uuid = ${node} order by uuid`.execute(db)
  return new Map(rows.map(row => [row['uuid'] as string, row]))
}

const PORT_JSON = ['extra', 'local_link_connection']

export const changePort = async (tx: Tx, uuid: string, values: Readonly<Record<string, unknown>>): Promise<void> => {
  const sets = Object.entries(values).map(([column, value]) =>
    PORT_JSON.includes(column) ? sql`${sql.ref(column)} = ${JSON.stringify(value)}::jsonb` : sql`${sql.ref(column)} = ${value}`,
  )
  await sql`update baremetal.port set ${sql.join([...sets, sql`updated_at = ${tx.at}`])} where uuid = ${uuid}`.execute(tx.db)
}

/** What a lessee may change of a node's ports; their names and addresses are taken back below. */
export const portsOf = async (db: Kysely<any>, node: string): Promise<LentPort[]> =>
  (
    await sql<LentPort>`
      select uuid, address, name, description, vendor, category, extra, local_link_connection, pxe_enabled, physical_network, is_smartnic
      from baremetal.port where node_uuid = ${node} order by uuid`.execute(db)
  ).rows

export interface PortsOwner {
  readonly uuid: string
  readonly owner: string | null
  readonly lessee: string | null
}

/** Ports as their owner would have them, when a lessee who may have changed them is gone. */
export const portsBack = async (tx: Tx, node: PortsOwner, lent: Lent): Promise<void> => {
  const now = new Map((await portsOf(tx.db, node.uuid)).map(port => [port.uuid, port]))
  for (const before of lent.ports) {
    const is = now.get(before.uuid)
    if (!is) continue
    const events = await page(tx.db, { object: { id: before.uuid }, types: ['baremetal.port.updated'], since: lent.at, limit: 10_000 })
    const changes = events.map(event => ({
      project: event.origin.project,
      after: (event.data?.['after'] ?? {}) as Record<string, unknown>,
    }))
    const port = ownersPort(before, changes, node.lessee)
    if (JSON.stringify(port) === JSON.stringify(is)) continue
    // Somebody else may have the name or the address by now; a lease's end does not fail for that.
    await sql`
      update baremetal.port p set
        description = ${port['description']}, vendor = ${port['vendor']}, category = ${port['category']},
        extra = ${JSON.stringify(port['extra'])}::jsonb, local_link_connection = ${JSON.stringify(port['local_link_connection'])}::jsonb,
        pxe_enabled = ${port['pxe_enabled']}, physical_network = ${port['physical_network']}, is_smartnic = ${port['is_smartnic']},
        address = case when exists (select from baremetal.port o where o.address = ${port['address']} and o.uuid <> p.uuid)
          then p.address else ${port['address']} end,
        name = case when exists (select from baremetal.port o where o.node_uuid = p.node_uuid and o.name = ${port['name']} and o.uuid <> p.uuid)
          then p.name else ${port['name']} end,
        updated_at = ${tx.at}
      where uuid = ${port.uuid}`.execute(tx.db)
    tx.emit('baremetal', {
      type: 'baremetal.port.updated',
      object: { type: 'port', id: port.uuid },
      projects: node.owner === null ? [] : [node.owner],
      data: {
        fields: Object.keys(port).filter(field => JSON.stringify(port[field]) !== JSON.stringify(is[field])),
        why: 'the lease ended',
      },
    })
  }
}
