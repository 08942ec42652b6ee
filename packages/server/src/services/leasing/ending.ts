import type { LeaseStatus, OfferStatus } from '@esi/api/leasing/states'
import { openLeases } from '@esi/api/leasing/states'
import { plus } from '@esi/api/time'
import type { Tx } from '../../kit/db/transaction.ts'
import { endedOffersAround, shorten, tighten, vacate } from './store/calendar/book.ts'
import { lockTree } from './store/calendar/lock.ts'
import { changeLease, type LeaseRow, livingOfLease, livingOfOffer, readLease } from './store/leases.ts'
import { offersOfLease, readOffer, setOfferStatus } from './store/offers.ts'
import { unitById } from './store/resources.ts'
import { tellLease, tellOffer } from './telling.ts'

export type How = 'expire' | 'cancel'

/** A lease that ends, or begins to end, with something. */
export interface Ends {
  readonly uuid: string
  readonly project_id: string
  readonly status: LeaseStatus
}

/**
 * Lets a lease end, with all that lies in it: what has not begun ends here; what has begun is to be given back first, which its
 * conductor does. Locks all it touches, and judges by what it finds then. `why` is for its projects, where they did not ask for it.
 */
export const endLease = async (tx: Tx, uuid: string, how: How, why?: string): Promise<Ends[]> => {
  await lockTree(tx.db, uuid)
  const lease = await readLease(tx.db, uuid)
  return lease ? endLocked(tx, lease, how, why) : []
}

const endLocked = async (tx: Tx, lease: LeaseRow, how: How, why?: string): Promise<Ends[]> => {
  if (!openLeases.includes(lease.status)) {
    // It ends already; what lies in it does too.
    if (lease.status === 'wait expire' || lease.status === 'wait cancel') tx.wake('lease', lease.uuid)
    return []
  }
  const ends: Ends[] = []
  for (const offer of await offersOfLease(tx.db, lease.uuid))
    ends.push(...(await endOfferLocked(tx, offer.uuid, how === 'expire' ? 'expired' : 'deleted', how)))
  for (const child of await livingOfLease(tx.db, lease.uuid)) ends.push(...(await endLocked(tx, child, how, why)))
  if (lease.status === 'created') {
    const status = how === 'expire' ? 'expired' : 'deleted'
    await vacate(tx.db, lease.uuid)
    changeLease(tx, lease.uuid, { status, expire_time: tx.at, waiting: why ?? null })
    await settleOffers(tx, lease.uuid)
    tellLease(tx, status, lease, { begun: false, ...(why === undefined ? {} : { why }) })
    if (lease.parentUuid) tx.wake('lease', lease.parentUuid)
    return [...ends, { uuid: lease.uuid, project_id: lease.project_id, status }]
  }
  const status = how === 'expire' ? 'wait expire' : 'wait cancel'
  const { turnAround } = await unitById(tx.db, lease.unit)
  await shorten(tx.db, lease.uuid, plus(tx.at, turnAround))
  changeLease(tx, lease.uuid, { status, ...(why === undefined ? {} : { waiting: why }) })
  await settleOffers(tx, lease.uuid)
  tx.wake('lease', lease.uuid)
  return [...ends, { uuid: lease.uuid, project_id: lease.project_id, status }]
}

/** Lets an offer end, with the leases in it. */
export const endOffer = async (tx: Tx, uuid: string, status: OfferStatus): Promise<Ends[]> => {
  await lockTree(tx.db, uuid)
  return endOfferLocked(tx, uuid, status, 'cancel')
}

const endOfferLocked = async (tx: Tx, uuid: string, status: OfferStatus, how: How): Promise<Ends[]> => {
  const offer = await readOffer(tx.db, uuid)
  if (!offer || (offer.status !== 'available' && offer.status !== 'error')) return []
  const ends: Ends[] = []
  for (const lease of await livingOfOffer(tx.db, uuid)) ends.push(...(await endLocked(tx, lease, how)))
  await closeOffer(tx, uuid, status)
  return ends
}

/** Nothing more can be claimed of it; leases stay. Its tree must be locked. */
export const closeOffer = async (tx: Tx, uuid: string, status: OfferStatus, data: Record<string, unknown> = {}): Promise<void> => {
  const offer = await readOffer(tx.db, uuid)
  if (!offer || (offer.status !== 'available' && offer.status !== 'error')) return
  setOfferStatus(tx, uuid, status)
  await tighten(tx.db, uuid)
  tellOffer(tx, status as 'expired' | 'deleted', offer, data)
}

/** Offers that are over keep their calendar only while something is booked there; to be called after a deal gave time back. */
export const settleOffers = async (tx: Tx, deal: string): Promise<void> => {
  for (const offer of await endedOffersAround(tx.db, deal)) await tighten(tx.db, offer)
}
