import type { FoundNic } from '@esi/api/baremetal/discovery'
import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Where } from '../domain/discovery.ts'

export interface DiscoveryRow {
  readonly uuid: string
  readonly driver: string
  readonly trust: 'first' | 'known'
  readonly conductor_group: string
  /** Sealed. */
  readonly secrets: string | null
  readonly project: string | null
  readonly created_at: Instant
  readonly finished_at: Instant | null
  readonly expires_at: Instant
}

/** What a BMC said of its machine. */
export interface Identity {
  readonly vendor: string | null
  readonly model: string | null
  readonly serial: string | null
  readonly uuid: string | null
  readonly bmc_version: string | null
  readonly cpus: number | null
  readonly memory_mb: number | null
  readonly nics: readonly FoundNic[]
  readonly certificate: string | null
  readonly weak: readonly string[]
}

/** What came of asking one address. */
export type Look =
  | { readonly state: 'silent' }
  | {
      readonly state: 'found'
      readonly driver: string
      readonly settings: Readonly<Record<string, unknown>>
      readonly account: number
      readonly found: Identity
    }
  | { readonly state: 'failed'; readonly driver: string; readonly error: { readonly fault: string; readonly message: string } }

export interface AddressRow extends Where {
  readonly discovery: string
  readonly position: number
  readonly state: 'waiting' | 'silent' | 'found' | 'failed'
  readonly driver: string | null
  readonly settings: Readonly<Record<string, unknown>> | null
  readonly account: number | null
  readonly found: Identity | null
  readonly error: { readonly fault: string; readonly message: string } | null
  readonly node: string | null
}

export const insertDiscovery = async (tx: Tx, row: Omit<DiscoveryRow, 'finished_at'>, addresses: readonly Where[]): Promise<void> => {
  await sql`
    insert into baremetal.discovery (uuid, driver, trust, conductor_group, secrets, project, created_at, expires_at)
    values (${row.uuid}, ${row.driver}, ${row.trust}, ${row.conductor_group}, ${row.secrets}, ${row.project}, ${row.created_at}, ${row.expires_at})`.execute(
    tx.db,
  )
  await sql`
    insert into baremetal.discovery_address (discovery, position, host, port)
    select ${row.uuid}, at - 1, host, port
    from unnest(${addresses.map(a => a.host)}::text[], ${addresses.map(a => a.port)}::int[]) with ordinality as a (host, port, at)`.execute(
    tx.db,
  )
}

export const discoveryBy = async (db: Kysely<any>, uuid: string): Promise<DiscoveryRow | undefined> =>
  (await sql<DiscoveryRow>`select * from baremetal.discovery where uuid = ${uuid}`.execute(db)).rows[0]

/** The same, so that two requests do not enroll the same machine. */
export const lockDiscovery = async (tx: Tx, uuid: string): Promise<DiscoveryRow | undefined> =>
  (await sql<DiscoveryRow>`select * from baremetal.discovery where uuid = ${uuid} for update`.execute(tx.db)).rows[0]

export const deleteDiscovery = async (tx: Tx, uuid: string): Promise<void> => {
  await sql`delete from baremetal.discovery where uuid = ${uuid}`.execute(tx.db)
}

export const addressesOf = async (db: Kysely<any>, uuid: string): Promise<readonly AddressRow[]> =>
  (await sql<AddressRow>`select * from baremetal.discovery_address where discovery = ${uuid} order by position`.execute(db)).rows

export const waitingOf = async (db: Kysely<any>, uuid: string, most: number): Promise<readonly AddressRow[]> =>
  (
    await sql<AddressRow>`
      select * from baremetal.discovery_address where discovery = ${uuid} and state = 'waiting' order by position limit ${most}`.execute(db)
  ).rows

/** Nothing where the discovery is gone by now. */
export const writeLook = async (tx: Tx, row: AddressRow, look: Look): Promise<void> => {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  await sql`
    update baremetal.discovery_address set state = ${look.state},
      driver = ${'driver' in look ? look.driver : null},
      settings = ${json('settings' in look ? look.settings : undefined)}::jsonb,
      account = ${'account' in look ? look.account : null},
      found = ${json('found' in look ? look.found : undefined)}::jsonb,
      error = ${json('error' in look ? look.error : undefined)}::jsonb
    where discovery = ${row.discovery} and position = ${row.position}`.execute(tx.db)
}

