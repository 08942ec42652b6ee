import type { Tx } from '../../kit/db/transaction.ts'
import type { LeaseRow } from './store/leases.ts'
import type { OfferRow } from './store/offers.ts'

type LeaseEvent = 'created' | 'updated' | 'waiting' | 'fulfilled' | 'expired' | 'deleted' | 'ready'
type OfferEvent = 'created' | 'updated' | 'expired' | 'deleted'

/** Every event says whose it is in the same keys, so that they can be filtered by. */
export const tellLease = (
  tx: Tx,
  what: LeaseEvent,
  lease: Pick<LeaseRow, 'uuid' | 'name' | 'project_id' | 'owner_id' | 'type' | 'thing'>,
  data: Readonly<Record<string, unknown>> = {},
  further: readonly string[] = [],
): void =>
  tx.emit('leasing', {
    type: `leasing.lease.${what}`,
    object: { type: 'lease', id: lease.uuid, name: lease.name },
    projects: [...new Set([lease.project_id, lease.owner_id, ...further])],
    data: { resource_type: lease.type, resource_uuid: lease.thing, lessee_id: lease.project_id, owner_id: lease.owner_id, ...data },
  })

export const tellOffer = (
  tx: Tx,
  what: OfferEvent,
  offer: Pick<OfferRow, 'uuid' | 'name' | 'project_id' | 'lessee_id' | 'type' | 'thing'>,
  data: Readonly<Record<string, unknown>> = {},
): void =>
  tx.emit('leasing', {
    type: `leasing.offer.${what}`,
    object: { type: 'offer', id: offer.uuid, name: offer.name },
    projects: [offer.project_id],
    data: { resource_type: offer.type, resource_uuid: offer.thing, lessee_id: offer.lessee_id, owner_id: offer.project_id, ...data },
  })
