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
  /**
   * Milliseconds for which a command may still act after whoever sent it is gone: a BMC that answers late, a switch that commits.
   * After a takeover the loop runs the key again once they are over, whatever the outcome was. Default: 60,000 if `outside`, else 0.
   */
  readonly command?: number
  /** Which of its keys this process may serve (conductor groups). Absent: all. Needs `groupOf`. */
  readonly groups?: () => readonly string[]
  /** The group that a key belongs to now, null if it is of none any more; read at every run, so that a key may change its group. */
  readonly groupOf?: (key: string) => Promise<string | null>
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
  /**
   * The last run of this key ended without a word (its process died or hung, its time was over), so a command of it may still be
   * under way. What is read from hardware before `settledAt` is no proof; the loop runs the key again after it by itself.
   */
  readonly takenOver: boolean
  readonly settledAt: Instant | null
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
