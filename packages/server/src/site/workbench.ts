import { join } from 'node:path'
import type { Clock } from '../kit/clock/clock.ts'
import { createDatabase } from '../kit/db/database.ts'
import { KIT_DB, migrate } from '../kit/db/migrate.ts'
import { createNotifier } from '../kit/db/notifier.ts'
import { EVENTS_CHANNEL } from '../kit/db/outbox.ts'
import type { Database } from '../kit/db/transaction.ts'
import { mendEvents } from '../kit/events/mend.ts'
import { createHold, type Holds } from '../kit/hold/hold.ts'
import { KIT_HOLD } from '../kit/hold/schema.ts'
import type { Log } from '../kit/log/log.ts'
import { KIT_WORK } from '../kit/work/schema.ts'
import { WORK_CHANNEL, writeWork } from '../kit/work/wake.ts'
import type { SiteConfig } from '../main.ts'
import { openDatabase, type SiteDatabase } from './database.ts'

/** A site's database for a command that serves and conducts nothing; what it writes is told to the processes that do. */
export interface Workbench {
  readonly connections: SiteDatabase['connections']
  readonly database: Database
  readonly holds: Holds
  readonly clock: Clock
}

export const atWorkbench = async <T>(config: SiteConfig, log: Log, work: (bench: Workbench) => Promise<T>): Promise<T> => {
  const { connections, clock, stop } = await openDatabase({ ...config.database, size: 4, state: config.state, log })
  try {
    await migrate(connections.pool, [KIT_DB, KIT_WORK, KIT_HOLD])
    await mendEvents(connections.pool)
    const notifier = createNotifier(connections.pool, { work: WORK_CHANNEL, events: EVENTS_CHANNEL }, log)
    const database = createDatabase({ connections, writeWork, onCommit: notifier })
    // What is held already is said by who asks for it.
    const holds = createHold({ database, clock, log: { ...log, warn: () => {} }, mark: join(config.state, 'site.json') })
    await holds.start()
    try {
      return await work({ connections, database, holds, clock })
    } finally {
      await holds.stop()
      await notifier.flush()
    }
  } finally {
    await stop()
  }
}
