/** What can follow what. `error` comes only from databases of the original; nothing here ends in it. */
export const offerStates = {
  available: ['expired', 'deleted'],
  error: ['expired', 'deleted'],
  expired: [],
  deleted: [],
} as const satisfies Record<string, readonly string[]>

export const leaseStates = {
  created: ['wait fulfill', 'active', 'expired', 'deleted'],
  'wait fulfill': ['active', 'wait expire', 'wait cancel', 'expired', 'deleted'],
  active: ['wait expire', 'wait cancel', 'expired', 'deleted'],
  /** Its rights are to go and whoever has the thing could not be told yet. */
  'wait expire': ['expired'],
  'wait cancel': ['deleted'],
  error: ['active', 'wait fulfill', 'wait expire', 'wait cancel', 'expired', 'deleted'],
  expired: [],
  deleted: [],
} as const satisfies Record<string, readonly string[]>

export type OfferStatus = keyof typeof offerStates
export type LeaseStatus = keyof typeof leaseStates

export const offerStatuses = Object.keys(offerStates) as readonly OfferStatus[]
export const leaseStatuses = Object.keys(leaseStates) as readonly LeaseStatus[]

/** What a list shows when it is not asked for another status. */
export const livingOffers: readonly OfferStatus[] = ['available', 'error']
export const livingLeases: readonly LeaseStatus[] = ['created', 'active', 'error', 'wait cancel', 'wait expire', 'wait fulfill']
/** Leases that may still be extended, shortened or deleted. */
export const openLeases: readonly LeaseStatus[] = ['created', 'active', 'error', 'wait fulfill']
