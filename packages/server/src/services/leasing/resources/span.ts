import { Refused } from '@esi/api/dialect'
import type { Instant } from '@esi/api/time'
import type { Context } from '../../../kit/http/route.ts'
import { faultOfSpan, tooLong } from '../domain/lease.ts'
import { refused } from '../errors.ts'
import type { World } from '../world.ts'

const DAY = 86_400_000

/** Refuses what is no span, or one that is over already. */
export const checkSpan = (what: 'an offer' | 'a lease' | 'maintenance', start: Instant, end: Instant, now: Instant): void => {
  const fault = faultOfSpan(what, start, end, now)
  if (fault) throw new Refused('invalid', fault)
}

/** Only administrators may have more than the longest lease. */
export const checkLength = (world: World, context: Context, start: Instant, end: Instant): void => {
  const { maxLeaseTime } = world.config
  if (tooLong(start, end, maxLeaseTime) && !context.may('esi_leap:lease:lease_admin')) throw refused.tooLong(maxLeaseTime / DAY)
}

/** The usual length in milliseconds; never more than the longest. */
export const usualLength = (world: World): number => Math.min(world.config.defaultLeaseTime, world.config.maxLeaseTime)

/** Both ends of a range in a query, or neither. */
export const range = (
  what: string,
  names: string,
  from: Instant | undefined,
  to: Instant | undefined,
): { readonly from: Instant; readonly to: Instant } | undefined => {
  if (from === undefined && to === undefined) return undefined
  if (from === undefined || to === undefined || from >= to) throw refused.halfRange(what, names)
  return { from, to }
}
