import type { OfferStatus } from '@esi/api/leasing/states'
import { FOREVER, type Instant, naive } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Store, View } from '../../../kit/resource/view.ts'
import type { Calendar } from '../domain/cut.ts'
import { calendarIn } from './calendar/book.ts'
import { freeText } from './calendar/free.ts'

/** `lineage`: the caller's project and all above it, put there by the route that asks. */
export const offerView: View = {
  from: sql`leasing.offer o join leasing.resource r on r.id = o.unit
    left join leasing.project p on p.id = o.project_id left join leasing.project l on l.id = o.lessee_id`,
  columns: {
    uuid: sql`o.uuid`,
    name: sql`o.name`,
    project_id: sql`o.project_id`,
    project: sql`p.name`,
    lessee_id: sql`o.lessee_id`,
    lessee: sql`l.name`,
    resource_type: sql`r.type`,
    resource_uuid: sql`r.thing`,
    resource: sql`r.name`,
    resource_class: sql`r.class`,
    resource_properties: sql`r.properties`,
    start_time: sql`o.start_time`,
    end_time: sql`o.end_time`,
    status: sql`o.status`,
    properties: sql`o.properties`,
    parent_lease_uuid: sql`o.parent_lease_uuid`,
    created_at: sql`o.created_at`,
  },
  inner: { unit: sql`o.unit`, turnAround: sql`r.turn_around`, state: sql`o.status` },
  written: {
    availabilities: (of, { at }) =>
      sql`case when ${of('state')} <> 'available' then '[]' else ${freeText(
        { id: of('uuid'), start: of('start_time'), end: of('end_time'), turnAround: of('turnAround') },
        at,
        naive,
      )} end`,
  },
  visible: who => {
    const lineage = (who['lineage'] as readonly string[] | undefined) ?? [who.project_id ?? '']
    return sql`o.lessee_id is null or o.project_id = ${who.project_id ?? ''} or o.lessee_id = any(${lineage}::text[])`
  },
  order: [
    { field: 'start_time', dir: 'asc' },
    { field: 'created_at', dir: 'asc' },
  ],
}

export const offerStore: Store = {
  view: offerView,
  lock(tx, id) {
    tx.later(sql`select 1 from leasing.offer where uuid = ${id} for no key update`)
  },
}

export interface NewOffer {
  readonly uuid: string
  readonly name: string | null
  readonly project_id: string
  readonly lessee_id: string | null
  readonly unit: number
  readonly thing_owner: string | null
  readonly start: Instant
  readonly end: Instant
  readonly properties: Readonly<Record<string, unknown>>
  readonly parent: string | null
}

/** FOREVER is an infinite time inside. */
export const endless = (at: Instant): string => (at === FOREVER ? 'infinity' : at)

export const insertOffer = async (tx: Tx, o: NewOffer): Promise<void> => {
  await sql`
    insert into leasing.offer (uuid, name, project_id, lessee_id, unit, thing_owner, start_time, end_time, status, properties, parent_lease_uuid, created_at)
    values (${o.uuid}, ${o.name}, ${o.project_id}, ${o.lessee_id}, ${o.unit}, ${o.thing_owner}, ${o.start}, ${endless(o.end)}, 'available',
      ${JSON.stringify(o.properties)}::jsonb, ${o.parent}, ${tx.at})`.execute(tx.db)
}

/** An offer as its rules need it. */
export interface OfferRow {
  readonly uuid: string
  readonly name: string | null
  readonly project_id: string
  readonly lessee_id: string | null
  readonly status: OfferStatus
  readonly start: Instant
  readonly end: Instant
  readonly parent: string | null
  readonly unit: number
  readonly type: string
  readonly thing: string
  readonly class: string | null
  readonly thingOwner: string | null
}

const select = sql`
  select o.uuid, o.name, o.project_id, o.lessee_id, o.status, o.start_time as start, o.end_time as end, o.parent_lease_uuid as parent,
    o.unit, r.type, r.thing, r.class, o.thing_owner as "thingOwner"
  from leasing.offer o join leasing.resource r on r.id = o.unit`

export const readOffer = async (db: Kysely<any>, uuid: string): Promise<OfferRow | undefined> =>
  (await sql<OfferRow>`${select} where o.uuid = ${uuid}`.execute(db)).rows[0]

/** What a claim by a project needs to know beside what an offer shows: see `unitIn`; `project_known`, whether its name is. */
export const forClaim = (project: { readonly id: string; readonly name: string | null }): RawBuilder<unknown> => sql`,
  r.owner as thing_owner, r.gone_at as thing_gone,
  exists (select from leasing.project k where k.id = ${project.id} and k.name is not distinct from ${project.name}) as project_known`

/** An offer's status, and what of it can be booked in; in one statement, for whoever has locked its bookings. */
export const lookAtOffer = async (db: Kysely<any>, uuid: string): Promise<{ status: OfferStatus; calendars: Calendar[] }> => {
  const { rows } = await sql<{ status: OfferStatus; id: number | null; during: string; held: string }>`
    select o.status, b.id, b.during::text, b.held::text
    from leasing.offer o left join leasing.booking b on b.deal = o.uuid and not isempty(b.held)
    where o.uuid = ${uuid} order by b.id`.execute(db)
  return { status: rows[0]!.status, calendars: rows.flatMap(row => (row.id === null ? [] : [calendarIn({ ...row, id: row.id })])) }
}

/** Living offers that lie in a lease. */
export const offersOfLease = async (db: Kysely<any>, lease: string): Promise<OfferRow[]> =>
  (await sql<OfferRow>`${select} where o.parent_lease_uuid = ${lease} and o.status in ('available', 'error') order by o.uuid`.execute(db))
    .rows

/** Living offers of a unit, made by whoever owns it. */
export const offersOfUnit = async (db: Kysely<any>, unit: number): Promise<OfferRow[]> =>
  (
    await sql<OfferRow>`
      ${select} where o.unit = ${unit} and o.status in ('available', 'error') and o.parent_lease_uuid is null order by o.uuid`.execute(db)
  ).rows

export const setOfferStatus = (tx: Tx, uuid: string, status: OfferStatus): void => {
  tx.later(sql`update leasing.offer set status = ${status}, updated_at = ${tx.at} where uuid = ${uuid}`)
}
