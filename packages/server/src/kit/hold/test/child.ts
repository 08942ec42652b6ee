// A process that conducts and can be held. It is told by its parent when to go on, and tells what it did.
import { systemClock } from '../../clock/clock.ts'
import { createFeed } from '../../events/feed.ts'
import { type Conductor, done } from '../../work/conductor.ts'
import type { ChildSettings, Said } from '../../work/test/child.ts'
import { log, wire } from '../../work/test/database.ts'
import { createWork } from '../../work/work.ts'
import { createHold } from '../hold.ts'

/** `mark`: the file in which it keeps how far it has followed the database. */
const { url, mark }: ChildSettings & { mark?: string } = JSON.parse(process.argv[2]!)
const say = (said: Said) => process.send?.(said)
const { connections, database, notifier } = wire(url)
const clock = systemClock()
const feed = createFeed({ db: connections.db, session: connections.session, log })
// What it is told of holds it tells on.
const warn = (fields: object, message: string) => {
  log.warn(fields, message)
  if (message.startsWith('held:')) say({ is: 'refused', key: 'site', why: message })
}
const holds = createHold({ database, clock, log: { ...log, warn }, feed, onLifted: () => work.nudge(), ...(mark ? { mark } : {}) })

const gates = new Map<string, () => void>()
/** Waits until its parent says go, then does what a driver does before it writes. */
const machine: Conductor = {
  name: 'machine',
  key: 'any word',
  reads: [],
  owns: [],
  slots: 4,
  limit: 600_000,
  outside: true,
  command: 0,
  async run(key, run) {
    say({ is: 'began', key })
    await new Promise<void>(resolve => gates.set(key, resolve))
    try {
      await run.check()
      say({ is: 'wrote', key })
    } catch (error) {
      say({ is: 'refused', key, why: (error as Error).name })
      throw error
    }
    return done
  },
}

const work = createWork({
  database,
  pool: connections.pool,
  sessionConfig: connections.session,
  clock,
  conductors: [machine],
  held: holds.held,
  log,
  times: { look: 200 },
  backoff: { first: 50, most: 200 },
})

process.on('message', async (message: { go?: string; stop?: true }) => {
  if (message.go) gates.get(message.go)?.()
  if (!message.stop) return
  await work.stop()
  await holds.stop()
  await feed.end()
  await notifier.flush()
  await connections.end()
  say({ is: 'stopped' })
  process.disconnect()
})
// A killed test must leave nothing behind.
process.on('disconnect', () => process.exit())

await holds.start()
await work.start()
say({ is: 'ready' })
