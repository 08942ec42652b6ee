import type { Clock } from '../clock/clock.ts'
import type { Database } from '../db/transaction.ts'
import type { Event } from '../events/event.ts'
import type { Feed } from '../events/feed.ts'
import { isAfter } from '../events/read.ts'
import type { Log } from '../log/log.ts'
import { changes, LIFTED, type Lifting, type Putting, SET } from './change.ts'
import { inspect } from './inspect.ts'
import { readMark, writeMark } from './mark.ts'
import { look as lookAt, type Readable, readable } from './store.ts'
import type { Hold, Mark, Scope } from './types.ts'

export interface HoldOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  /** Tells at once of what others hold and lift. Without it that is known a second later. */
  readonly feed?: Pick<Feed, 'subscribe'>
  /** The service that a conductor is of. */
  readonly serviceOf?: (conductor: string) => string | undefined
  /** File that keeps how far this machine has followed the database; shared by its processes. */
  readonly mark?: string
  /** Something was lifted: work that was held may go on. */
  readonly onLifted?: () => void
}

export interface Holds {
  /** Finds out whether the database is the one it was, and holds the site if not. To be called before anything is conducted. */
  start(): Promise<void>
  stop(): Promise<void>
  /** For the loop of conductors. Never older than a second; rejects while the database cannot be asked. */
  held(conductor: string, key: string): boolean | Promise<boolean>
  hold(putting: Putting): Promise<Hold>
  lift(lifting: Lifting): Promise<Hold | undefined>
  /** As it is now. */
  list(): Promise<readonly Hold[]>
}

/** Milliseconds for which a look at the database counts. */
const FRESH = 1000
/** Milliseconds between two writes of the mark. */
const MARKED = 5000
/** Milliseconds for the look before the end. */
const LAST_LOOK = 2000

/** What this process knows of holds, and its part in finding out whether the database was restored. */
export const createHold = (options: HoldOptions): Holds => {
  const { database, clock, log } = options
  let may: Readable | undefined
  let mark: Mark | undefined
  let known: readonly Hold[] = []
  let index = indexOf(known)
  /** How old it is; undefined: too old, whatever its age. */
  let age: (() => number) | undefined
  /** Counted up whenever something is known to have changed: a look that began before that does not count. */
  let turn = 0
  let reading: Promise<void> | undefined
  let writing: NodeJS.Timeout | undefined
  let unsubscribe = () => {}
  let stopped = false

  const read = async (): Promise<void> => {
    may ??= await readable(database.db)
    const [began, mine] = [stopwatch(), turn]
    // Taken before the look: what is seen meanwhile may be newer than its answer.
    const before = mark
    const seen = await inspect(database, clock, await lookAt(database.db, may), before, may, log)
    if (seen.mark) advance(seen.mark)
    learn(seen.holds)
    if (turn === mine) age = began
  }

  const invalidate = (): void => {
    turn++
    age = undefined
  }

  const refresh = (): Promise<void> =>
    (reading ??= read().finally(() => {
      reading = undefined
    }))

  /** By a look that begins after this call. */
  const lookNow = async (): Promise<void> => {
    if (reading) await reading.catch(() => {})
    await refresh()
  }

  const learn = (now: readonly Hold[]): void => {
    const name = (h: Hold) => `${h.scope} ${h.key}`
    const [was, is] = [new Map(known.map(h => [name(h), h])), new Map(now.map(h => [name(h), h]))]
    known = now
    index = indexOf(now)
    for (const h of now)
      if (was.get(name(h))?.reason !== h.reason) log.warn({ ...h }, `held: nothing outside of the database is changed for ${words(h)}`)
    const lifted = [...was.values()].filter(h => !is.has(name(h)))
    for (const h of lifted) log.warn({ scope: h.scope, key: h.key }, `lifted: ${words(h)} is held no more`)
    if (lifted.length > 0) options.onLifted?.()
  }

  const advance = (to: Mark): void => {
    if (mark?.incarnation === to.incarnation && !isAfter(to.head, mark.head)) return
    mark = to
    if (!options.mark || stopped) return
    writing ??= setTimeout(keep, MARKED).unref()
  }

  const keep = (): void => {
    writing = undefined
    if (!options.mark || !mark) return
    try {
      writeMark(options.mark, mark)
    } catch (e) {
      log.warn({ err: e, file: options.mark }, 'could not write down how far the database was followed')
    }
  }

  const follow = (events: readonly Event[]): void => {
    if (mark) advance({ incarnation: mark.incarnation, head: events.at(-1)!.id })
    if (!events.some(e => e.type === SET || e.type === LIFTED)) return
    invalidate()
    lookNow().catch(e => log.warn({ err: e }, 'could not look what is held'))
  }

  const judge = (conductor: string, key: string): boolean => {
    if (index.site || index.things.has(key)) return true
    const service = index.services.size > 0 ? options.serviceOf?.(conductor) : undefined
    return service !== undefined && index.services.has(service)
  }

  const change = changes(database, clock, async () => (may ??= await readable(database.db)))

  return {
    async start() {
      if (options.mark) mark = readMark(options.mark)
      await refresh()
      if (options.feed) unsubscribe = await options.feed.subscribe(follow)
      // What happened between the look and the subscription.
      if (options.feed) await lookNow()
    },
    async stop() {
      unsubscribe()
      // What happened last is to be known, too; but nobody waits for a database that does not answer.
      await Promise.race([lookNow().catch(() => {}), new Promise(resolve => setTimeout(resolve, LAST_LOOK).unref())])
      stopped = true
      clearTimeout(writing)
      keep()
    },
    held(conductor, key) {
      if (age && age() < FRESH) return judge(conductor, key)
      return lookNow().then(() => judge(conductor, key))
    },
    async hold(putting) {
      const hold = await change.hold(putting)
      invalidate()
      return hold
    },
    async lift(lifting) {
      const lifted = await change.lift(lifting)
      invalidate()
      return lifted
    },
    async list() {
      await lookNow()
      return known
    },
  }
}

const indexOf = (holds: readonly Hold[]) => {
  const keys = (scope: Scope) => new Set(holds.filter(h => h.scope === scope).map(h => h.key))
  return { site: holds.some(h => h.scope === 'site'), services: keys('service'), things: keys('thing') }
}

const words = (h: Hold): string => (h.scope === 'site' ? 'the whole site' : `the ${h.scope} ${h.key}`)

/** Milliseconds by whichever clock went further: the one stands still while the machine sleeps, the other may be set. */
const stopwatch = (): (() => number) => {
  const [steady, wall] = [performance.now(), Date.now()]
  return () => Math.max(performance.now() - steady, Date.now() - wall)
}
