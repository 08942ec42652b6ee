import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createDatabase } from '../db/database.ts'
import { again, type Conductor, done } from '../work/conductor.ts'
import { useDatabase } from './database.ts'
import { fakeClock } from './fake-clock.ts'
import { interruptEverywhere, type Tap, type Trial } from './interrupt.ts'

const connections = useDatabase()
const database = () => createDatabase({ connections, writeWork: () => undefined })

/** A lamp to be switched on, and a row that must not say so before it is. */
const lamp = async (
  tap: Tap,
  run: (world: { lamp: Lamp; key: string }, given: Parameters<Conductor['run']>[1]) => ReturnType<Conductor['run']>,
) => {
  const key = crypto.randomUUID()
  await connections.pool.query(
    'create table if not exists lamp (key text primary key, is_on bool not null, presses int not null default 0)',
  )
  await connections.pool.query('insert into lamp (key, is_on) values ($1, false)', [key])
  const real: Lamp = {
    lit: false,
    pressed: 0,
    async switchOn() {
      real.lit = true
    },
    async press() {
      real.pressed++
      real.lit = !real.lit
    },
  }
  const world = { lamp: tap.writes(real, ['switchOn', 'press']), key }
  const conductor: Conductor = {
    name: 'lamp',
    key: '',
    reads: [],
    owns: [],
    slots: 1,
    limit: 1000,
    outside: true,
    command: 5000,
    run: (_, given) => run(world, given),
  }
  return { ...world, real, conductor, database: database(), clock: fakeClock() } satisfies Trial & Record<string, unknown>
}
interface Lamp {
  lit: boolean
  pressed: number
  switchOn(): Promise<void>
  press(): Promise<void>
}
const saysOn = async (key: string): Promise<boolean> =>
  (await connections.pool.query('select is_on from lamp where key = $1', [key])).rows[0].is_on

test('a conductor that looks before it acts may be killed anywhere, and runs again when commands have settled', async () => {
  const moments: string[] = []
  const seen: boolean[] = []
  const effects = await interruptEverywhere({
    start: tap =>
      lamp(tap, async ({ lamp, key }, run) => {
        seen.push(run.takenOver)
        if (!lamp.lit) {
          await lamp.switchOn()
          return again(1000, 'it warms up')
        }
        await run.transaction(tx => sql`update lamp set is_on = true where key = ${key}`.execute(tx.db))
        return done
      }),
    async invariant({ key, real }, moment) {
      moments.push(moment)
      if (await saysOn(key)) expect(real.lit).toBe(true)
      if (moment === 'finished') expect(await saysOn(key)).toBe(true)
    },
  })
  expect(effects).toEqual(['switchOn', 'commit'])
  expect(moments).toEqual(['finished', 'interrupted', 'finished', 'interrupted', 'finished', 'finished'])
  // Undisturbed: act, confirm. Stopped after the first: act, taken over, taken over and settled. After the second likewise.
  expect(seen).toEqual([false, false, false, true, true, false, false, true, true, false, false, false])
})

test('one that says it before it is so is found', async () => {
  const trial = interruptEverywhere({
    start: tap =>
      lamp(tap, async ({ lamp, key }, run) => {
        await run.transaction(tx => sql`update lamp set is_on = true where key = ${key}`.execute(tx.db))
        await lamp.switchOn()
        return done
      }),
    async invariant({ key, real }) {
      if ((await saysOn(key)) && !real.lit) throw new Error('it says on and is dark')
    },
  })
  await expect(trial).rejects.toThrow('stopped after effect 1 of 2 (commit): it says on and is dark')
})

test('one that presses a button without a look is found', async () => {
  const trial = interruptEverywhere({
    start: tap =>
      lamp(tap, async ({ lamp }) => {
        await lamp.press()
        return done
      }),
    invariant({ real }, moment) {
      if (moment === 'finished' && !real.lit) throw new Error('dark in the end')
    },
  })
  await expect(trial).rejects.toThrow(/dark in the end/)
})

test('one whose transaction does more than talk to the database is found', async () => {
  const trial = interruptEverywhere({
    start: tap =>
      lamp(tap, async ({ key, lamp }, run) => {
        if (await saysOn(key)) return done
        await run.transaction(async tx => {
          lamp.pressed++
          await sql`update lamp set is_on = true, presses = ${lamp.pressed} where key = ${key}`.execute(tx.db)
        })
        return done
      }),
    invariant({ real }, moment) {
      if (moment === 'finished') expect(real.pressed).toBe(1)
    },
  })
  await expect(trial).rejects.toThrow(/^every effect twice/)
})

test('a dead run does nothing more, even if it catches', async () => {
  const after: string[] = []
  await interruptEverywhere({
    start: tap =>
      lamp(tap, async ({ lamp }, run) => {
        await lamp.switchOn().catch(() => {})
        if (run.signal.aborted) {
          await run.check().catch(error => after.push(error.name))
          await lamp.press().catch(error => after.push(error.name))
          await run.transaction(async () => expect.unreachable()).catch(error => after.push(error.name))
        }
        return done
      }),
    invariant({ real }) {
      expect(real.pressed).toBe(0)
    },
  })
  expect(after).toEqual(['Interrupted', 'Interrupted', 'Interrupted'])
})

test('whoever takes over may die as well, and who comes then', async () => {
  const runs: number[] = []
  await interruptEverywhere({
    start: tap => {
      runs.push(0)
      return lamp(tap, async ({ lamp, key }, run) => {
        runs[runs.length - 1]!++
        if (!lamp.lit) await lamp.switchOn()
        await run.transaction(tx => sql`update lamp set is_on = true where key = ${key}`.execute(tx.db))
        return done
      })
    },
    deaths: [1, 1],
    async invariant({ key, real }, moment) {
      if (moment === 'finished') expect([await saysOn(key), real.lit]).toEqual([true, true])
    },
  })
  // Undisturbed; three deaths, one that lives, and once more when all is settled; the same from the second effect on; done twice.
  expect(runs).toEqual([1, 5, 5, 2])
})

test('a trial without an effect, or without an end, says so', async () => {
  const idle = interruptEverywhere({ start: tap => lamp(tap, async () => done), invariant: () => {} })
  await expect(idle).rejects.toThrow('had no effect')
  const endless = interruptEverywhere({ start: tap => lamp(tap, async () => again(1, 'for ever')), invariant: () => {}, most: 3 })
  await expect(endless).rejects.toThrow('undisturbed: it does not come to an end')
})
