import pg from 'pg'
import { createDatabase } from '../kit/db/database.ts'
import { createNotifier } from '../kit/db/notifier.ts'
import { EVENTS_CHANNEL } from '../kit/db/outbox.ts'
import type { NewEvent } from '../kit/events/event.ts'
import type { Log } from '../kit/log/log.ts'
import { WORK_CHANNEL, writeWork } from '../kit/work/wake.ts'
import type { SiteConfig } from '../main.ts'
import { openDatabase } from './database.ts'

/** A site's database as it is, for a command that must not change it by looking: nothing is migrated and nothing is judged. */
export interface Direct {
  /** A session of its own. */
  readonly client: pg.Client
  /** What it is, for people. */
  readonly what: string
  /** Writes down what was done. A database of an older version may not take it; that is only logged. */
  tell(event: Omit<NewEvent, 'projects'>): Promise<void>
}

export const atDatabase = async <T>(config: SiteConfig, log: Log, work: (direct: Direct) => Promise<T>): Promise<T> => {
  const { connections, clock, what, stop } = await openDatabase({ ...config.database, size: 4, state: config.state, log })
  const client = new pg.Client(connections.session)
  client.on('error', e => log.warn({ err: e }, 'the connection to the database was lost'))
  const notifier = createNotifier(connections.pool, { work: WORK_CHANNEL, events: EVENTS_CHANNEL }, log)
  try {
    await client.connect()
    return await work({
      client,
      what,
      async tell(event) {
        try {
          const database = createDatabase({ connections, writeWork, onCommit: notifier })
          await database.transaction({ at: clock.now(), by: {} }, async tx => tx.emit('site', { ...event, projects: [] }))
        } catch (e) {
          log.warn({ err: e }, `the event ${event.type} could not be written`)
        }
      },
    })
  } finally {
    await notifier.flush()
    await client.end().catch(() => {})
    await stop()
  }
}
