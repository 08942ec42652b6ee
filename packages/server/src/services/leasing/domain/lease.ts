import type { LeaseStatus } from '@esi/api/leasing/states'
import { FOREVER, type Instant, plus, toMillis } from '@esi/api/time'

/** A lease as far as its next step depends on it. */
export interface LeaseFacts {
  readonly status: LeaseStatus
  readonly start: Instant
  readonly end: Instant
  /** Whoever has the thing was told that it is this lease's, and has not taken it back. */
  readonly holds: boolean
  /** The end that they were told. */
  readonly told: Instant | null
  /** The end record says that the thing is ready for the next, or there is nothing to make ready. */
  readonly ready: boolean
  /** A lease that lies in it has begun and not ended. */
  readonly lent: boolean
  /** Leases that lie in it and have not ended. */
  readonly children: number
  /** The lease it lies in, if any. */
  readonly parent?: { readonly status: LeaseStatus }
}

export type Step =
  /** Hand the thing over. `first`: it is to become active by it; else it comes back from a sublease, or has another end than was told. */
  | { readonly do: 'assign'; readonly first: boolean }
  /** Take the rights away; the lease has ended or ends by it. */
  | { readonly do: 'release' }
  /** It ends without ever having had the thing. */
  | { readonly do: 'end' }
  /** Nothing can be done before that moment. */
  | { readonly do: 'wait'; readonly until: Instant }
  /** Nothing can be done before somebody else is done; they will say so. */
  | { readonly do: 'stand by'; readonly why: string }
  /** Ended, and the thing is being made ready: look whether it is. */
  | { readonly do: 'see whether ready' }
  | { readonly do: 'nothing' }

/** What is to be done with a lease at this moment. */
export const nextStep = (lease: LeaseFacts, now: Instant): Step => {
  switch (lease.status) {
    case 'expired':
    case 'deleted':
      return lease.ready ? { do: 'nothing' } : { do: 'see whether ready' }
    case 'wait expire':
    case 'wait cancel':
      return lease.children > 0 ? { do: 'stand by', why: 'a lease within it is ending first' } : { do: 'release' }
    case 'created':
      if (lease.end <= now) return { do: 'end' }
      if (now < lease.start) return { do: 'wait', until: lease.start }
      return begin(lease)
    case 'wait fulfill':
    case 'error':
      if (lease.end <= now) return { do: 'release' }
      return begin(lease)
    case 'active':
      if (lease.end <= now) return { do: 'release' }
      if (!lease.lent && (!lease.holds || lease.told !== lease.end)) return { do: 'assign', first: false }
      return { do: 'wait', until: lease.end }
  }
}

const begin = (lease: LeaseFacts): Step =>
  lease.parent && lease.parent.status !== 'active'
    ? { do: 'stand by', why: 'the lease it lies in has not begun' }
    : { do: 'assign', first: true }

/** Whether a span is one at all, and not only of the past. */
export const faultOfSpan = (what: string, start: Instant, end: Instant, now: Instant): string | undefined => {
  if (start >= end)
    return `Attempted to create ${what} resource with an invalid Start Time and End Time. Start Time must be strictly less than End Time. Got Start Time: ${start}, End Time: ${end}`
  if (end <= now) return `Attempted to create ${what} that is already over: its End Time ${end} is not after now, ${now}.`
  return undefined
}

/** Whether a lease is longer than anybody but an administrator may have one. `longest` in milliseconds. */
export const tooLong = (start: Instant, end: Instant, longest: number): boolean =>
  end === FOREVER ? true : toMillis(end) - toMillis(start) > longest || end > plus(start, longest)

/** The end of a lease that names none: as usual, at most to the end of the window it begins in. */
export const defaultEnd = (start: Instant, usual: number, window: Instant): Instant => {
  const end = plus(start, usual)
  return end < window ? end : window
}
