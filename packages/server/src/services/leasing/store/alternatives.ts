import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Credentials } from '../../../kit/auth/caller.ts'
import { isFree } from './calendar/free.ts'
import { offerView } from './offers.ts'

export interface OtherOffer {
  readonly uuid: string
  readonly name: string | null
  readonly resource: string | null
}

/** Other offers of the same class that this caller may claim for the whole of a span. */
export const otherOffers = async (
  db: Kysely<any>,
  who: Credentials,
  than: { readonly uuid: string | null; readonly unit: number; readonly type: string; readonly class: string | null },
  from: Instant,
  to: Instant,
): Promise<OtherOffer[]> => {
  const { rows } = await sql<OtherOffer>`
    select o.uuid, o.name, coalesce(r.name, r.thing) as resource from ${offerView.from}
    where o.status = 'available' and o.unit <> ${than.unit} and r.type = ${than.type} and r.class is not distinct from ${than.class}
      and r.gone_at is null and (${offerView.visible(who)}) and ${isFree(from, to)}
    order by o.start_time, o.uuid limit 3`.execute(db)
  return rows
}
