import { join } from 'node:path'
import { type DatabaseClock, databaseClock } from '../kit/clock/database.ts'
import { startEmbedded } from '../kit/db/embedded/start.ts'
import { type Connections, connect, proveServer, serverMillis } from '../kit/db/pool.ts'
import type { Log } from '../kit/log/log.ts'

export interface SiteDatabase {
  readonly connections: Connections
  readonly clock: DatabaseClock
  /** What it is, for people: "embedded PostgreSQL in …". */
  readonly what: string
  stop(): Promise<void>
}

export interface SiteDatabaseOptions {
  readonly url?: string | undefined
  readonly sessionUrl?: string | undefined
  readonly size: number
  readonly state: string
  readonly log: Log
}

/** The database that the configuration names, or an embedded one below the state folder; with its clock. */
export const openDatabase = async (o: SiteDatabaseOptions): Promise<SiteDatabase> => {
  const embedded = o.url === undefined ? await startEmbedded({ folder: join(o.state, 'database'), log: o.log }) : undefined
  const connections = connect({
    url: o.url ?? embedded!.url,
    sessionUrl: o.sessionUrl,
    name: `esi ${process.pid}`,
    size: o.size,
    log: o.log,
  })
  await proveServer(connections)
  const clock = await databaseClock({
    ask: () => serverMillis(connections),
    onError: e => o.log.warn({ err: e }, "the database's clock could not be compared"),
  })
  return {
    connections,
    clock,
    what: embedded ? `embedded PostgreSQL below ${o.state}` : 'PostgreSQL by database.url',
    async stop() {
      clock.stop()
      await connections.end()
      await embedded?.stop()
    },
  }
}
