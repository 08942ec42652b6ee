import { fromMillis, type Instant, toMillis } from '@esi/api/time'
import type { Clock } from '../clock/clock.ts'

export interface FakeClock extends Clock {
  /** Moves on, calling back on the way whatever is due, in order, each at its own moment. */
  advance(millis: number): Promise<void>
  /** Moves to that moment; backwards is possible too, and calls nobody. */
  set(at: Instant): Promise<void>
  /** When the next call back is due. */
  readonly next: Instant | undefined
}

/** A clock that stands still until it is moved. */
export const fakeClock = (start: Instant = '2030-01-01T00:00:00.000000Z'): FakeClock => {
  let now = start
  let count = 0
  const timers = new Map<number, { readonly when: Instant; readonly call: () => void }>()

  const first = (): [number, { readonly when: Instant; readonly call: () => void }] | undefined => {
    let best: [number, { readonly when: Instant; readonly call: () => void }] | undefined
    // Kept in the order of their making, so of two at the same moment the older one is found.
    for (const entry of timers) if (!best || entry[1].when < best[1].when) best = entry
    return best
  }

  const set = async (to: Instant): Promise<void> => {
    await turns()
    for (let due = first(); due && due[1].when <= to; due = first()) {
      timers.delete(due[0])
      if (due[1].when > now) now = due[1].when
      due[1].call()
      await turns()
    }
    now = to
    await turns()
  }

  return {
    now: () => now,
    millis: () => toMillis(now),
    at(when, call) {
      const id = count++
      timers.set(id, { when, call })
      // What is due already does not wait for the clock to be moved, as with a real one.
      if (when <= now)
        setImmediate(() => {
          if (timers.delete(id)) call()
        })
      return () => void timers.delete(id)
    },
    advance: millis => set(later(now, millis)),
    set,
    get next() {
      return first()?.[1].when
    },
  }
}

const later = (at: Instant, millis: number): Instant => `${fromMillis(toMillis(at) + millis).slice(0, 23)}${at.slice(23)}`

/** Lets callbacks, and promises that wait for nothing outside, run. */
const turns = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
}
