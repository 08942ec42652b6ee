import type { Kysely } from 'kysely'
import type pg from 'pg'
import { listen } from '../db/listener.ts'
import { EVENTS_CHANNEL } from '../db/outbox.ts'
import type { Log } from '../log/log.ts'
import type { Event } from './event.ts'
import { following, head, isAfter } from './read.ts'

/** Takes events in order, a batch at a time; the next one comes when it is done. What it throws at is given to it again. */
export type Reader = (events: readonly Event[]) => void | Promise<void>

export interface Feed {
  /**
   * All events after that one (its id), or after this moment (perhaps a few from just before it), at least once and in order.
   * Resolves once nothing that happens from now on can be missed; its value undoes it.
   */
  subscribe(reader: Reader, after?: string): Promise<() => void>
  end(): Promise<void>
}

export interface FeedOptions {
  readonly db: Kysely<any>
  readonly session: pg.ClientConfig
  readonly log: Log
  /** Milliseconds after which it looks without having been told: whoever should tell may have died. */
  readonly look?: number
}

interface Subscriber {
  readonly reader: Reader
  /** The last event it has taken. */
  at: string
  busy: boolean
  gone: boolean
}

const BATCH = 500
const AGAIN = 1000
// While a slow transaction holds back what others wrote, nobody tells when it is over.
const HELD_BACK = { first: 10, longest: 500 }

/** One LISTEN connection and one look for all readers of a process; whoever lags behind reads for itself. */
export const createFeed = ({ db, session, log, look = 5000 }: FeedOptions): Feed => {
  const subscribers = new Set<Subscriber>()
  let ended = false
  let at: string | undefined
  let looking = false
  let scanning: Promise<void> | undefined
  let again = false
  let held = HELD_BACK.first
  let timer: NodeJS.Timeout | undefined

  const deliver = async (s: Subscriber, given: readonly Event[]): Promise<void> => {
    let events = given
    s.busy = true
    try {
      while (!s.gone && !ended) {
        if (events.length === 0) {
          if (!at || !isAfter(at, s.at)) break
          events = (await following(db, s.at, BATCH)).events
          if (events.length === 0) break
        }
        await s.reader(events)
        s.at = events.at(-1)!.id
        events = []
      }
    } catch (e) {
      log.error({ err: e, after: s.at }, 'a reader of events failed; it is given them again')
      setTimeout(() => void deliver(s, []), AGAIN).unref()
      return
    }
    s.busy = false
  }

  const scan = async (): Promise<void> => {
    if (ended) return
    if (looking) {
      again = true
      return
    }
    looking = true
    const over = Promise.withResolvers<void>()
    scanning = over.promise
    let next = look
    try {
      do {
        again = false
        at ??= await head(db)
        const before = at
        const { events, more } = await following(db, before, BATCH)
        if (events.length > 0) at = events.at(-1)!.id
        for (const s of subscribers) if (!s.busy) void deliver(s, s.at === before ? events : [])
        if (events.length > 0) held = HELD_BACK.first
        if (events.length > 0 && more) again = true
        else if (more) {
          next = Math.min(held, look)
          held = Math.min(held * 2, HELD_BACK.longest)
        } else next = look
      } while (again && !ended)
    } catch (e) {
      log.warn({ err: e }, 'events could not be read; trying again')
      next = Math.min(AGAIN, look)
    } finally {
      looking = false
      over.resolve()
    }
    clearTimeout(timer)
    if (!ended) timer = setTimeout(() => void scan(), again ? 0 : next)
  }

  const listener = listen({ session, channels: [EVENTS_CHANNEL], log, onMessage: () => void scan(), onConnected: () => void scan() })

  return {
    async subscribe(reader, after) {
      const s: Subscriber = { reader, at: after ?? (await head(db)), busy: false, gone: false }
      subscribers.add(s)
      void scan()
      return () => {
        s.gone = true
        subscribers.delete(s)
      }
    },
    async end() {
      ended = true
      clearTimeout(timer)
      await listener.end()
      // The database may be left right after us.
      await scanning
    },
  }
}
