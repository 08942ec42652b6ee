import { livingLeases, livingOffers } from '@esi/api/leasing/states'
import type { Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import { isFree } from './calendar/free.ts'

type Condition = RawBuilder<unknown>

/** Filters of a list, already read: projects are ids. */
export interface OfferFilters {
  readonly project?: string
  readonly type?: string
  readonly class?: string
  readonly resource?: string
  /** Offers that contain it. */
  readonly span?: { readonly from: Instant; readonly to: Instant }
  /** Offers that are free for the whole of it. */
  readonly free?: { readonly from: Instant; readonly to: Instant }
  readonly status?: string
}

/** The read model is asked, so that no list needs another service: a name there may be a minute old. */
const ofResource = (type: string | undefined, resource: string | undefined, cls: string | undefined): Condition[] => [
  ...(type === undefined ? [] : [sql`r.type = ${type}`]),
  ...(resource === undefined ? [] : [sql`(r.thing = ${resource} or r.name = ${resource})`]),
  ...(cls === undefined ? [] : [sql`r.class = ${cls}`]),
]

export const offerConditions = (f: OfferFilters): Condition[] => [
  ...ofResource(f.type, f.resource, f.class),
  ...(f.project === undefined ? [] : [sql`o.project_id = ${f.project}`]),
  ...(f.span === undefined ? [] : [sql`o.start_time <= ${f.span.from} and o.end_time >= ${f.span.to}`]),
  ...(f.free === undefined ? [] : [isFree(f.free.from, f.free.to)]),
  ...(f.status === 'any' ? [] : [f.status === undefined ? sql`o.status = any(${[...livingOffers]}::text[])` : sql`o.status = ${f.status}`]),
]

export interface LeaseFilters {
  readonly project?: string
  readonly owner?: string
  /** Either of both. */
  readonly party?: string
  readonly offer?: string
  readonly type?: string
  readonly class?: string
  readonly resource?: string
  readonly purpose?: string
  /** Leases that have some of it. */
  readonly span?: { readonly from: Instant; readonly to: Instant }
  readonly status?: string
}

export const leaseConditions = (f: LeaseFilters): Condition[] => [
  ...ofResource(f.type, f.resource, f.class),
  ...(f.project === undefined ? [] : [sql`l.project_id = ${f.project}`]),
  ...(f.owner === undefined ? [] : [sql`l.owner_id = ${f.owner}`]),
  ...(f.party === undefined ? [] : [sql`(l.project_id = ${f.party} or l.owner_id = ${f.party})`]),
  ...(f.offer === undefined ? [] : [sql`l.offer_uuid::text = ${f.offer}`]),
  ...(f.purpose === undefined ? [] : [sql`l.purpose = ${f.purpose}`]),
  ...(f.span === undefined ? [] : [sql`l.start_time <= ${f.span.to} and l.end_time >= ${f.span.from}`]),
  ...(f.status === 'any' ? [] : [f.status === undefined ? sql`l.status = any(${[...livingLeases]}::text[])` : sql`l.status = ${f.status}`]),
]
