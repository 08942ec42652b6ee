import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import type { Store } from '../../../kit/resource/view.ts'
import type { Conducted } from './conduct-node.ts'
import { nodeStore } from './nodes.ts'

export interface Retirement {
  readonly uuid: string
  readonly node: string
  readonly state: 'planned' | 'cleaning' | 'not clean' | 'retired' | 'deleted'
  readonly reason: string | null
  readonly as_of: Instant
  readonly remove: boolean
  readonly user: string | null
  readonly project: string | null
  readonly why: string | null
  readonly retired_at: Instant | null
  readonly cleaned_at: Instant | null
}

const column = (name: string) => sql.ref(`r.${name}`)

/** While the node is there it says whose it is and what it is called. */
export const retiredStore: Store = {
  view: {
    from: sql`baremetal.retirement r left join baremetal.node n on n.uuid = r.node and r.state <> 'deleted'`,
    columns: {
      ...Object.fromEntries(
        ['uuid', 'serial', 'state', 'reason', 'why', 'as_of', 'retired_at', 'cleaned_at', 'deleted_at', 'document'].map(name => [
          name,
          column(name),
        ]),
      ),
      node_uuid: column('node'),
      name: sql`coalesce(n.name, r.name)`,
      owner: sql`coalesce(n.owner, r.owner)`,
    },
    visible: who => (who.project_id === undefined ? sql`false` : sql`coalesce(n.owner, r.owner) = ${who.project_id}`),
    order: [
      { field: 'as_of', dir: 'asc' },
      { field: 'uuid', dir: 'asc' },
    ],
  },
  lock(tx, id) {
    tx.later(sql`select 1 from baremetal.retirement where uuid = ${id} for no key update`)
  },
}

/** The retirement of a node that is there. */
export const retirementOf = async (db: Kysely<any>, node: string): Promise<Retirement | undefined> =>
  (await sql<Retirement>`select * from baremetal.retirement where node = ${node} and state <> 'deleted'`.execute(db)).rows[0]

export interface NewRetirement {
  readonly reason: string | null
  readonly as_of: Instant
  readonly remove: boolean
}

/** Plans one, in place of what was planned or tried before. Its node must be locked. */
export const planRetirement = async (tx: Tx, node: Conducted, given: NewRetirement): Promise<Retirement> => {
  const { user, project } = tx.origin.by
  const { rows } = await sql<Retirement>`
    insert into baremetal.retirement as r (uuid, node, name, owner, state, reason, as_of, remove, asked_at, "user", project)
    values (${uuid()}, ${node.uuid}, ${node.name}, ${node.owner}, 'planned', ${given.reason}, ${given.as_of}, ${given.remove}, ${tx.at},
      ${user ?? null}, ${project ?? null})
    on conflict (node) where state <> 'deleted' do update set state = 'planned', reason = excluded.reason, as_of = excluded.as_of, remove = excluded.remove,
      asked_at = excluded.asked_at, "user" = excluded."user", project = excluded.project, why = null
    returning *`.execute(tx.db)
  return rows[0]!
}

export type RetirementValues = Partial<Pick<Retirement, 'state' | 'why' | 'remove' | 'retired_at' | 'cleaned_at'>>

export const changeRetirement = async (tx: Tx, id: string, values: RetirementValues): Promise<void> => {
  const sets = Object.entries(values).map(([name, value]) => sql`${sql.ref(name)} = ${value}`)
  await sql`update baremetal.retirement set ${sql.join(sets)} where uuid = ${id}`.execute(tx.db)
}

export const dropRetirement = async (tx: Tx, node: string): Promise<boolean> =>
  (await sql`delete from baremetal.retirement where node = ${node} and state <> 'deleted' returning uuid`.execute(tx.db)).rows.length > 0

const HISTORY = 1000

/**
 * Writes what the node is into its record: owner, make, ports, what is proven of its cleaning, how its leases ended, and the newest
 * entries of its history. Nothing that tells how its BMC is reached.
 */
export const document = async (tx: Tx, id: string, deleted = false): Promise<void> => {
  await sql`
    update baremetal.retirement r set
      name = n.name, owner = n.owner, serial = n.driver_internal_info -> 'identity' ->> 'serial',
      ${deleted ? sql`state = 'deleted', deleted_at = ${tx.at},` : sql``}
      document = jsonb_build_object(
        'node', jsonb_build_object('uuid', n.uuid, 'name', n.name, 'owner', n.owner, 'driver', n.driver, 'resource_class', n.resource_class,
          'description', n.description, 'properties', n.properties, 'enrolled_at', n.created_at, 'identity', n.driver_internal_info -> 'identity'),
        'retired', jsonb_build_object('as_of', r.as_of, 'at', r.retired_at, 'reason', r.reason, 'user', r."user", 'project', r.project),
        'cleaning', jsonb_build_object('proof', n.clean_proof, 'at', n.clean_at, 'why_not', case when n.clean_proof is null then r.why end),
        'ports', coalesce((select jsonb_agg(jsonb_build_object('uuid', p.uuid, 'address', p.address, 'physical_network', p.physical_network)
          order by p.created_at, p.uuid) from baremetal.port p where p.node_uuid = n.uuid), '[]'),
        'leases', coalesce((select jsonb_agg(to_jsonb(e) - 'node' order by e.began_at, e.lease) from baremetal.lease_end e where e.node = n.uuid), '[]'),
        'history', coalesce((select jsonb_agg(h order by h ->> 'created_at') from (
          select to_jsonb(o) - 'node' as h from baremetal.node_history o where o.node = n.uuid order by o.created_at desc, o.uuid limit ${HISTORY}
        ) newest), '[]'))
    from baremetal.node n where n.uuid = r.node and r.uuid = ${id}`.execute(tx.db)
}

/** The record of a retired node that is about to be deleted is completed; one that was never made is made. */
export const lastRecord = async (tx: Tx, node: Conducted): Promise<void> => {
  const open = await retirementOf(tx.db, node.uuid)
  if (!open && !node.retired) return
  const record = open ?? (await planRetirement(tx, node, { reason: null, as_of: tx.at, remove: false }))
  if (record.retired_at === null) await changeRetirement(tx, record.uuid, { retired_at: tx.at })
  await document(tx, record.uuid, true)
}

/** The node is gone; what belongs to it goes with it. */
export const removeNode = (tx: Tx, node: string): Promise<void> => nodeStore.remove!(tx, node)

/** A node by its identifier that has children would leave them without a parent. */
export const hasChildren = async (db: Kysely<any>, node: string): Promise<boolean> =>
  (await sql`select 1 from baremetal.node where parent_node = ${node} limit 1`.execute(db)).rows.length > 0
