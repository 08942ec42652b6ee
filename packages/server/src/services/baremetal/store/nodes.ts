import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Credentials } from '../../../kit/auth/caller.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Item, Store, View } from '../../../kit/resource/view.ts'
import { nodeRefusal } from '../errors.ts'
import { endTimes } from './clean.ts'
import { linksText } from './links.ts'

const JSON_COLUMNS = [
  'driver_info',
  'driver_internal_info',
  'properties',
  'extra',
  'instance_info',
  'network_data',
  'clean_step',
  'deploy_step',
  'service_step',
  'raid_config',
  'target_raid_config',
  'wanted',
  'clean_proof',
  'release',
  'lent',
] as const

const STEPS = ['clean_step', 'deploy_step', 'service_step'] as const

const PLAIN = [
  'uuid',
  'name',
  'description',
  'owner',
  'lessee',
  'driver',
  'bios_interface',
  'boot_interface',
  'console_interface',
  'deploy_interface',
  'firmware_interface',
  'inspect_interface',
  'management_interface',
  'network_interface',
  'power_interface',
  'raid_interface',
  'rescue_interface',
  'storage_interface',
  'vendor_interface',
  'instance_uuid',
  'instance_name',
  'chassis_uuid',
  'parent_node',
  'resource_class',
  'conductor_group',
  'shard',
  'automated_clean',
  'protected',
  'protected_reason',
  'retired',
  'retired_reason',
  'disable_power_off',
  'power_state',
  'target_power_state',
  'provision_state',
  'target_provision_state',
  'provision_updated_at',
  'reservation',
  'last_error',
  'fault',
  'maintenance',
  'maintenance_reason',
  'boot_mode',
  'secure_boot',
  'health',
  'console_enabled',
  'inspection_started_at',
  'inspection_finished_at',
] as const

/** Columns that clients never see; hooks and routes read them. */
const INNER = [
  'driver_secrets',
  'lessee_by',
  'lease',
  'lease_end',
  'wanted',
  'intent',
  'clean_proof',
  'clean_at',
  'release',
  'power_seen_at',
  'lent',
] as const

const col = (name: string): RawBuilder<unknown> => sql.ref(`n.${name}`)
const columnsOf = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, col(name)]))

/** Whose a row of `baremetal.node n` is. */
export const ownNode = (who: Credentials): RawBuilder<unknown> =>
  who.project_id === undefined ? sql`false` : sql`n.owner = ${who.project_id} or n.lessee = ${who.project_id}`

const like = (text: string) => `%${text.replace(/[\\%_]/g, c => `\\${c}`)}%`

/**
 * The host that conducts a node: of those that serve its group and driver and are alive, the one that rendezvous hashing gives.
 * Alive is whoever was seen within a minute before the one seen last.
 */
