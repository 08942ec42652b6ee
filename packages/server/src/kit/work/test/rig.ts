import { afterEach } from 'vitest'
import type { TestDatabase } from '../../testing/database.ts'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import { type Conductor, done, type Outcome, type Run } from '../conductor.ts'
import { createWork, type Work, type WorkOptions } from '../work.ts'
import { log, over } from './database.ts'

/** A promise that is opened from outside. */
export const gate = <T = void>() => Promise.withResolvers<T>()

/** Writes it down and is done. */
export const note = <T>(list: T[], what: T): Outcome => {
  list.push(what)
  return done
}

export const conductor = (name: string, run: (key: string, run: Run) => Promise<Outcome>, more: Partial<Conductor> = {}): Conductor => ({
  name,
  key: 'any word',
  reads: [],
  owns: [],
  slots: 4,
  limit: 60_000,
  outside: false,
  run,
  ...more,
})

/** One or more loops in this process over a test's database; stopped after each test. */
export const useRig = (connections: TestDatabase, clock: () => FakeClock = oneClock()) => {
  const started: Work[] = []
  afterEach(async () => {
    await Promise.all(started.splice(0).map(work => work.stop()))
    await connections.pool.query('truncate kit.work, kit.conductor')
  })
  const wired = () => over(connections)
  return {
    get clock() {
      return clock()
    },
    async start(conductors: readonly Conductor[], more: Partial<WorkOptions> = {}): Promise<Work> {
      const work = createWork({
        database: wired().database,
        pool: connections.pool,
        sessionConfig: connections.session,
        clock: clock(),
        conductors,
        log,
        backoff: { first: 1000, most: 60_000 },
        ...more,
        times: { look: 100, peers: 100, grace: 100, stop: 200, ...more.times },
      })
      await work.start()
      started.push(work)
      return work
    },
    async wake(name: string, keys: readonly string[], at = clock().now()): Promise<void> {
      await wired().database.transaction({ at: clock().now(), by: {} }, async tx => {
        for (const key of keys) tx.wake(name, key, at)
      })
    },
    async row(key: string): Promise<any> {
      const { rows } = await connections.pool.query('select *, due::text, claimed_by from kit.work where key = $1', [key])
      return rows[0]
    },
  }
}

const oneClock = () => {
  const clock = fakeClock()
  return () => clock
}

/** Looks until it is so; the test's own time limit ends it. */
export const until = async (so: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await so())) await new Promise(resolve => setTimeout(resolve, 10))
}
