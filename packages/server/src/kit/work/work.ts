import { plus } from '@esi/api/time'
import type { ClientConfig, Pool } from 'pg'
import type { Clock } from '../clock/clock.ts'
import type { Database } from '../db/transaction.ts'
import type { Log } from '../log/log.ts'
import { BACKOFF, type Backoff } from './backoff.ts'
import * as claims from './claims.ts'
import type { Conductor } from './conductor.ts'
import { checkConductors } from './declared.ts'
import { gathering } from './gathering.ts'
import { strikeOff } from './peers.ts'
import { type Held, lateness, runClaim } from './run.ts'
import { createSession, type Identity } from './session.ts'
import { type Depth, depths, type Stuck, stuckWork } from './state.ts'
import { createTallies, type Tally } from './tally.ts'
import { WORK_CHANNEL } from './wake.ts'

/** All in milliseconds, by real time: the injected clock decides only when a key is due. */
export interface WorkTimes {
  /** Between two looks that need no reason: the net under lost notifications. */
  readonly look: number
  /** Between two looks for dead peers. */
  readonly peers: number
  /** Between two beats of ours. */
  readonly beat: number
  /** Without a beat for so long, a peer is given up. */
  readonly patience: number
  /** That a handler has to end after it was aborted. */
  readonly grace: number
  /** That running handlers have when the process stops, before they are aborted. */
  readonly stop: number
  /** That a key may be due before it counts as stuck. */
  readonly late: number
}

export const TIMES: WorkTimes = { look: 1000, peers: 500, beat: 2000, patience: 10_000, grace: 5000, stop: 10_000, late: 60_000 }

export interface WorkOptions {
  readonly database: Database
  /** For short statements of the loop; may go through a transaction pooler. */
  readonly pool: Pool
  /** Leads to the server itself. */
  readonly sessionConfig: ClientConfig
  readonly clock: Clock
  readonly conductors: readonly Conductor[]
  /** Whether a key must not touch the world now. Asked before each run and each hardware write of an `outside` conductor. */
  readonly held?: Held
  readonly log: Log
  readonly times?: Partial<WorkTimes>
  readonly backoff?: Backoff
}

export interface Work {
  /** Proves the session connection and begins. Throws if the conductors or the connection are no good. */
  start(): Promise<void>
  /** No new claims; waits for running handlers, aborts those that are too slow, releases, and lets go of its place. */
  stop(): Promise<void>
  /** Look now: something was written, or a hold was lifted. */
  nudge(): void
  /** Resolves when nothing is due for this process and nothing runs. */
  idle(): Promise<void>
  stuck(): Promise<Stuck[]>
  stats(): Promise<{ readonly conductor: string; readonly slots: number; readonly depth: Depth; readonly here: Tally }[]>
  /** Whether this process has its place among the conductors now. */
  readonly live: boolean
}

