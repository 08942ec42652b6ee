import { fromMillis, type Instant } from '@esi/api/time'

/** The only source of time. In production PostgreSQL's clock by measured offset, in tests a clock that is moved by hand. */
export interface Clock {
  now(): Instant
  millis(): number
  /** Calls back once that moment has come; long spans and moments in the past are fine. Returns its own undoing. */
  at(when: Instant, call: () => void): () => void
}

// setTimeout overflows beyond 24.8 days and then fires at once.
const LONGEST = 2 ** 31 - 1

/** The machine's clock, corrected by `offset` milliseconds, which may change while it runs. */
export const systemClock = (offset: () => number = () => 0): Clock => {
  const millis = () => Date.now() + offset()
  return {
    millis,
    now: () => fromMillis(millis()),
    at(when, call) {
      let timer: NodeJS.Timeout
      const arm = () => {
        const left = Date.parse(when) - millis()
        timer = setTimeout(left > 0 ? arm : call, Math.min(Math.max(left, 0), LONGEST))
      }
      arm()
      return () => clearTimeout(timer)
    },
  }
}
