import { type Instant, later, plus, toMillis } from '@esi/api/time'
import type { Pool } from 'pg'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../db/transaction.ts'
import { type Backoff, delay } from './backoff.ts'
import { type Claim, fence, isOurs, type Release } from './claims.ts'
import type { Conductor, Outcome, Run } from './conductor.ts'
import { settling } from './declared.ts'

/** The claim was taken away, so whoever has it now decides. */
export class ClaimLost extends Error {
  constructor(claim: Claim) {
    super(`the claim of ${claim.conductor} ${claim.key} was lost`)
    this.name = 'ClaimLost'
  }
}

/** The run was longer than its conductor's limit. */
export class OutOfTime extends Error {
  constructor(limit: number) {
    super(`not finished after ${limit} ms`)
    this.name = 'OutOfTime'
  }
}

/** It was held while it ran; nothing outside was changed since. */
export class HeldNow extends Error {
  constructor() {
    super('held')
    this.name = 'HeldNow'
  }
}

export type Held = (conductor: string, key: string) => boolean | Promise<boolean>

export interface RunOptions {
  readonly pool: Pool
  readonly database: Database
  readonly clock: Clock
  readonly held: Held
  readonly backoff: Backoff
  /** Milliseconds that a handler has to end after it was aborted, before its slot and its claim are given away. */
  readonly grace: number
  /** Milliseconds after which the answer to a look at the claim is too old to act on. */
  readonly fresh: number
}

/** How a run ended. `lost`: somebody else has the claim, there is nothing to release. */
export type Ended = { readonly is: Outcome['is'] | 'held' | 'other group' | 'stopped' | 'lost'; readonly release?: Release }

/** Runs one claimed key to its end. Never throws. `stop` is the process's: aborted when the session is lost or time to stop is over. */
export const runClaim = async (conductor: Conductor, claim: Claim, stop: AbortSignal, options: RunOptions): Promise<Ended> => {
  const { clock, held, grace } = options
  const began = clock.now()
  const settledAt = claim.lostAt === null ? null : plus(claim.lostAt, settling(conductor))
  const abort = new AbortController()
  const onStop = () => abort.abort(stop.reason)
  const limit = setTimeout(() => abort.abort(new OutOfTime(conductor.limit)), conductor.limit)
  stop.addEventListener('abort', onStop)
  if (stop.aborted) onStop()

  /** What remains of an earlier loss: run again when its last command can no longer act. */
  const settle = (due: Instant | null): Pick<Release, 'due' | 'lostAt'> => {
    if (settledAt === null || began >= settledAt) return { due, lostAt: null }
    return { due: due === null || due > settledAt ? settledAt : due, lostAt: claim.lostAt }
  }
  const kept = { failures: claim.failures, error: null, group: null, held: false }
  let group: string | null = null

  try {
    if (conductor.groups && conductor.groupOf) {
      group = await conductor.groupOf(claim.key)
      if (group !== null && !conductor.groups().includes(group))
        return {
          is: 'other group',
          release: { ...kept, outcome: 'handed over', why: `of group ${group}`, due: claim.due, lostAt: claim.lostAt, group },
        }
    }
    if (conductor.outside && (await held(conductor.name, claim.key))) throw new HeldNow()
    const outcome = await settleWithin(grace, abort.signal, () =>
      conductor.run(claim.key, runOf(conductor, claim, abort, settledAt, options)),
    )
    // Whatever it says: it was told to stop, and what it swallowed is not known.
    abort.signal.throwIfAborted()
    return { is: outcome.is, release: { ...kept, ...fromOutcome(outcome, claim, clock, options.backoff, settle), group } }
  } catch (thrown) {
    const reason: unknown = abort.signal.aborted ? abort.signal.reason : thrown
    const now = clock.now()
    if (reason instanceof ClaimLost) return { is: 'lost' }
    if (reason instanceof HeldNow)
      return {
        is: 'held',
        release: {
          ...kept,
          outcome: 'held',
          why: 'held',
          due: claim.due,
          lostAt: abort.signal.aborted ? now : claim.lostAt,
          held: true,
          group,
        },
      }
    if (stop.aborted) return { is: 'stopped', release: { ...kept, outcome: 'stopped', why: text(reason), due: now, lostAt: now, group } }
    const failure = fromOutcome({ is: 'failed', reason: text(reason) }, claim, clock, options.backoff, settle)
    return { is: 'failed', release: { ...kept, ...failure, ...(abort.signal.aborted ? { lostAt: now } : {}), group } }
  } finally {
    clearTimeout(limit)
    stop.removeEventListener('abort', onStop)
    // A handler that goes on by itself meets a closed door.
    abort.abort(new ClaimLost(claim))
  }
}

