import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFeed } from '../../events/feed.ts'
import type { Log } from '../../log/log.ts'
import type { TestDatabase } from '../../testing/database.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { silent } from '../../testing/silent-log.ts'
import { over } from '../../work/test/database.ts'
import { createHold, type HoldOptions } from '../hold.ts'

/** Processes on databases, as far as holds are concerned; `end` ends them all. */
export const createRig = () => {
  const ends: (() => Promise<void> | void)[] = []
  return {
    folder(): string {
      const folder = mkdtempSync(join(tmpdir(), 'esi-hold-'))
      ends.push(() => rmSync(folder, { recursive: true, force: true }))
      return folder
    },
    /** One that has not started. */
    process(connections: TestDatabase, more: Partial<HoldOptions> = {}) {
      const { database, notifier } = over(connections)
      const clock = fakeClock()
      const feed = createFeed({ db: connections.db, session: connections.session, log: silent })
      const said: string[] = []
      const say = (_: object, message: string) => void said.push(message)
      const log: Log = { ...silent, warn: say, error: say }
      const holds = createHold({ database, clock, feed, log, ...more })
      let ended = false
      const stop = async () => {
        if (ended) return
        ended = true
        await holds.stop()
        await feed.end()
        await notifier.flush()
      }
      ends.push(stop)
      return { holds, database, clock, said, stop }
    },
    async end(): Promise<void> {
      for (const end of ends.splice(0).reverse()) await end()
    },
  }
}
