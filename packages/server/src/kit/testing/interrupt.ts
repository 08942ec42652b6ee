import { type Instant, plus } from '@esi/api/time'
import type { Database, Origin, Tx } from '../db/transaction.ts'
import type { Conductor, Outcome, Run } from '../work/conductor.ts'
import { settling } from '../work/declared.ts'
import type { FakeClock } from './fake-clock.ts'

/** What one trial plays with: made afresh for each, so that trials cannot help each other. */
export interface Trial {
  readonly conductor: Conductor
  readonly key: string
  readonly database: Database
  readonly clock: FakeClock
  stop?(): Promise<void>
}

/** Makes effects seen. Outside of a conductor's run all that passes is left alone. */
export interface Tap {
  /** Every commit is an effect. Hand it to a conductor that uses the database beside `run.transaction`. */
  database(database: Database): Database
  /**
   * Every call of one of these methods is an effect: the ones that change hardware. All others pass. Those named in `once` are not
   * made twice in the last trial: what they ask for is refused a second time, and nothing below a conductor asks by itself.
   */
  writes<T extends object>(driver: T, methods: readonly (keyof T & string)[], once?: readonly string[]): T
}

export type Moment = 'interrupted' | 'finished'

export interface Interruptions<T extends Trial> {
  start(tap: Tap): Promise<T>
  /** Throws if something is as it must never be. Asked right after each interruption, and when all is finished. */
  invariant(trial: T, moment: Moment): Promise<void> | void
  /**
   * Whether to run again after an outcome; it may move the clock or the world. Default: after `again` and `failed`, with the clock
   * moved on; not after `wait`.
   */
  goOn?(trial: T, outcome: Outcome): Promise<boolean> | boolean
  /** Runs after which a trial counts as endless. */
  readonly most?: number
  /** Whoever takes over dies as well, after so many effects, and so does who comes then. Default: they live. */
  readonly deaths?: readonly number[]
}

/** The process of the conductor died here. */
export class Interrupted extends Error {
  constructor(effect: string) {
    super(`interrupted after ${effect}`)
    this.name = 'Interrupted'
  }
}

/**
 * Proves that a conductor may be killed anywhere. It is run undisturbed first, to count its effects: commits, and calls of the
 * driver methods that the tap was told of. Then, for each effect in a fresh world, it is stopped right after it: the effect has
 * happened, its answer is lost, the run's signal is aborted, and whatever the dead run still tries throws `Interrupted` and does
 * nothing. The invariant is asked, and the conductor runs again, now `takenOver`, until it finishes; once more when its last command
 * cannot act any more, as the real loop does; and the invariant is asked again. In a last trial every driver write happens twice,
 * every transaction is rolled back once and tried again, and a run that is done is run again.
 *
 *     const effects = await interruptEverywhere({
 *       async start(tap) {
 *         const bmc = tap.writes(pretendBmc(), ['setPower'])
 *         const database = tap.database(rig.database)
 *         return { conductor: power({ database, bmc }), key: await aNode(), database, clock: rig.clock, bmc }
 *       },
 *       async invariant({ bmc }, moment) {
 *         expect(bmc.poweredOnWithoutLease).toBe(false)
 *         if (moment === 'finished') expect(await bmc.power()).toBe('off')
 *       },
 *     })
 *     expect(effects).toEqual(['commit', 'setPower', 'commit'])
 *
 * Returns the effects of the undisturbed run, in order. Throws what the invariant or the conductor threw, with the place said
 * before it, and if there was no effect at all: then the tap was not used.
 */
export const interruptEverywhere = async <T extends Trial>(options: Interruptions<T>): Promise<readonly string[]> => {
  const calm = await attempt('undisturbed', options, {})
  if (calm.length === 0) throw new Error('The conductor had no effect: nothing was tapped, or there was nothing to do.')
  for (const [i, effect] of calm.entries())
    await attempt(`stopped after effect ${i + 1} of ${calm.length} (${effect})`, options, { stopAfter: deaths(i + 1, options.deaths) })
  await attempt('every effect twice', options, { twice: true })
  return calm
}

/** The effects after which somebody dies, counted over all of them. */
const deaths = (first: number, more: readonly number[] = []): readonly number[] => {
  const all = [first]
  for (const after of more) all.push(all.at(-1)! + after)
  return all
}

interface Way {
  readonly stopAfter?: readonly number[]
  readonly twice?: boolean
}

const attempt = async <T extends Trial>(place: string, options: Interruptions<T>, way: Way): Promise<readonly string[]> => {
  const wire = createWire(way)
  const trial = await options.start(wire.tap)
  try {
    await finish(trial, options, wire, way)
    await options.invariant(trial, 'finished')
  } catch (error) {
    throw new Error(`${place}: ${error instanceof Error ? error.message : error}`, { cause: error })
  } finally {
    await trial.stop?.()
  }
  return wire.effects
}

