import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Credentials } from '../../../kit/auth/caller.ts'
import { leaseView } from './leases.ts'
import { offerView } from './offers.ts'

export interface Shown {
  readonly offer: string | null
  readonly lease: string | null
  readonly offers: readonly string[]
  readonly leases: readonly string[]
}

/** For each thing the offer and lease of this moment, and those to come, as far as `who` may see them. */
export const shownOn = async (
  db: Kysely<any>,
  type: string,
  things: readonly string[],
  now: Instant,
  who: Credentials | undefined,
): Promise<ReadonlyMap<string, Shown>> => {
  const seenOffer = who ? sql`and (${offerView.visible(who)})` : sql``
  const seenLease = who ? sql`and (${leaseView.visible(who)})` : sql``
  const { rows } = await sql<Shown & { thing: string }>`
    select r.thing,
      (select o.uuid from leasing.offer o where o.unit = r.id and o.status = 'available' and o.start_time <= ${now} and o.end_time > ${now}
        ${seenOffer} order by o.parent_lease_uuid nulls first limit 1) as offer,
      (select l.uuid from leasing.lease l where l.unit = r.id and l.status = 'active' ${seenLease} order by l.holds desc, l.start_time limit 1) as lease,
      array(select o.uuid::text from leasing.offer o where o.unit = r.id and o.status = 'available' and o.start_time > ${now}
        ${seenOffer} order by o.start_time) as offers,
      array(select l.uuid::text from leasing.lease l where l.unit = r.id and l.status = 'created' ${seenLease} order by l.start_time) as leases
    from leasing.resource r where r.type = ${type} and r.thing = any(${[...things]}::text[])`.execute(db)
  return new Map(rows.map(({ thing, ...shown }) => [thing, shown]))
}
