import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds, bytes and counts that one BMC gets. */
export interface Limits {
  /** One command. */
  readonly command: number
  /** A report of many parts: sensors, event log, inventory. */
  readonly report: number
  /** How long a machine may take to go off where a reboot has to be made of two steps. */
  readonly shutdown: number
  /** Largest answer. */
  readonly output: number
  /** That many commands in a row without an answer, and it counts as unreachable … */
  readonly failures: number
  /** … for so long; then one may try. */
  readonly rest: number
  /** After it refused the password it is not asked again for so long, so that the account does not lock. */
  readonly lockout: number
}

export const LIMITS: Limits = {
  command: 30_000,
  report: 120_000,
  shutdown: 300_000,
  output: 4 * 1024 * 1024,
  failures: 3,
  rest: 30_000,
  lockout: 60_000,
}

export interface Options {
  readonly limits: Limits
  /** The program that speaks IPMI; found on PATH. */
  readonly program: string
  /** Milliseconds on a clock that never goes back. */
  readonly millis: () => number
  readonly wait: (millis: number, signal: AbortSignal) => Promise<void>
}

export type Given = { readonly limits?: Partial<Limits> } & Partial<Omit<Options, 'limits'>>

export const options = (given: Given = {}): Options => ({
  limits: { ...LIMITS, ...given.limits },
  program: given.program ?? 'ipmitool',
  millis: given.millis ?? (() => performance.now()),
  wait: given.wait ?? (async (millis, signal) => void (await sleep(millis, undefined, { signal }))),
})