const hostOf = (of: (column: string) => RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select c.hostname from baremetal.conductor c where c.conductor_group = ${of('conductor_group')} and ${of('driver')} = any(c.drivers)
  and c.seen_at > (select max(seen_at) from baremetal.conductor) - interval '60 seconds'
  order by hashtextextended(c.hostname || ${of('uuid')}::text, 0) limit 1)`
const HOST = hostOf(col)

const view: View = {
  from: sql`baremetal.node n`,
  columns: {
    ...columnsOf(PLAIN),
    ...columnsOf(JSON_COLUMNS.filter(name => !['wanted', 'clean_proof', 'release', 'lent'].includes(name))),
    // Between steps clients are shown an empty one.
    ...Object.fromEntries(STEPS.map(name => [name, sql`coalesce(${col(name)}, '{}')`])),
    traits: sql`array(select t.trait from baremetal.node_trait t where t.node = n.uuid order by t.trait)`,
    allocation_uuid: sql`(select a.uuid from baremetal.allocation a where a.node_uuid = n.uuid)`,
    created_at: col('created_at'),
    updated_at: col('updated_at'),
  },
  inner: columnsOf(INNER),
  written: {
    links: (of, { base }) => linksText(base, 'nodes', of('uuid')),
    ports: (of, { base }) => linksText(base, 'nodes', of('uuid'), '/ports'),
    states: (of, { base }) => linksText(base, 'nodes', of('uuid'), '/states'),
    portgroups: (of, { base }) => linksText(base, 'nodes', of('uuid'), '/portgroups'),
    volume: (of, { base }) => linksText(base, 'nodes', of('uuid'), '/volume'),
    conductor: of => sql`coalesce(to_json(${hostOf(of)})::text, 'null')`,
  },
  visible: ownNode,
  queries: {
    associated: (yes: boolean) => (yes ? sql`n.instance_uuid is not null` : sql`n.instance_uuid is null`),
    description_contains: (text: string) => sql`n.description like ${like(text)}`,
    conductor: (host: string) => conductedBy(host),
    project: (project: string) => sql`n.owner = ${project} or n.lessee = ${project}`,
    shard: (shards: string[]) => sql`n.shard = any(${shards})`,
    sharded: (yes: boolean) => (yes ? sql`n.shard is not null` : sql`n.shard is null`),
  },
}

const conductedBy = (host: string): RawBuilder<unknown> => sql`${HOST} = ${host}`

/** Children of that node, or none but those without a parent: lists leave child nodes out unless they are asked for. */
export const childrenOf = (parent: string): RawBuilder<unknown> => sql`n.parent_node = ${parent}`
export const noChildren = sql`n.parent_node is null`
export const inChassis = (chassis: string): RawBuilder<unknown> => sql`n.chassis_uuid = ${chassis}`

export const nodeStore: Store = tableStore(
  {
    name: 'baremetal.node',
    id: 'uuid',
    columns: [...PLAIN, ...JSON_COLUMNS, 'driver_secrets', 'lessee_by', 'lease', 'lease_end', 'intent', 'clean_at', 'power_seen_at'],
    json: JSON_COLUMNS,
    times: true,
    refuse: nodeRefusal,
  },
  view,
)

/** The conductors of nodes, by node. */
export const conductorsOf = async (db: Kysely<any>, nodes: readonly string[]): Promise<ReadonlyMap<string, string | null>> => {
  const { rows } = await sql<{ uuid: string; host: string | null }>`
    select n.uuid, ${HOST} as host from baremetal.node n where n.uuid = any(${nodes}::uuid[])`.execute(db)
  return new Map(rows.map(row => [row.uuid, row.host]))
}

export const childUuids = async (db: Kysely<any>, parent: string, scope: Credentials | undefined): Promise<string[]> => {
  const { rows } = await sql<{ uuid: string }>`
    select n.uuid from baremetal.node n where n.parent_node = ${parent} ${scope ? sql`and (${ownNode(scope)})` : sql``} order by n.created_at, n.uuid
  `.execute(db)
  return rows.map(row => row.uuid)
}

/** How many nodes each shard has; nodes without one under null. */
export const shards = async (db: Kysely<any>): Promise<readonly { name: string; count: number }[]> => {
  // Nodes in no shard go by the name that the original gives them.
  const { rows } = await sql<{ name: string; count: number }>`
    select coalesce(shard, 'None') as name, count(*)::int as count from baremetal.node group by shard order by shard nulls last`.execute(db)
  return rows
}

export const traitsOf = async (db: Kysely<any>, node: string): Promise<string[]> => {
  const { rows } = await sql<{ trait: string }>`select trait from baremetal.node_trait where node = ${node} order by trait`.execute(db)
  return rows.map(row => row.trait)
}

/** Replaces a node's traits, or adds to them. */
export const setTraits = async (tx: Tx, node: string, traits: readonly string[], replace: boolean): Promise<void> => {
  if (replace) await sql`delete from baremetal.node_trait where node = ${node} and trait <> all(${[...traits]}::text[])`.execute(tx.db)
  await sql`insert into baremetal.node_trait (node, trait) select ${node}, t from unnest(${[...traits]}::text[]) t on conflict do nothing`.execute(
    tx.db,
  )
}

/** Tells whether it was there. */
export const removeTrait = async (tx: Tx, node: string, trait: string): Promise<boolean> => {
  const { rows } = await sql`delete from baremetal.node_trait where node = ${node} and trait = ${trait} returning trait`.execute(tx.db)
  return rows.length > 0
}

/** When it is to be retired; null where that is not planned. */
const leavesAt = sql`(select r.as_of from baremetal.retirement r where r.node = n.uuid and r.state = 'planned')`

/** A node's row as seams need it, by UUID or by a name that only one node has. */
export const nodeByIdent = async (db: Kysely<any>, ident: string, isId: boolean): Promise<Item | undefined> => {
  const { rows } =
    await sql<Item>`select n.*, ${endTimes} as end_times, ${leavesAt} as leaves_at from baremetal.node n where ${isId ? sql`n.uuid = ${ident}` : sql`n.name = ${ident}`} limit 2`.execute(
      db,
    )
  return rows.length === 1 ? rows[0] : undefined
}

export const nodesSeen = async (db: Kysely<any>, who: Credentials | undefined): Promise<Item[]> => {
  const { rows } =
    await sql<Item>`select n.*, ${endTimes} as end_times, ${leavesAt} as leaves_at from baremetal.node n ${who ? sql`where ${ownNode(who)}` : sql``} order by n.created_at, n.uuid`.execute(
      db,
    )
  return rows
}