export const finishDiscovery = async (tx: Tx, uuid: string): Promise<boolean> => {
  const { rows } = await sql`
    update baremetal.discovery set finished_at = ${tx.at} where uuid = ${uuid} and finished_at is null
      and not exists (select from baremetal.discovery_address a where a.discovery = ${uuid} and a.state = 'waiting') returning uuid`.execute(
    tx.db,
  )
  return rows.length > 0
}

export const enrolledAs = async (tx: Tx, row: Pick<AddressRow, 'discovery' | 'position'>, node: string): Promise<void> => {
  await sql`update baremetal.discovery_address set node = ${node} where discovery = ${row.discovery} and position = ${row.position}`.execute(
    tx.db,
  )
}

export interface KnownNode {
  readonly uuid: string
  readonly name: string | null
  readonly provision_state: string
}

/** How a machine that was found may be known already: by its BMC's address, by its network cards, by its own UUID, or because it was enrolled here. */
export interface Trace {
  readonly position: number
  readonly addresses: readonly string[]
  readonly macs: readonly string[]
  readonly uuid: string | null
  readonly node: string | null
}

/** Nodes that are these machines, by their position; `beside` the one that is just being made. */
export const knownNodes = async (
  db: Kysely<any>,
  traces: readonly Trace[],
  beside: string | null = null,
): Promise<ReadonlyMap<number, KnownNode>> => {
  if (traces.length === 0) return new Map()
  const { rows } = await sql<KnownNode & { position: number }>`
    with trace as (
      select (t ->> 'position')::int as position, t ->> 'uuid' as uuid, (t ->> 'node')::uuid as node,
        array(select jsonb_array_elements_text(t -> 'addresses')) as addresses, array(select jsonb_array_elements_text(t -> 'macs')) as macs
      from jsonb_array_elements(${JSON.stringify(traces)}::jsonb) t)
    select distinct on (t.position) t.position, n.uuid, n.name, n.provision_state
    from trace t join baremetal.node n on n.uuid is distinct from ${beside}::uuid and (
      lower(rtrim(coalesce(n.driver_info ->> 'redfish_address', n.driver_info ->> 'ipmi_address' || coalesce(':' || (n.driver_info ->> 'ipmi_port'), '')), '/'))
        = any(t.addresses)
      or n.uuid = t.node
      or (t.uuid is not null and n.extra -> 'discovered' ->> 'uuid' = t.uuid)
      or exists (select from baremetal.port p where p.node_uuid = n.uuid and p.address = any(t.macs)))
    order by t.position, n.uuid = t.node desc nulls last, n.created_at`.execute(db)
  return new Map(rows.map(({ position, ...node }) => [position, node]))
}

/**
 * Claims a machine for the node that is just being made of it. Gives the node that another search has made of it meanwhile; waits for one
 * that is just being written. `marks` in order, so that two who claim the same wait for each other and do not lock.
 */
export const claimMachine = async (tx: Tx, discovery: string, node: string, marks: readonly string[]): Promise<KnownNode | undefined> => {
  const taken = await sql`
    insert into baremetal.discovery_claim (key, discovery, node)
    select key, ${discovery}, ${node} from unnest(${marks}::text[]) with ordinality as mark (key, at) order by at
    on conflict (key) do nothing returning key`.execute(tx.db)
  if (taken.rows.length === marks.length) return undefined
  const { rows } = await sql<KnownNode>`
    select n.uuid, n.name, n.provision_state from baremetal.discovery_claim c join baremetal.node n on n.uuid = c.node
    where c.key = any(${marks}::text[]) and c.node <> ${node} order by n.created_at limit 1`.execute(tx.db)
  return rows[0]
}

/** Ports of a node, by their MAC address. */
export const portsOf = async (db: Kysely<any>, node: string): Promise<readonly string[]> =>
  (await sql<{ address: string }>`select address from baremetal.port where node_uuid = ${node}`.execute(db)).rows.map(row => row.address)

/** One address again, locked: whether it was enrolled meanwhile, by another request. */
export const lockAddress = async (tx: Tx, row: Pick<AddressRow, 'discovery' | 'position'>): Promise<AddressRow | undefined> =>
  (
    await sql<AddressRow>`
      select * from baremetal.discovery_address where discovery = ${row.discovery} and position = ${row.position} for update`.execute(tx.db)
  ).rows[0]

/** The group whose conductors look; null where there is no such discovery any more. */
export const discoveryGroup = async (db: Kysely<any>, uuid: string): Promise<string | null> =>
  (await discoveryBy(db, uuid))?.conductor_group ?? null
