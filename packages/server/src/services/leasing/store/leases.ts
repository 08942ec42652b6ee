import type { LeaseStatus } from '@esi/api/leasing/states'
import type { Instant } from '@esi/api/time'
import { type Kysely, type QueryResult, type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { selection } from '../../../kit/resource/page.ts'
import type { Item, Store, View } from '../../../kit/resource/view.ts'
import type { LeaseFacts } from '../domain/lease.ts'
import type { PresentLease } from '../domain/rights.ts'
import { endless } from './offers.ts'

const shown = (leases: RawBuilder<unknown>): RawBuilder<unknown> => sql`${leases} l join leasing.resource r on r.id = l.unit
    left join leasing.project p on p.id = l.project_id left join leasing.project o on o.id = l.owner_id`

export const leaseView: View = {
  from: shown(sql`leasing.lease`),
  columns: {
    uuid: sql`l.uuid`,
    name: sql`l.name`,
    project_id: sql`l.project_id`,
    project: sql`p.name`,
    owner_id: sql`l.owner_id`,
    owner: sql`o.name`,
    resource_type: sql`r.type`,
    resource_uuid: sql`r.thing`,
    resource: sql`r.name`,
    resource_class: sql`r.class`,
    resource_properties: sql`r.properties`,
    start_time: sql`l.start_time`,
    fulfill_time: sql`l.fulfill_time`,
    expire_time: sql`l.expire_time`,
    end_time: sql`l.end_time`,
    status: sql`l.status`,
    properties: sql`l.properties`,
    purpose: sql`l.purpose`,
    offer_uuid: sql`l.offer_uuid`,
    parent_lease_uuid: sql`l.parent_lease_uuid`,
    waiting: sql`l.waiting`,
    end_record: sql`l.end_record`,
    created_at: sql`l.created_at`,
  },
  inner: { state: sql`l.status` },
  visible: who => sql`l.project_id = ${who.project_id ?? ''} or l.owner_id = ${who.project_id ?? ''}`,
  order: [
    { field: 'start_time', dir: 'asc' },
    { field: 'created_at', dir: 'asc' },
  ],
}

export const leaseStore: Store = {
  view: leaseView,
  lock(tx, id) {
    tx.later(sql`select 1 from leasing.lease where uuid = ${id} for no key update`)
  },
}

export interface NewLease {
  readonly uuid: string
  readonly name: string | null
  readonly project_id: string
  readonly owner_id: string
  readonly purpose: string | null
  readonly unit: number
  readonly start: Instant
  readonly end: Instant
  readonly properties: Readonly<Record<string, unknown>>
  readonly offer: string | null
  readonly parent: string | null
}

/** Writes a lease with its bookings, and gives it as it is shown: one statement, which may go along with the commit. */
export const insertLease = (tx: Tx, l: NewLease, bookings: RawBuilder<unknown>): PromiseLike<QueryResult<Item>> =>
  tx.later(sql<Item>`
    with booked as (${bookings}), made as (
      insert into leasing.lease (uuid, name, project_id, owner_id, purpose, unit, start_time, end_time, status, properties, offer_uuid,
        parent_lease_uuid, created_at)
      values (${l.uuid}, ${l.name}, ${l.project_id}, ${l.owner_id}, ${l.purpose}, ${l.unit}, ${l.start}, ${endless(l.end)}, 'created',
        ${JSON.stringify(l.properties)}::jsonb, ${l.offer}, ${l.parent}, ${tx.at})
      returning *)
    select ${selection(leaseView, Object.keys(leaseView.columns))} from ${shown(sql`made`)}`)

export interface LeaseRow extends LeaseFacts {
  readonly uuid: string
  readonly name: string | null
  readonly project_id: string
  readonly owner_id: string
  readonly unit: number
  readonly type: string
  readonly thing: string
  readonly offer: string | null
  readonly parentUuid: string | null
  readonly waiting: string | null
  readonly fulfilled: Instant | null
}

const begun = sql`('wait fulfill', 'active', 'wait expire', 'wait cancel')`

const select = sql`
  select l.uuid, l.name, l.project_id, l.owner_id, l.unit, r.type, r.thing, l.offer_uuid as offer, l.parent_lease_uuid as "parentUuid",
    l.status, l.start_time as start, l.end_time as end, l.holds, l.told_end as told, l.waiting, l.fulfill_time as fulfilled,
    coalesce(l.end_record ->> 'is' = 'released', l.end_record is null) as ready,
    exists (select from leasing.lease c where c.parent_lease_uuid = l.uuid and c.status in ${begun}) as lent,
    (select count(*) from leasing.lease c where c.parent_lease_uuid = l.uuid and not c.ended) as children,
    (select jsonb_build_object('status', p.status) from leasing.lease p where p.uuid = l.parent_lease_uuid) as parent
  from leasing.lease l join leasing.resource r on r.id = l.unit`

export const readLease = async (db: Kysely<any>, uuid: string): Promise<LeaseRow | undefined> =>
  (await sql<LeaseRow>`${select} where l.uuid = ${uuid}`.execute(db)).rows.map(plain)[0]

const plain = (row: LeaseRow & { parent?: unknown }): LeaseRow => {
  if (row.parent !== null) return row
  const { parent: _, ...rest } = row
  return rest as LeaseRow
}

const living = sql`not l.ended`

export const livingOfOffer = async (db: Kysely<any>, offer: string): Promise<LeaseRow[]> =>
  (await sql<LeaseRow>`${select} where l.offer_uuid = ${offer} and ${living} order by l.start_time, l.uuid`.execute(db)).rows.map(plain)

export const livingOfLease = async (db: Kysely<any>, lease: string): Promise<LeaseRow[]> =>
  (await sql<LeaseRow>`${select} where l.parent_lease_uuid = ${lease} and ${living} order by l.start_time, l.uuid`.execute(db)).rows.map(
    plain,
  )

/** Those that wait for a thing: to begin, to end, or to be known as ready. */
export const waitingFor = async (db: Kysely<any>, unit: number): Promise<string[]> =>
  (
    await sql<{ uuid: string }>`
      select uuid from leasing.lease where unit = ${unit}
        and (status in ('wait fulfill', 'wait expire', 'wait cancel') or (status = 'active' and not holds)
          or (ended and end_record ->> 'is' <> 'released'))`.execute(db)
  ).rows.map(r => r.uuid)

/** The lease through which a project has a unit at this moment, and how deep it lies in others. */
export const presentLease = async (db: Kysely<any>, unit: number, project: string, now: Instant): Promise<PresentLease | undefined> =>
  (
    await sql<PresentLease>`
      with recursive up as (
        select l.uuid, l.project_id as project, l.parent_lease_uuid as parent, l.parent_lease_uuid as next, 0 as depth
        from leasing.lease l
        where l.unit = ${unit} and l.project_id = ${project} and l.status = 'active' and l.holds and l.start_time <= ${now} and l.end_time > ${now}
        union all select u.uuid, u.project, u.parent, p.parent_lease_uuid, u.depth + 1
        from up u join leasing.lease p on p.uuid = u.next)
      select uuid, project, parent, max(depth) as depth from up group by uuid, project, parent order by depth desc limit 1`.execute(db)
  ).rows[0]

/** Living leases of a thing itself that name one of its former owners. */
export const leasesOfFormerOwners = async (db: Kysely<any>, unit: number, owner: string): Promise<LeaseRow[]> =>
  (
    await sql<LeaseRow>`
      ${select} where l.unit = ${unit} and l.parent_lease_uuid is null and not l.ended
        and l.owner_id = any(r.former_owners) and l.owner_id <> ${owner} order by l.start_time, l.uuid`.execute(db)
  ).rows.map(plain)

/** When the next lease on its thing began, one that does not lie in it; undefined if none has. */
export const begunAfter = async (db: Kysely<any>, uuid: string): Promise<Instant | undefined> => {
  const { rows } = await sql<{ at: Instant | null }>`
    with recursive inside as (
      select ${uuid}::uuid as uuid union all select c.uuid from leasing.lease c join inside i on c.parent_lease_uuid = i.uuid)
    select min(n.fulfill_time) as at from leasing.lease l join leasing.lease n on n.unit = l.unit and n.fulfill_time > l.fulfill_time
    where l.uuid = ${uuid} and n.uuid not in (select uuid from inside)`.execute(db)
  return rows[0]?.at ?? undefined
}

/** Whatever was written down as ended on a thing had ended by then: the next one begins. */
export const endedBy = (tx: Tx, unit: number, at: Instant): void => {
  tx.later(sql`
    update leasing.lease set expire_time = greatest(${at}, fulfill_time)
    where unit = ${unit} and ended and fulfill_time is not null and expire_time > ${at}`)
}

/** Leases of a unit that have never had it, and have not ended; none that lies in another. */
export const notBegun = async (db: Kysely<any>, unit: number): Promise<string[]> =>
  (
    await sql<{ uuid: string }>`
      select uuid from leasing.lease
      where unit = ${unit} and parent_lease_uuid is null and status in ('created', 'wait fulfill', 'error') and fulfill_time is null
      order by start_time, uuid`.execute(db)
  ).rows.map(row => row.uuid)

/** Leases of a project that have not ended. */
export const countLiving = async (db: Kysely<any>, project: string): Promise<number> =>
  (
    await sql<{ n: number }>`
      select count(*)::int as n from leasing.lease where project_id = ${project} and not ended`.execute(db)
  ).rows[0]!.n

export interface LeaseChange {
  readonly status?: LeaseStatus
  readonly holds?: boolean
  readonly told?: Instant
  readonly waiting?: string | null
  readonly end?: Instant
  readonly fulfill_time?: Instant
  readonly expire_time?: Instant
  readonly end_record?: Readonly<Record<string, unknown>>
  readonly owner_id?: string
}

export const changeLease = (tx: Tx, uuid: string, c: LeaseChange): void => {
  const sets = [sql`updated_at = ${tx.at}`]
  if (c.status !== undefined) sets.push(sql`status = ${c.status}`)
  if (c.holds !== undefined) sets.push(sql`holds = ${c.holds}`)
  if (c.told !== undefined) sets.push(sql`told_end = ${endless(c.told)}`)
  if (c.waiting !== undefined) sets.push(sql`waiting = ${c.waiting}`)
  if (c.end !== undefined) sets.push(sql`end_time = ${endless(c.end)}`)
  if (c.fulfill_time !== undefined) sets.push(sql`fulfill_time = ${c.fulfill_time}`)
  if (c.expire_time !== undefined) sets.push(sql`expire_time = ${c.expire_time}`)
  if (c.owner_id !== undefined) sets.push(sql`owner_id = ${c.owner_id}`)
  if (c.end_record !== undefined) sets.push(sql`end_record = ${JSON.stringify(c.end_record)}::jsonb`)
  tx.later(sql`update leasing.lease set ${sql.join(sets)} where uuid = ${uuid}`)
}
