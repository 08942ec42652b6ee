import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Log } from '../log/log.ts'

/** What was committed: whom it wakes, and whether anything is to be read. */
export interface Committed {
  readonly conductors: readonly string[]
  readonly events: boolean
}

export interface Notifier {
  (committed: Committed): void
  /** Sends what is still to be sent. */
  flush(): Promise<void>
}

// Whoever commits once in a while is told of at once; of hundreds a second it is told together.
const GATHER = 5

/**
 * Tells other processes of commits, by NOTIFY outside of any transaction, one statement at a time: while one is under way, and for a
 * few milliseconds after it began, the others gather. What is lost with the process is found by those who look now and then.
 */
export const createNotifier = (pool: pg.Pool, channels: { work: string; events: string }, log: Log): Notifier => {
  let work = new Set<string>()
  let events = false
  let sending: Promise<void> | undefined

  const send = async (): Promise<void> => {
    while (work.size > 0 || events) {
      const messages = [
        ...[...work].map(conductor => [channels.work, conductor] as const),
        ...(events ? [[channels.events, ''] as const] : []),
      ]
      work = new Set()
      events = false
      const pause = sleep(GATHER)
      try {
        await pool.query('select pg_notify(c, p) from unnest($1::text[], $2::text[]) as m(c, p)', [
          messages.map(m => m[0]),
          messages.map(m => m[1]),
        ])
      } catch (e) {
        log.warn({ err: e }, 'other processes could not be told of a change; they find it when they look')
      }
      await pause
    }
    sending = undefined
  }

  const notifier = (committed: Committed): void => {
    for (const conductor of committed.conductors) work.add(conductor)
    events ||= committed.events
    if (work.size > 0 || events) sending ??= send()
  }
  return Object.assign(notifier, { flush: async () => void (await sending) })
}
