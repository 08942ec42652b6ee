import { type Instant, later, plus } from '@esi/api/time'
import { type Span, without } from './cut.ts'

/**
 * When something new can be booked in a calendar: each booking takes its turn-around after itself already, and leaves room for
 * the new one's before itself. So whatever is shown can be had.
 */
export const windows = (calendar: Span, taken: readonly Span[], turnAround: number, from: Instant): readonly Span[] => {
  const start = calendar.from === null ? from : later(calendar.from, from)
  if (start >= calendar.to) return []
  const padded = taken.map(t => ({ from: t.from === null ? null : plus(t.from, -turnAround), to: t.to }))
  return without({ from: start, to: calendar.to }, padded)
}

/** The first window that begins within what is free at `at`, if any. */
export const windowAt = (free: readonly Span[], at: Instant): Span | undefined =>
  free.find(w => (w.from === null || w.from <= at) && at < w.to)
