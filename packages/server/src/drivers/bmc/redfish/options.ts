import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Ask } from './said.ts'

/** Milliseconds, bytes and counts that one BMC gets. */
export interface Limits {
  readonly connect: number
  /** From the request's turn to the last byte of its answer. */
  readonly request: number
  /** How long a task may run before the caller is told to come back. */
  readonly task: number
  /** How long a machine may take to go off where a reboot has to be made of two steps. */
  readonly shutdown: number
  /** Without a request for so long, session and connection are ended. */
  readonly idle: number
  /** Largest answer. */
  readonly body: number
  /** That many requests in a row without an answer, and it counts as unreachable … */
  readonly failures: number
  /** … for so long; then one request may try. */
  readonly rest: number
  /** After it refused the password it is not asked again for so long, so that the account does not lock. */
  readonly lockout: number
}

export const LIMITS: Limits = {
  connect: 10_000,
  request: 30_000,
  task: 60_000,
  shutdown: 300_000,
  idle: 30_000,
  body: 8 * 1024 * 1024,
  failures: 3,
  rest: 30_000,
  lockout: 60_000,
}

export interface Options {
  readonly limits: Limits
  /** Milliseconds on a clock that never goes back. */
  readonly millis: () => number
  readonly wait: (millis: number, signal: AbortSignal) => Promise<void>
  /** Is told of every request that was answered, for a transcript. It holds passwords and tokens. */
  readonly heard?: (ask: Ask, answer: Answer) => void
}

interface Given {
  readonly limits?: Partial<Limits>
  readonly millis?: Options['millis']
  readonly wait?: Options['wait']
  readonly heard?: NonNullable<Options['heard']>
}

export const options = (given: Given = {}): Options => ({
  limits: { ...LIMITS, ...given.limits },
  millis: given.millis ?? (() => performance.now()),
  wait: given.wait ?? (async (millis, signal) => void (await sleep(millis, undefined, { signal }))),
  ...(given.heard === undefined ? {} : { heard: given.heard }),
})
