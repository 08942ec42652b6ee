import type { Claimed } from './claims.ts'

export interface Span {
  readonly uuid: string
  readonly from: string
  readonly to: string
}

/** Every two that overlap. Ends do not belong to a span. */
export const overlaps = (spans: readonly Span[]): [string, string][] => {
  const found: [string, string][] = []
  const sorted = spans.toSorted((a, b) => (a.from < b.from ? -1 : 1))
  for (const [i, a] of sorted.entries())
    for (const b of sorted.slice(i + 1)) if (b.from < a.to && a.from < b.to) found.push([a.uuid, b.uuid])
  return found
}

/** How many got what answer, how long that took, and what the losers were shown. */
export const summary = (claimed: readonly Claimed[], millis: number): string[] => {
  const count = (status: number) => claimed.filter(c => c.status === status).length
  const others = claimed.length - count(201) - count(409)
  const times = claimed.map(c => c.millis).sort((a, b) => a - b)
  const [winner] = claimed.flatMap(c => c.lease ?? [])
  const free = claimed.find(c => c.free?.length)?.free
  return [
    `${count(201)} won (201), ${count(409)} refused (409), ${others} others; ${(millis / 1000).toFixed(2)} s altogether, an answer after ` +
      `${times[Math.floor(times.length / 2)]?.toFixed(0)} ms in the middle and ${times.at(-1)?.toFixed(0)} ms at most.`,
    ...(winner ? [`The winner is lease ${winner}.`] : []),
    ...(free ? [`Losers were shown what is free instead: ${free.map(([from, to]) => `${from} to ${to}`).join('; ')}.`] : []),
  ]
}
