export interface Backoff {
  /** Milliseconds after the first failure. */
  readonly first: number
  readonly most: number
}

export const BACKOFF: Backoff = { first: 1000, most: 300_000 }

/** Milliseconds until the next try: doubled with every failure, capped, and spread by a quarter so that many do not come at once. */
export const delay = (failures: number, { first, most }: Backoff = BACKOFF, random: () => number = Math.random): number => {
  const whole = Math.min(most, first * 2 ** Math.min(Math.max(failures, 1) - 1, 40))
  return Math.round(whole * (0.75 + 0.25 * random()))
}
