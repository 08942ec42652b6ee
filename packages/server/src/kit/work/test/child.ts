// A process that conducts, for tests that kill, stop and starve it. It is told what to do by its parent and tells what it did.
import { plus } from '@esi/api/time'
import { sql } from 'kysely'
import { systemClock } from '../../clock/clock.ts'
import { again, type Conductor, done, type Run } from '../conductor.ts'
import { createWork } from '../work.ts'
import { log, wire } from './database.ts'

export interface ChildSettings {
  readonly url: string
  readonly who: string
  /** Milliseconds by which its clock is wrong. */
  readonly skew?: number
  readonly patience?: number
}
/** What a child says. `wrote` is a write to the pretended hardware, which no database fences. */
export interface Said {
  readonly is: 'ready' | 'began' | 'wrote' | 'refused' | 'stopped'
  readonly key?: string
  readonly takenOver?: boolean
  readonly why?: string
}

const { url, who, skew = 0, patience = 10_000 }: ChildSettings = JSON.parse(process.argv[2]!)
const say = (said: Said) => process.send?.(said)
const { connections, database, notifier } = wire(url)
const { pool } = connections
const clock = systemClock(() => skew)

const gates = new Map<string, () => void>()
const note = (what: string, key: string) => pool.query('insert into trial.log (what, key, who) values ($1, $2, $3)', [what, key, who])

/** Waits until its parent says go, then writes to hardware as a driver does: checked right before. */
const patient: Conductor = {
  name: 'patient',
  key: 'any word',
  reads: [],
  owns: [],
  slots: 4,
  limit: 600_000,
  outside: true,
  command: 0,
  async run(key: string, run: Run) {
    say({ is: 'began', key, takenOver: run.takenOver })
    await new Promise<void>(resolve => gates.set(key, resolve))
    try {
      await run.check()
      await note('wrote', key)
      say({ is: 'wrote', key })
    } catch (error) {
      say({ is: 'refused', key, why: (error as Error).name })
      throw error
    }
    return done
  },
}

/** Proves that nobody else runs the same key now, and that what it did was committed once. */
const exclusive: Conductor = {
  name: 'exclusive',
  key: 'any word',
  reads: [],
  owns: [],
  slots: 8,
  limit: 60_000,
  outside: false,
  async run(key, run) {
    const { rows } = await pool.query('insert into trial.inside values ($1, $2) on conflict do nothing returning key', [key, who])
    if (rows.length === 0) {
      await pool.query('insert into trial.violation select key, $2, who from trial.inside where key = $1', [key, who])
      return done
    }
    await run.transaction(tx => sql`insert into trial.log (what, key, who) values ('ran', ${key}, ${who})`.execute(tx.db))
    await pool.query('delete from trial.inside where key = $1', [key])
    return done
  },
}

/** Counts up to what is wanted, one a run; whatever is lost on the way is missing at the end. */
const counter: Conductor = {
  name: 'counter',
  key: 'any word',
  reads: [],
  owns: [],
  slots: 4,
  limit: 60_000,
  outside: false,
  async run(key, run) {
    const left = await run.transaction(async tx => {
      const { rows } = await sql<{ left: number }>`
        update trial.count set n = n + 1 where key = ${key} and n < wanted returning wanted - n as left`.execute(tx.db)
      return rows[0]?.left ?? 0
    })
    return left > 0 ? again(0, `${left} more`) : done
  },
}

const work = createWork({
  database,
  pool,
  sessionConfig: connections.session,
  clock,
  conductors: [patient, exclusive, counter],
  log,
  times: { patience, beat: Math.min(2000, patience / 5), grace: 200, look: 200 },
  backoff: { first: 50, most: 200 },
})

process.on('message', async (message: { go?: string; stop?: true; wake?: { conductor: string; key: string; after: number } }) => {
  if (message.go) gates.get(message.go)?.()
  const { wake } = message
  if (wake)
    await database.transaction({ at: clock.now(), by: {} }, async tx => tx.wake(wake.conductor, wake.key, plus(clock.now(), wake.after)))
  if (message.stop) {
    await work.stop()
    await notifier.flush()
    await connections.end()
    say({ is: 'stopped' })
    process.disconnect()
  }
})
// A killed test must leave nothing behind.
process.on('disconnect', () => process.exit())

await work.start()
say({ is: 'ready' })
