import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Release } from '../domain/provision.ts'
import type { Conducted } from './conduct-node.ts'

export interface LeaseEnd {
  readonly lease: string
  readonly node: string
  readonly project: string | null
  readonly began_at: Instant
  readonly ended_at: Instant | null
  readonly outcome: 'releasing' | 'quarantined' | 'clean' | 'unclean'
  readonly proof: Readonly<Record<string, string>>
  readonly failures: readonly { readonly at: Instant; readonly step: string; readonly why: string }[]
  readonly said: Readonly<Record<string, unknown>> | null
}

export const leaseEnd = async (db: Kysely<any>, lease: string, node: string): Promise<LeaseEnd | undefined> =>
  (
    await sql<LeaseEnd>`select lease, node, project, began_at, ended_at, outcome, proof, failures, said
      from baremetal.lease_end where lease = ${lease} and node = ${node}`.execute(db)
  ).rows[0]

/** The last ends of a node's leases, newest first. */
export const leaseEnds = async (db: Kysely<any>, node: string, limit: number): Promise<LeaseEnd[]> =>
  (
    await sql<LeaseEnd>`select lease, node, project, began_at, ended_at, outcome, proof, failures, said
      from baremetal.lease_end where node = ${node} order by began_at desc, lease limit ${limit}`.execute(db)
  ).rows

/** The end of a lease begins. */
export const beginEnd = async (tx: Tx, node: Conducted, lease: string): Promise<void> => {
  tx.later(sql`
    insert into baremetal.lease_end (lease, node, node_name, owner, project, began_at, outcome)
    values (${lease}, ${node.uuid}, ${node.name}, ${node.owner}, ${node.lessee}, ${tx.at}, 'releasing')
    on conflict do nothing`)
}

/** Keeps how it stands, as the node says; a failure is added to those before it. */
export const noteEnd = async (
  tx: Tx,
  node: string,
  release: Release,
  failure?: { readonly step: string; readonly why: string },
  said?: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const outcome = release.outcome ?? (release.quarantined === undefined ? 'releasing' : 'quarantined')
  const failed = failure ? [{ at: tx.at, ...failure }] : []
  tx.later(sql`
    update baremetal.lease_end set outcome = ${outcome}, ended_at = ${release.ended_at ?? null},
      proof = ${JSON.stringify(release.proof ?? {})}::jsonb, said = coalesce(${said ? JSON.stringify(said) : null}::jsonb, said),
      failures = case when jsonb_array_length(failures) < 100 then failures || ${JSON.stringify(failed)}::jsonb else failures end
    where lease = ${release.lease} and node = ${node}`)
}

/** How long the last ends of the leases of `baremetal.node n` took until it was clean, in milliseconds. */
export const endTimes = sql`array(
  select extract(epoch from e.ended_at - e.began_at)::float8 * 1000 from baremetal.lease_end e
  where e.node = n.uuid and e.outcome = 'clean' order by e.began_at desc limit 50)`

/** How long nodes of a class stayed in a state, newest first, in milliseconds. */
export const stays = async (db: Kysely<any>, state: string, resourceClass: string | null): Promise<number[]> => {
  const { rows } = await sql<{ took: number }>`
    select h.duration_seconds as took from baremetal.node_history h join baremetal.node n on n.uuid = h.node
    where h.state = ${state} and h.duration_seconds is not null and h.severity = 'INFO' and n.resource_class is not distinct from ${resourceClass}
    order by h.created_at desc limit 200`.execute(db)
  return rows.map(row => row.took * 1000)
}

/** Nodes that are longer in their state than expected, the longest first. */
export const stuckNodes = async (
  db: Kysely<any>,
): Promise<readonly { uuid: string; name: string | null; state: string; since: Instant; stuck_at: Instant }[]> =>
  (
    await sql<any>`select uuid, name, provision_state as state, provision_updated_at as since, stuck_at from baremetal.node
      where stuck_at is not null order by provision_updated_at, uuid`.execute(db)
  ).rows
