import { earlier, type Instant, later } from '@esi/api/time'

/** Half open. `from` null: since ever; `to` FOREVER: without end. */
export interface Span {
  readonly from: Instant | null
  readonly to: Instant
}

/** A booking as something to book in: what it was agreed for and what it takes. */
export interface Calendar {
  readonly id: number
  readonly during: Span
  readonly held: Span
}

/** One booking of a deal: the calendar it goes into, what was agreed of it there, and what it takes there. */
export interface Piece {
  readonly within: number
  readonly during: Span
  readonly held: Span
}

const low = (a: Instant | null, b: Instant | null): Instant | null => (a === null ? b : b === null ? a : a > b ? a : b)
const high = (a: Instant, b: Instant): Instant => (a < b ? a : b)

/** What two spans share; undefined if nothing. */
export const meet = (a: Span, b: Span): Span | undefined => {
  const span = { from: low(a.from, b.from), to: high(a.to, b.to) }
  return span.from !== null && span.from >= span.to ? undefined : span
}

export const covers = (outer: Span, inner: Span): boolean =>
  (outer.from === null || (inner.from !== null && outer.from <= inner.from)) && inner.to <= outer.to

/** From the beginning of the first to the end of the last. */
const hull = (spans: readonly Span[]): Span => ({
  from: spans.some(s => s.from === null) ? null : spans.map(s => s.from!).reduce(earlier),
  to: spans.map(s => s.to).reduce(later),
})

/** What of a span is left when others are taken out of it, in order. */
export const without = (span: Span, taken: readonly Span[]): Span[] => {
  let left = [span]
  for (const hole of taken)
    left = left.flatMap(piece => {
      if (!meet(piece, hole)) return [piece]
      const out: Span[] = []
      if (hole.from !== null && (piece.from === null || piece.from < hole.from)) out.push({ from: piece.from, to: hole.from })
      if (hole.to < piece.to) out.push({ from: hole.to, to: piece.to })
      return out
    })
  return left.sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1))
}

/**
 * Cuts what is wanted along the calendars that it crosses; what is in none of these goes into the grounds. Undefined when a part
 * lies nowhere, or begins where a calendar only makes ready for what comes after it. Turn-around beyond the last ground is clipped.
 */
export const cut = (during: Span, held: Span, crossed: readonly Calendar[], grounds: readonly Calendar[]): readonly Piece[] | undefined => {
  // The grounds are the parts of one deal, in a row; what is agreed lies between their ends, and not in what follows to make ready.
  if (grounds.length > 0 && !covers(hull(grounds.map(g => g.during)), during)) return undefined
  const pieces: Piece[] = []
  let left: readonly Span[] = [held]
  for (const calendars of [crossed, grounds])
    for (const calendar of calendars) {
      for (const span of left) {
        const part = meet(span, calendar.held)
        if (!part) continue
        const agreed = meet(part, during)
        // Turn-around that runs over into another calendar is time of its own there.
        const there = (agreed && meet(agreed, calendar.during)) ?? meet(part, calendar.during)
        if (there) pieces.push({ within: calendar.id, during: there, held: part })
        else if (agreed) return undefined
      }
      left = left.flatMap(span => without(span, [calendar.held]))
    }
  if (pieces.length === 0 || left.some(span => meet(span, during))) return undefined
  return pieces.sort((a, b) => a.within - b.within || ((a.held.from ?? '') < (b.held.from ?? '') ? -1 : 1))
}
