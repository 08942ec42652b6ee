import { type Clock, systemClock } from './clock.ts'

export interface DatabaseClock extends Clock {
  /** Milliseconds by which the database's clock is ahead of this machine's. */
  readonly offset: number
  stop(): void
}

export interface DatabaseClockOptions {
  /** The database's clock, in milliseconds since 1970. */
  readonly ask: () => Promise<number>
  /** Told when it could not be measured again; the last offset stays. */
  readonly onError?: (e: unknown) => void
  /** Milliseconds between two measurements. */
  readonly every?: number
  /** This machine's clocks, for tests: of the day, and one that never jumps. */
  readonly machine?: { readonly day: () => number; readonly steady: () => number }
}

const SAMPLES = 5

/**
 * How far the other clock is ahead. The answer was made about half way of the round trip; of several samples the one with the
 * shortest trip is wrong by the least, at most by half of it.
 */
export const measureOffset = async (
  ask: () => Promise<number>,
  machine = { day: () => Date.now(), steady: () => performance.now() },
): Promise<number> => {
  let best = { trip: Number.POSITIVE_INFINITY, offset: 0 }
  for (let i = 0; i < SAMPLES; i++) {
    const from = machine.steady()
    const there = await ask()
    const trip = machine.steady() - from
    const offset = there - (machine.day() - trip / 2)
    if (trip < best.trip) best = { trip, offset }
  }
  return best.offset
}

/** One time for all replicas: the database's, kept up between measurements by this machine's clock. */
export const databaseClock = async ({ ask, onError, every = 60_000, machine }: DatabaseClockOptions): Promise<DatabaseClock> => {
  let offset = await measureOffset(ask, machine)
  const refresh = async () => {
    try {
      offset = await measureOffset(ask, machine)
    } catch (e) {
      onError?.(e)
    }
    if (!stopped) arm()
  }
  let stopped = false
  let timer: NodeJS.Timeout
  const arm = () => {
    timer = setTimeout(() => void refresh(), every)
    timer.unref()
  }
  arm()
  return {
    ...systemClock(() => Math.round(offset)),
    get offset() {
      return offset
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
