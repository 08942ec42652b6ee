import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { allocationRefusal } from '../errors.ts'
import { linksText } from './links.ts'

const COLUMNS = [
  'uuid',
  'name',
  'resource_class',
  'traits',
  'candidate_nodes',
  'owner',
  'extra',
  'state',
  'last_error',
  'node_uuid',
] as const

export const allocationStore: Store = tableStore(
  { name: 'baremetal.allocation', id: 'uuid', columns: COLUMNS, json: ['extra'], times: true, refuse: allocationRefusal },
  {
    from: sql`baremetal.allocation a`,
    columns: {
      ...Object.fromEntries([...COLUMNS, 'created_at', 'updated_at'].map(name => [name, sql.ref(`a.${name}`)])),
      candidate_nodes: sql`a.candidate_nodes::text[]`,
    },
    written: { links: (of, { base }) => linksText(base, 'allocations', of('uuid')) },
    visible: who => (who.project_id === undefined ? sql`false` : sql`a.owner = ${who.project_id}`),
  },
)

export const ofAllocatedNode = (node: string) => sql`a.node_uuid = ${node}`

/** An allocation as its conductor knows it. */
export interface Allocation {
  readonly uuid: string
  readonly name: string | null
  readonly resource_class: string | null
  readonly traits: readonly string[]
  readonly candidate_nodes: readonly string[]
  readonly owner: string | null
  readonly state: 'allocating' | 'active' | 'error'
  readonly node_uuid: string | null
}

const ROW = sql`uuid, name, resource_class, traits, candidate_nodes::text[] as candidate_nodes, owner, state, node_uuid`

export const lockAllocation = async (tx: Tx, uuid: string): Promise<Allocation | undefined> =>
  (await sql<Allocation>`select ${ROW} from baremetal.allocation where uuid = ${uuid} for no key update`.execute(tx.db)).rows[0]

/** The allocation that has a node. */
export const allocationOf = async (db: Kysely<any>, node: string): Promise<Allocation | undefined> =>
  (await sql<Allocation>`select ${ROW} from baremetal.allocation where node_uuid = ${node}`.execute(db)).rows[0]

/**
 * A node for an allocation, locked: one whose name is the allocation's first, else any. With `skip` those that somebody has locked
 * just now are left out. A node in a lessee's hands is nobody else's to allocate.
 */
export const candidate = async (tx: Tx, wish: Allocation, skip: boolean): Promise<string | undefined> => {
  const { rows } = await sql<{ uuid: string }>`
    select n.uuid from baremetal.node n
    where n.resource_class = ${wish.resource_class} and n.provision_state = 'available' and n.instance_uuid is null
      and n.power_state is not null and not n.maintenance and not n.retired and n.reservation is null
      and ${suits(wish)}
      and not exists (select from unnest(${[...wish.traits]}::text[]) t
        where t not in (select trait from baremetal.node_trait where node = n.uuid))
    order by (n.name is not distinct from ${wish.name}) desc, random() limit 1
    for no key update ${skip ? sql`skip locked` : sql``}`.execute(tx.db)
  return rows[0]?.uuid
}

const suits = (wish: Allocation) => sql`
  (cardinality(${[...wish.candidate_nodes]}::uuid[]) = 0 or n.uuid = any(${[...wish.candidate_nodes]}::uuid[]))
  and (${wish.owner}::text is null or n.owner = ${wish.owner} or n.lessee = ${wish.owner})
  and (n.lessee is null or n.lessee is not distinct from ${wish.owner})`

/** Whether any node would do but for its traits; for the reason. */
export const anyOfClass = async (tx: Tx, wish: Allocation): Promise<boolean> => {
  const { rows } = await sql`
    select from baremetal.node n
    where n.resource_class = ${wish.resource_class} and n.provision_state = 'available' and n.instance_uuid is null
      and n.power_state is not null and not n.maintenance and ${suits(wish)} limit 1`.execute(tx.db)
  return rows.length > 0
}

/** How it ended. */
export const settleAllocation = async (
  tx: Tx,
  uuid: string,
  end: { readonly node: string } | { readonly error: string },
): Promise<void> => {
  const [state, node, error] = 'node' in end ? ['active', end.node, null] : ['error', null, end.error]
  await sql`
    update baremetal.allocation set state = ${state}, node_uuid = ${node}, last_error = ${error}, updated_at = ${tx.at}
    where uuid = ${uuid}`.execute(tx.db)
}

/** Whatever had the node has it no more: it was undeployed, or its lease ended. Tells whose it was. */
export const dropAllocation = async (tx: Tx, node: string): Promise<void> => {
  const { rows } = await sql<Allocation>`delete from baremetal.allocation where node_uuid = ${node} returning ${ROW}`.execute(tx.db)
  for (const gone of rows)
    tx.emit('baremetal', {
      type: 'baremetal.allocation.deleted',
      object: { type: 'allocation', id: gone.uuid, name: gone.name },
      projects: gone.owner === null ? [] : [gone.owner],
      data: { node },
    })
}

/** Nodes among those that a project may see (all, without one), by UUID or name; for each what it means. */
export const namedNodes = async (
  db: Kysely<any>,
  idents: readonly string[],
  project: string | undefined,
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await sql<{ ident: string; uuid: string }>`
    select i.ident, n.uuid from unnest(${[...idents]}::text[]) i(ident) join baremetal.node n on n.uuid::text = lower(i.ident) or n.name = i.ident
    where ${project === undefined ? sql`true` : sql`(n.owner = ${project} or n.lessee = ${project})`}
    order by (n.uuid::text = lower(i.ident)), n.created_at desc`.execute(db)
  return new Map(rows.map(row => [row.ident, row.uuid]))
}