/** Runs conductors on the work table. Any number of processes may do so on one database. */
export const createWork = (options: WorkOptions): Work => {
  const { database, pool, clock, conductors, log } = options
  checkConductors(conductors)
  const times = { ...TIMES, ...options.times }
  const backoff = options.backoff ?? BACKOFF
  const held: Held = options.held ?? (() => false)
  const run = { pool, database, clock, held, backoff, grace: times.grace, fresh: times.patience / 4 }
  const byName = new Map(conductors.map(c => [c.name, c]))
  const outside = conductors.filter(c => c.outside).map(c => c.name)
  const tallies = createTallies()
  const releases = gathering<readonly [claims.Claim, claims.Release]>(ended => claims.release(pool, ended, clock.now()))

  const running = new Map<string, { readonly conductor: string; readonly ended: Promise<void> }>()
  const out = new AbortController()
  let stopping = false
  let looking: Promise<void> | undefined
  let lookAgain = false
  let lookFailed = false
  /** The moment of the last look: what was due by then was seen. */
  let seen = clock.now()
  let cancelTimer = () => {}
  const tickers: NodeJS.Timeout[] = []
  const errands = new Set<Promise<void>>()
  /** Under which this process has looked for work: a new one with every session. */
  const names = new Set<string>()

  const session = createSession({
    config: options.sessionConfig,
    pool,
    log,
    times: { beat: times.beat, deaf: times.patience * 0.6, reconnect: 100 },
    onWake: conductor => {
      if (!conductor || byName.has(conductor)) nudge()
    },
  })

  const nudge = (): void => {
    if (stopping || !session.identity) return
    if (looking) {
      lookAgain = true
      return
    }
    looking = (async () => {
      try {
        do {
          lookAgain = false
          await look()
          // Whoever looks again at once need not know what comes later.
          if (!lookAgain) await lookAhead()
          lookFailed = false
        } while (lookAgain && !stopping)
      } catch (error) {
        lookFailed = true
        // The next slow look tries again; what was claimed without our knowledge is freed then.
        if (!stopping) log.warn({ err: error }, 'could not look for work')
      } finally {
        looking = undefined
      }
    })()
  }

  const rooms = (): claims.Room[] => {
    const used = new Map<string, number>()
    for (const { conductor } of running.values()) used.set(conductor, (used.get(conductor) ?? 0) + 1)
    return conductors
      .map(c => ({ conductor: c.name, room: c.slots - (used.get(c.name) ?? 0), groups: c.groups?.() ?? null }))
      .filter(r => r.room > 0)
  }

  const look = async (): Promise<void> => {
    const identity = session.identity
    const open = rooms()
    if (!identity || open.length === 0) return
    names.add(identity.id)
    seen = clock.now()
    for (const row of await claims.claim(pool, identity.id, open, seen)) begin(row, identity)
  }

  const lookAhead = async (): Promise<void> => {
    // Whoever has no room left looks again when a run ends.
    const left = session.identity ? rooms() : []
    const next = left.length === 0 ? null : await claims.nextDue(pool, left, seen)
    cancelTimer()
    cancelTimer = next === null || stopping ? () => {} : clock.at(next, nudge)
  }

  const begin = (row: claims.Claim, identity: Identity): void => {
    tallies.claimed(row.conductor, lateness(row, clock.now()))
    running.set(row.claim, { conductor: row.conductor, ended: carry(row, identity) })
  }

  const carry = async (row: claims.Claim, identity: Identity): Promise<void> => {
    const started = performance.now()
    const stop = AbortSignal.any([identity.signal, out.signal])
    const ended = await runClaim(byName.get(row.conductor)!, row, stop, run)
    if (ended.release) await release(row, ended.release, identity)
    tallies.ended(row.conductor, ended.is, performance.now() - started)
    if (ended.is === 'failed') log.warn({ conductor: row.conductor, key: row.key, error: ended.release?.error }, 'a conductor failed')
    running.delete(row.claim)
    if (ended.is === 'other group' || ended.is === 'stopped') await pool.query(`notify ${WORK_CHANNEL}`).catch(() => {})
    nudge()
  }

  // A claim that stays with a living process would stay for ever, so this does not give up while the process has its place.
  const release = async (row: claims.Claim, end: claims.Release, identity: Identity): Promise<void> => {
    for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
      try {
        await releases.add([row, end])
        return
      } catch (error) {
        // Either way its peers free it: its place is gone, or is given up in a moment.
        if (session.identity?.id !== identity.id || out.signal.aborted) return
        log.warn({ err: error, conductor: row.conductor, key: row.key }, 'could not release a claim yet')
        await new Promise(resolve => setTimeout(resolve, pause))
      }
    }
  }

  /** Before a look, now and then: what is held no more, what was claimed unawares, what nobody waits for. */
  const tidy = async (): Promise<void> => {
    const identity = session.identity
    if (!identity || stopping) return
    // Never beside a claim that is under way.
    await looking
    if (looking || stopping) return
    looking = claims
      .freeUnknown(pool, identity.id, [...running.keys()], clock.now())
      .then(async freed => {
        if (freed > 0) log.warn({ freed }, 'freed claims whose answer was lost')
        await claims.sweep(pool, plus(clock.now(), -3_600_000))
      })
      .catch(error => log.warn({ err: error }, 'could not tidy the work table'))
      .finally(() => {
        looking = undefined
        nudge()
      })
  }

  const liftHolds = async (): Promise<void> => {
    if (outside.length === 0) return
    const free = []
    for (const row of await claims.heldKeys(pool, outside, 500)) if (!(await held(row.conductor, row.key))) free.push(row)
    if (free.length > 0) await claims.unhold(pool, free)
  }

  const reap = async (): Promise<void> => {
    const identity = session.identity
    if (!identity) return
    const gone = await strikeOff(pool, identity.id, times.patience)
    if (gone.length > 0) log.warn({ gone }, 'struck off processes that are dead or hang')
    const freed = await claims.freeOrphans(pool, clock.now())
    for (const id of gone) names.delete(id)
    if (freed === 0) return
    log.warn({ freed }, 'took over work of processes that are gone')
    await pool.query(`notify ${WORK_CHANNEL}`)
  }

  /** Calls `work` again and again, never twice at once. */
  const every = (millis: number, what: string, work: () => Promise<void>): void => {
    let busy: Promise<void> | undefined
    const timer = setInterval(() => {
      if (busy || stopping) return
      busy = work()
        .catch(error => {
          if (!stopping) log.warn({ err: error }, `could not ${what}`)
        })
        .finally(() => {
          errands.delete(busy!)
          busy = undefined
        })
      errands.add(busy)
    }, millis)
    timer.unref()
    tickers.push(timer)
  }

  const settled = async (): Promise<void> => {
    while (running.size > 0) await Promise.all([...running.values()].map(r => r.ended))
  }

  return {
    async start() {
      await session.start()
      every(times.look, 'look for work', async () => {
        await liftHolds()
        nudge()
      })
      every(times.look * 5, 'tidy the work table', tidy)
      every(times.peers, 'look for dead peers', reap)
      await reap()
      nudge()
    },

    async stop() {
      stopping = true
      for (const timer of tickers) clearInterval(timer)
      cancelTimer()
      await looking
      const deadline = setTimeout(() => out.abort(new Error('this process stops')), times.stop)
      await settled()
      clearTimeout(deadline)
      await Promise.all(errands)
      await session.stop()
    },

    nudge,

    async idle() {
      let blind = 0
      for (;;) {
        await looking
        await settled()
        if (stopping) return
        // Without a place, or without an answer of the database, nobody knows what is due; that passes, or it never does.
        let sees = session.identity !== undefined
        if (sees) {
          await liftHolds()
          nudge()
          await looking
          if (running.size > 0 || looking) continue
          sees = !lookFailed
          const stray = sees && (await claims.astray(pool, [...names], [...running.keys()]))
          if (running.size > 0 || looking) continue
          if (sees && !stray) return
          // The answer to its claim was lost, or the session under which it was claimed: it is freed and looked at once more.
          if (stray) await tidy().then(reap)
        }
        if (++blind > 200) return
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },

    stuck: () => stuckWork(pool, conductors, clock.now(), { late: times.late, failures: 3 }),

    async stats() {
      const depth = await depths(pool, [...byName.keys()], clock.now())
      return conductors.map(c => ({ conductor: c.name, slots: c.slots, depth: depth.get(c.name)!, here: tallies.of(c.name) }))
    },

    get live() {
      return session.identity !== undefined
    },
  }
}
