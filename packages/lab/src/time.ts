/** What happens later in the lab. Tests turn it by hand. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs `what` after so many of the machine's milliseconds; returns how to call it off. */
  after(ms: number, what: () => void): () => void
}

/** The real clock; the machines live `speed` times faster than people. */
export function realTime(speed: number): Time {
  return {
    now: () => Date.now(),
    after(ms, what) {
      const timer = setTimeout(what, ms / speed)
      return () => clearTimeout(timer)
    },
  }
}