const fromOutcome = (
  outcome: Outcome,
  claim: Claim,
  clock: Clock,
  backoff: Backoff,
  settle: (due: Instant | null) => Pick<Release, 'due' | 'lostAt'>,
): Pick<Release, 'due' | 'lostAt' | 'outcome' | 'why' | 'error' | 'failures'> => {
  const now = clock.now()
  const well = { outcome: outcome.is, error: null, failures: 0 }
  if (outcome.is === 'done') return { ...well, why: null, ...settle(null) }
  if (outcome.is === 'wait') return { ...well, why: outcome.why, ...settle(later(outcome.until, now)) }
  if (outcome.is === 'again') return { ...well, why: outcome.why, ...settle(plus(now, Math.max(0, outcome.after))) }
  const failures = claim.failures + 1
  return { outcome: 'failed', why: null, error: outcome.reason, failures, ...settle(plus(now, delay(failures, backoff))) }
}

const runOf = (conductor: Conductor, claim: Claim, abort: AbortController, settledAt: Instant | null, options: RunOptions): Run => {
  const { pool, database, clock, held, fresh } = options
  const { signal } = abort
  const lose = (reason: Error): never => {
    abort.abort(reason)
    throw reason
  }
  const origin = () => ({ at: clock.now(), by: { conductor: conductor.name } })
  /** Since when the claim is known to be ours, if it is. */
  let proven: (() => number) | undefined
  return {
    now: () => clock.now(),
    signal,
    failures: claim.failures,
    takenOver: claim.lostAt !== null,
    settledAt,
    get origin() {
      return origin()
    },
    async check() {
      for (;;) {
        signal.throwIfAborted()
        // A fenced transaction of a moment ago has seen it as well.
        const since = proven && proven() < fresh / 2 ? proven : stopwatch()
        if (since !== proven && !(await isOurs(pool, claim))) lose(new ClaimLost(claim))
        if (conductor.outside && (await held(conductor.name, claim.key))) lose(new HeldNow())
        signal.throwIfAborted()
        // The process may have been stopped between the answer and here.
        if (since() < fresh) return
      }
    },
    async transaction(work) {
      signal.throwIfAborted()
      return database.transaction(origin(), async tx => {
        const since = stopwatch()
        const fenced = tx.later(fence(claim))
        const result = await work(tx)
        if ((await fenced).rows.length === 0) lose(new ClaimLost(claim))
        proven = since
        return result
      })
    },
  }
}

/** Milliseconds by whichever clock went further: the one stands still while the machine sleeps, the other may be set. */
const stopwatch = (): (() => number) => {
  const [steady, wall] = [performance.now(), Date.now()]
  return () => Math.max(performance.now() - steady, Date.now() - wall)
}

/** What `work` gives; but `grace` milliseconds after the abort it is left alone, and the reason of the abort is thrown. */
const settleWithin = async <T>(grace: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  signal.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  let onAbort = () => {}
  const left = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), grace)
    }
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([work(), left])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

const text = (reason: unknown): string => (reason instanceof Error ? reason.message || reason.name : String(reason)).slice(0, 2000)

/** Milliseconds by which a claim was late. */
export const lateness = (claim: Claim, now: Instant): number => Math.max(0, toMillis(now) - toMillis(claim.due))
