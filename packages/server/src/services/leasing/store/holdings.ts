import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

/** A lease or an offer that a project has. */
export interface Holding {
  readonly uuid: string
  readonly project_id: string
  readonly resource: string
  readonly end_time: Instant
}

export interface Held {
  readonly leases: readonly Holding[]
  readonly offers: readonly Holding[]
  /** Leases of other projects that lie in these leases. */
  readonly within: number
  /** Leases of other projects that these have granted, elsewhere. */
  readonly granted: number
}

const open = sql`('created', 'wait fulfill', 'active', 'error')`

/** What projects have that has not ended and does not end already. */
export const heldBy = async (db: Kysely<any>, projects: readonly string[]): Promise<Held> => {
  const ids = sql`any(${projects}::text[])`
  const holding = (from: string, alias: string) => sql`
    select ${sql.ref(alias)}.uuid, ${sql.ref(alias)}.project_id, coalesce(r.name, r.thing) as resource, ${sql.ref(alias)}.end_time
    from ${sql.table(from)} ${sql.ref(alias)} join leasing.resource r on r.id = ${sql.ref(alias)}.unit`
  const [leases, offers, others] = await Promise.all([
    sql<Holding>`${holding('leasing.lease', 'l')} where l.project_id = ${ids} and l.status in ${open} order by l.end_time, l.uuid`.execute(
      db,
    ),
    sql<Holding>`
      ${holding('leasing.offer', 'o')} where o.project_id = ${ids} and o.status in ('available', 'error')
      order by o.end_time, o.uuid`.execute(db),
    sql<{ within: number; granted: number }>`
      with recursive held as (
        select l.uuid, l.project_id from leasing.lease l where l.project_id = ${ids} and l.status in ${open}
        union select c.uuid, c.project_id from leasing.lease c join held h on c.parent_lease_uuid = h.uuid where c.status in ${open})
      select (select count(*)::int from held where project_id <> all(${projects}::text[])) as within,
        (select count(*)::int from leasing.lease l
         where l.owner_id = ${ids} and l.project_id <> all(${projects}::text[]) and l.status in ${open}
           and not exists (select from held h where h.uuid = l.uuid)) as granted`.execute(db),
  ])
  return { leases: leases.rows, offers: offers.rows, ...others.rows[0]! }
}