const finish = async <T extends Trial>(trial: T, options: Interruptions<T>, wire: Wire, way: Way): Promise<void> => {
  const { conductor, clock } = trial
  const goOn = options.goOn ?? defaultGoOn
  let settledAt: Instant | null = null
  let repeats = way.twice ? 1 : 0
  for (let runs = 0; runs < (options.most ?? 50); runs++) {
    const takenOver = settledAt !== null
    const began = clock.now()
    const outcome = await wire.run(trial, settledAt)
    if (outcome === 'interrupted') {
      await options.invariant(trial, 'interrupted')
      settledAt = plus(clock.now(), settling(conductor))
      continue
    }
    if (takenOver && began >= settledAt!) settledAt = null
    if (outcome.is !== 'done' && (await goOn(trial, outcome))) continue
    if (settledAt !== null) await clock.set(settledAt)
    else if (repeats-- <= 0) return
  }
  throw new Error('it does not come to an end')
}

const defaultGoOn = async ({ clock }: Trial, outcome: Outcome): Promise<boolean> => {
  if (outcome.is === 'again') await clock.advance(outcome.after)
  if (outcome.is === 'failed') await clock.advance(1000)
  return outcome.is !== 'wait'
}

interface Wire {
  readonly tap: Tap
  readonly effects: readonly string[]
  run(trial: Trial, settledAt: Instant | null): Promise<Outcome | 'interrupted'>
}

const createWire = ({ stopAfter, twice }: Way): Wire => {
  const effects: string[] = []
  const tapped = new WeakSet<Database>()
  const underway = new Set<Promise<unknown>>()
  let life: AbortController | undefined

  /** Does it, and perhaps lets the process die of it. */
  const effect = async <R>(name: string, work: () => Promise<R>): Promise<R> => {
    const own = life
    if (!own) return work()
    own.signal.throwIfAborted()
    const working = work()
    underway.add(working)
    let result: R
    try {
      result = await working
    } finally {
      underway.delete(working)
    }
    effects.push(name)
    if (stopAfter?.includes(effects.length)) own.abort(new Interrupted(name))
    own.signal.throwIfAborted()
    return result
  }

  const database = (inner: Database): Database => {
    if (tapped.has(inner)) return inner
    const outer: Database = {
      db: inner.db,
      transaction<R>(origin: Origin, work: (tx: Tx) => Promise<R>): Promise<R> {
        if (!life || origin.dryRun) return inner.transaction(origin, work)
        return effect('commit', async () => {
          if (twice) await rolledBack(inner, origin, work)
          return inner.transaction(origin, work)
        })
      },
    }
    tapped.add(outer)
    return outer
  }

  const writes = <D extends object>(driver: D, methods: readonly (keyof D & string)[], once: readonly string[] = []): D =>
    new Proxy(driver, {
      // On the target itself: private fields are not seen through a proxy, and what a method calls inside is no effect of its own.
      get(target, name) {
        const value = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (!methods.includes(name as keyof D & string)) return value.bind(target)
        return (...given: unknown[]) =>
          effect(String(name), async () => {
            if (twice && life && !once.includes(String(name))) await value.apply(target, given)
            return value.apply(target, given)
          })
      },
    })

  return {
    tap: { database, writes },
    effects,
    async run(trial, settledAt) {
      const own = new AbortController()
      life = own
      try {
        const outcome = await trial.conductor.run(trial.key, runOf(trial, own.signal, database(trial.database), settledAt))
        if (!own.signal.aborted) return outcome
      } catch (error) {
        if (!own.signal.aborted) return { is: 'failed', reason: unexpected(error) }
      } finally {
        // What the dead one had under way happens before its successor looks, or after; here: before.
        await Promise.allSettled(underway)
        life = undefined
      }
      return 'interrupted'
    },
  }
}

/** A conductor may throw, and is then tried again; but what a test's own assertion threw ends the trial. */
const unexpected = (error: unknown): string => {
  if (error instanceof Error && error.name === 'AssertionError') throw error
  return error instanceof Error ? error.message : String(error)
}

class RolledBack extends Error {}

/** As when the connection is lost before the commit: the work was done, and nothing of it remains. */
const rolledBack = (database: Database, origin: Origin, work: (tx: Tx) => Promise<unknown>): Promise<void> =>
  database
    .transaction(origin, async tx => {
      await work(tx)
      throw new RolledBack()
    })
    .catch(error => {
      if (!(error instanceof RolledBack)) throw error
    })

const runOf = (trial: Trial, signal: AbortSignal, database: Database, settledAt: Instant | null): Run => {
  const { clock, conductor } = trial
  const origin = () => ({ at: clock.now(), by: { conductor: conductor.name } })
  return {
    now: () => clock.now(),
    signal,
    check: async () => signal.throwIfAborted(),
    transaction: work => database.transaction(origin(), work),
    get origin() {
      return origin()
    },
    failures: 0,
    takenOver: settledAt !== null,
    settledAt,
  }
}
