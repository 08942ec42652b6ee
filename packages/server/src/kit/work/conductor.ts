import type { Instant } from '@esi/api/time'
import type { Origin, Tx } from '../db/transaction.ts'

/**
 * Brings the world to the intent. Level-triggered and idempotent: it takes nothing but the key, reads what is wanted and what is,
 * and does the next thing. It may be killed at any moment, and run again by another process from the start.
 */
export interface Conductor {
  /** Unique among all services; the first half of a work row's key: `lease`. */
  readonly name: string
  /** What a key is: `the lease's uuid`. */
  readonly key: string
  /** Columns it reads, and columns that it alone writes: `leasing.lease.status`. No two conductors own the same. */
  readonly reads: readonly string[]
  readonly owns: readonly string[]
  /** How many keys one process runs at once; hardware and pure database work have their own. */
  readonly slots: number
  /** Milliseconds after which a run is aborted and tried again. */
  readonly limit: number
  /** Touches the world outside the database, so it rests while things are held. */
  readonly outside: boolean
  /** Which of its keys this process may serve (conductor groups). Absent: all. */
  readonly groups?: () => readonly string[]
  run(key: string, run: Run): Promise<Outcome>
}

export interface Run {
  readonly now: () => Instant
  /** Aborted when the claim is lost, the time limit is over or the process stops. Pass it down to drivers. */
  readonly signal: AbortSignal
  /** Throws when the claim is no longer ours. A driver calls it right before each write to hardware. */
  readonly check: () => Promise<void>
  /** A transaction that commits only while the claim is ours. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  readonly origin: Origin
  /** How often this key has failed in a row. */
  readonly failures: number
}

export type Outcome =
  /** Nothing to do until somebody wakes it. */
  | { readonly is: 'done' }
  /** Look again at that moment, or when somebody wakes it. */
  | { readonly is: 'wait'; readonly until: Instant; readonly why: string }
  /** Look again after that many milliseconds. */
  | { readonly is: 'again'; readonly after: number; readonly why: string }
  /** It did not work; tried again with back-off. */
  | { readonly is: 'failed'; readonly reason: string }

export const done: Outcome = { is: 'done' }
export const wait = (until: Instant, why: string): Outcome => ({ is: 'wait', until, why })
export const again = (after: number, why: string): Outcome => ({ is: 'again', after, why })
export const failed = (reason: string): Outcome => ({ is: 'failed', reason })
