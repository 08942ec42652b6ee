import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store, View } from '../../../kit/resource/view.ts'
import { portgroupRefusal, portRefusal } from '../errors.ts'
import { linksText } from './links.ts'
import { ownNode } from './nodes.ts'

const like = (text: string) => `%${text.replace(/[\\%_]/g, c => `\\${c}`)}%`

/** What ties a port or a port group to projects, and what rules of change look at: its node. */
const INNER = {
  node_owner: sql`n.owner`,
  node_lessee: sql`n.lessee`,
  node_state: sql`n.provision_state`,
  node_maintenance: sql`n.maintenance`,
  node_instance: sql`n.instance_uuid`,
  node_reservation: sql`n.reservation`,
}

const OF_NODE = {
  shard: (shards: string[]) => sql`n.shard = any(${shards})`,
  conductor_groups: (groups: string[]) => sql`n.conductor_group = any(${groups})`,
}

const PORT = [
  'uuid',
  'address',
  'node_uuid',
  'portgroup_uuid',
  'name',
  'description',
  'vendor',
  'category',
  'local_link_connection',
  'pxe_enabled',
  'physical_network',
  'is_smartnic',
  'available_for_dynamic_portgroup',
  'internal_info',
  'extra',
] as const

const PORTGROUP = [
  'uuid',
  'node_uuid',
  'name',
  'address',
  'mode',
  'properties',
  'standalone_ports_supported',
  'physical_network',
  'category',
  'dynamic_portgroup',
  'internal_info',
  'extra',
] as const

const columnsOf = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, sql.ref(`p.${name}`)]))

const portView: View = {
  from: sql`baremetal.port p join baremetal.node n on n.uuid = p.node_uuid`,
  columns: columnsOf([...PORT, 'created_at', 'updated_at']),
  inner: INNER,
  written: { links: (of, { base }) => linksText(base, 'ports', of('uuid')) },
  visible: ownNode,
  queries: { ...OF_NODE, description_contains: (text: string) => sql`p.description like ${like(text)}` },
}

const portgroupView: View = {
  from: sql`baremetal.portgroup p join baremetal.node n on n.uuid = p.node_uuid`,
  columns: columnsOf([...PORTGROUP, 'created_at', 'updated_at']),
  inner: INNER,
  written: {
    links: (of, { base }) => linksText(base, 'portgroups', of('uuid')),
    ports: (of, { base }) => linksText(base, 'portgroups', of('uuid'), '/ports'),
  },
  visible: ownNode,
  queries: OF_NODE,
}

/** Both views call their table `p`. */
export const ofNode = (node: string): RawBuilder<unknown> => sql`p.node_uuid = ${node}`
export const ofPortgroup = (portgroup: string): RawBuilder<unknown> => sql`p.portgroup_uuid = ${portgroup}`

export const portStore: Store = tableStore(
  {
    name: 'baremetal.port',
    id: 'uuid',
    columns: PORT,
    json: ['local_link_connection', 'internal_info', 'extra'],
    times: true,
    refuse: portRefusal,
  },
  portView,
)

export const portgroupStore: Store = tableStore(
  {
    name: 'baremetal.portgroup',
    id: 'uuid',
    columns: PORTGROUP,
    json: ['properties', 'internal_info', 'extra'],
    times: true,
    refuse: portgroupRefusal,
  },
  portgroupView,
)

export interface PortgroupFacts {
  readonly node: string
  readonly standalone: boolean
  readonly physicalNetwork: string | null
}

/** What a port's rules need of the group it joins. */
export const portgroupFacts = async (tx: Tx, uuid: string): Promise<PortgroupFacts | undefined> => {
  const { rows } = await sql<PortgroupFacts>`
    select node_uuid as node, standalone_ports_supported as standalone, physical_network as "physicalNetwork"
    from baremetal.portgroup where uuid = ${uuid}`.execute(tx.db)
  return rows[0]
}

/** Physical networks of a port group's other ports. */
export const networksOf = async (tx: Tx, portgroup: string, without: string): Promise<(string | null)[]> => {
  const { rows } = await sql<{ net: string | null }>`
    select distinct physical_network as net from baremetal.port where portgroup_uuid = ${portgroup} and uuid <> ${without}`.execute(tx.db)
  return rows.map(row => row.net)
}

export const pxePorts = async (tx: Tx, portgroup: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from baremetal.port where portgroup_uuid = ${portgroup} and pxe_enabled`.execute(tx.db)
  return rows[0]!.n
}

export const portCount = async (tx: Tx, portgroup: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from baremetal.port where portgroup_uuid = ${portgroup}`.execute(
    tx.db,
  )
  return rows[0]!.n
}
