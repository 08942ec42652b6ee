import { once } from 'node:events'
import { plus, toMillis } from '@esi/api/time'
import { sql } from 'kysely'
import type { Pool } from 'pg'
import { expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { again, done, failed, type Run, wait } from './conductor.ts'
import { KIT_WORK } from './schema.ts'
import { over } from './test/database.ts'
import { conductor, gate, note, until, useRig } from './test/rig.ts'

const database = useDatabase([KIT_WORK])
const rig = useRig(database)

/** The pool of the tests, with statements that are never answered. */
const failing = (fails: () => boolean): Pool =>
  new Proxy(database.pool, {
    get(target, name) {
      if (name === 'query' && fails()) return () => Promise.reject(new Error('Connection terminated unexpectedly'))
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

test('a wake runs its key once, and it rests until the next one', async () => {
  const ran: string[] = []
  const work = await rig.start([conductor('c', async key => note(ran, key))])
  await rig.wake('c', ['a', 'b', 'a'])
  await work.idle()
  expect(ran.sort()).toEqual(['a', 'b'])
  expect(await rig.row('a')).toMatchObject({ due: 'infinity', want: 1, done: 1, claimed_by: null, last_outcome: 'done' })
  await rig.wake('c', ['a'])
  await work.idle()
  expect(ran).toHaveLength(3)
})

test('what is due later is run when the clock says so, by a timer of its own', async () => {
  const ran: string[] = []
  // No slow look comes to its help.
  const work = await rig.start([conductor('c', async (_key, run) => note(ran, run.now()))], { times: { look: 600_000 } })
  const at = plus(rig.clock.now(), 3_600_000)
  await rig.wake('c', ['a'], at)
  await until(() => rig.clock.next === at)
  await rig.clock.advance(3_599_999)
  await work.idle()
  expect(ran).toEqual([])
  await rig.clock.advance(1)
  await work.idle()
  expect(ran).toEqual([at])
})

test('outcomes: again after a while, wait until a moment', async () => {
  const ran: string[] = []
  const moment = plus(rig.clock.now(), 90_000)
  const work = await rig.start([
    conductor('c', async (_, run) => {
      ran.push(run.now())
      return ran.length === 1 ? again(60_000, 'not yet') : ran.length === 2 ? wait(moment, 'it begins then') : done
    }),
  ])
  const began = rig.clock.now()
  await rig.wake('c', ['a'])
  await work.idle()
  expect(await rig.row('a')).toMatchObject({ last_outcome: 'again', last_why: 'not yet' })
  await rig.clock.advance(60_000)
  await work.idle()
  expect(await rig.row('a')).toMatchObject({ last_outcome: 'wait', last_why: 'it begins then' })
  await rig.clock.advance(60_000)
  await work.idle()
  expect(ran.slice(0, 2)).toEqual([began, plus(began, 60_000)])
  expect(ran).toHaveLength(3)
})

test('a wake during a run makes it run again', async () => {
  const opened = gate()
  const begun = gate()
  let runs = 0
  const work = await rig.start([
    conductor('c', async () => {
      if (++runs === 1) {
        begun.resolve()
        await opened.promise
      }
      return done
    }),
  ])
  await rig.wake('c', ['a'])
  await begun.promise
  await rig.wake('c', ['a'])
  opened.resolve()
  await work.idle()
  expect(runs).toBe(2)
  expect(await rig.row('a')).toMatchObject({ want: 2, done: 2, due: 'infinity' })
})

test('a handler that throws is tried again, later each time, and its last error is kept', async () => {
  let broken = true
  const failures: number[] = []
  const work = await rig.start([
    conductor('c', async (_, run) => {
      failures.push(run.failures)
      if (broken && failures.length === 3) return failed('third')
      if (broken) throw new Error(`no. ${failures.length}`)
      return done
    }),
  ])
  await rig.wake('c', ['a'])
  for (const [error, low, high] of [
    ['no. 1', 750, 1000],
    ['no. 2', 1500, 2000],
    ['third', 3000, 4000],
  ] as const) {
    await work.idle()
    const row = await rig.row('a')
    expect(row).toMatchObject({ last_error: error, last_outcome: 'failed', claimed_by: null })
    const after = Date.parse(row.due) - toMillis(rig.clock.now())
    expect(after).toBeGreaterThanOrEqual(low)
    expect(after).toBeLessThanOrEqual(high)
    await rig.clock.advance(after)
  }
  await work.idle()
  expect((await work.stuck()).map(s => [s.key, s.is, s.lastError, s.failures])).toEqual([['a', 'failing', 'no. 4', 4]])
  broken = false
  await rig.wake('c', ['a'])
  await work.idle()
  expect(failures).toEqual([0, 1, 2, 3, 4])
  expect(await rig.row('a')).toMatchObject({ failures: 0, last_error: null, failed_since: null })
  expect(await work.stuck()).toEqual([])
})

test('keys that wait for dead hardware do not stop the others', async () => {
  const dead = gate()
  const ran: string[] = []
  const work = await rig.start([
    conductor('hardware', async () => dead.promise.then(() => done), { slots: 2 }),
    conductor('lease', async key => note(ran, key), { slots: 1 }),
  ])
  await rig.wake('hardware', ['1', '2', '3', '4'])
  await until(async () => (await work.stats())[0]!.depth.running === 2)
  await rig.wake('lease', ['a', 'b', 'c'])
  await until(() => ran.length === 3)
  expect((await work.stats())[0]!.depth).toMatchObject({ running: 2, due: 2 })
  dead.resolve()
  await work.idle()
  expect((await work.stats())[0]!.here).toMatchObject({ runs: { done: 4 }, late: { count: 4 } })
})

test('a run that takes too long is aborted, and the next one knows that it may not have ended', async () => {
  const seen: unknown[] = []
  const work = await rig.start([
    conductor(
      'c',
      async (_, run) => {
        seen.push(run.takenOver)
        if (seen.length > 1) return done
        return new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)))
      },
      { limit: 30 },
    ),
  ])
  await rig.wake('c', ['a'])
  await work.idle()
  expect(await rig.row('a')).toMatchObject({ last_outcome: 'failed', last_error: 'not finished after 30 ms', failures: 1 })
  await rig.clock.advance(1000)
  await work.idle()
  expect(seen).toEqual([false, true])
})

test('a handler that does not listen loses its claim, and its doors are closed', async () => {
  const opened = gate()
  let first: Run | undefined
  const work = await rig.start([
    conductor(
      'c',
      async (_, run) => {
        if (first) return done
        first = run
        await opened.promise
        return done
      },
      { limit: 30 },
    ),
  ])
  await rig.wake('c', ['a'])
  await until(async () => (await rig.row('a'))?.failures === 1)
  await expect(first!.check()).rejects.toThrow('not finished after 30 ms')
  await expect(first!.transaction(async () => expect.unreachable())).rejects.toThrow('not finished after 30 ms')
  await rig.clock.advance(1000)
  await work.idle()
  expect(await rig.row('a')).toMatchObject({ last_outcome: 'done', claimed_by: null })
  opened.resolve()
})

test('after a takeover the key runs again when no command can act any more, whatever it said', async () => {
  const seen: [boolean, string | null][] = []
  const work = await rig.start([
    conductor('c', async (_, run) => note(seen, [run.takenOver, run.settledAt]), { outside: true, command: 30_000 }),
  ])
  const now = rig.clock.now()
  const settled = plus(now, 30_000)
  // As a claim of a process that is no more.
  await database.pool.query(
    `insert into kit.work (conductor, key, due, claimed_by, claim, claimed_at)
     values ('c', 'a', $1, gen_random_uuid(), nextval('kit.claim'), clock_timestamp())`,
    [now],
  )
  await until(() => seen.length === 1)
  await work.idle()
  expect(Date.parse((await rig.row('a')).due)).toBe(toMillis(settled))
  await rig.clock.advance(10_000)
  await rig.wake('c', ['a'])
  await work.idle()
  await rig.clock.advance(20_000)
  await work.idle()
  expect(seen).toEqual([
    [true, settled],
    [true, settled],
    [true, settled],
  ])
  await rig.clock.advance(60_000)
  await rig.wake('c', ['a'])
  await work.idle()
  expect(seen).toHaveLength(4)
  expect(seen[3]).toEqual([false, null])
})

test('what is held stays due and runs when the hold is lifted; what is not outside goes on', async () => {
  let held = true
  const ran: string[] = []
  const work = await rig.start(
    [conductor('out', async key => note(ran, key), { outside: true }), conductor('in', async key => note(ran, key))],
    { held: (_, key) => held && key !== 'free' },
  )
  await rig.wake('out', ['a', 'free'])
  await rig.wake('in', ['b'])
  await work.idle()
  expect(ran.sort()).toEqual(['b', 'free'])
  expect(await rig.row('a')).toMatchObject({ held: true, claimed_by: null, last_outcome: 'held', failures: 0 })
  expect((await work.stats())[0]!.depth.held).toBe(1)
  expect(await work.stuck()).toEqual([])
  // A wake changes nothing about it.
  await rig.wake('out', ['a'])
  await work.idle()
  expect(ran).not.toContain('a')
  held = false
  await work.idle()
  expect(ran).toContain('a')
})

test('a hold in the midst of a run stops the next write', async () => {
  let held = false
  const written: string[] = []
  const work = await rig.start(
    [
      conductor(
        'out',
        async (_, run) => {
          await run.check()
          written.push('first')
          held = true
          await run.check()
          written.push('second')
          return done
        },
        { outside: true },
      ),
    ],
    { held: () => held },
  )
  await rig.wake('out', ['a'])
  await work.idle()
  expect(written).toEqual(['first'])
  expect(await rig.row('a')).toMatchObject({ held: true, failures: 0 })
})

test('a process runs only keys of its groups, also when a key changes its group', async () => {
  const groups = new Map([
    ['x', 'east'],
    ['y', 'west'],
  ])
  const ran: string[] = []
  const of = (group: string) =>
    conductor('c', async key => note(ran, `${group} ${key}`), {
      groups: () => [group],
      groupOf: async key => groups.get(key) ?? null,
    })
  const east = await rig.start([of('east')])
  await rig.wake('c', ['x', 'y'])
  await until(async () => (await rig.row('y'))?.group === 'west')
  await east.idle()
  expect(ran).toEqual(['east x'])
  const west = await rig.start([of('west')])
  await until(() => ran.length === 2)
  groups.set('x', 'west')
  await rig.wake('c', ['x'])
  await until(() => ran.length === 3)
  expect(ran.slice(1)).toEqual(['west y', 'west x'])
  await Promise.all([east.idle(), west.idle()])
})

test('a stop waits for what runs, then aborts it, and leaves it to others', async () => {
  const begun = gate()
  const quick = gate()
  const stopping = conductor('c', async (key, run) => {
    if (key === 'quick') return quick.promise.then(() => done)
    begun.resolve()
    return new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)))
  })
  const work = await rig.start([stopping])
  await rig.wake('c', ['quick', 'slow'])
  await begun.promise
  const stopped = work.stop()
  quick.resolve()
  await rig.wake('c', ['late'])
  await stopped
  expect(await rig.row('quick')).toMatchObject({ last_outcome: 'done' })
  expect(await rig.row('slow')).toMatchObject({ last_outcome: 'stopped', claimed_by: null, failures: 0 })
  expect(await rig.row('late')).toMatchObject({ claimed_by: null, done: 0 })
  expect((await database.pool.query('select from kit.conductor')).rowCount).toBe(0)
  const seen = new Map<string, boolean>()
  const next = await rig.start([
    conductor('c', async (key, run) => {
      seen.set(key, run.takenOver)
      return done
    }),
  ])
  await next.idle()
  expect([...seen].sort()).toEqual([
    ['late', false],
    ['slow', true],
  ])
})

test('a thousand keys that are due at one instant all run, each once', async () => {
  const ran = new Map<string, number>()
  const count = conductor(
    'c',
    async key => {
      ran.set(key, (ran.get(key) ?? 0) + 1)
      return done
    },
    { slots: 16 },
  )
  const [one, two] = [await rig.start([count]), await rig.start([count])]
  const at = plus(rig.clock.now(), 60_000)
  const keys = Array.from({ length: 1000 }, (_, i) => `k${i}`)
  await rig.wake('c', keys, at)
  await rig.clock.advance(60_000)
  await until(() => ran.size === 1000)
  await Promise.all([one.idle(), two.idle()])
  expect([...ran.values()].every(n => n === 1)).toBe(true)
})

test('a claim whose answer was lost on the way is freed', async () => {
  let runs = 0
  await rig.start(
    [
      conductor('c', async () => {
        runs++
        return done
      }),
    ],
    { times: { look: 20 } },
  )
  await database.pool.query(
    `insert into kit.work (conductor, key, due, claimed_by, claim)
     select 'c', 'a', $1, id, nextval('kit.claim') from kit.conductor`,
    [rig.clock.now()],
  )
  await until(() => runs === 1)
})

test('whoever waits until nothing is due waits for what was claimed and is carried out by nobody', async () => {
  const ran: string[] = []
  // No slow look comes to its help.
  const times = { look: 600_000, peers: 600_000 }
  const work = await rig.start([conductor('c', async key => note(ran, key))], { times })
  await database.pool.query(
    `insert into kit.work (conductor, key, due, claimed_by, claim)
     select 'c', 'a', $1, id, nextval('kit.claim') from kit.conductor`,
    [rig.clock.now()],
  )
  await work.idle()
  expect(ran).toEqual(['a'])
})

test('and for what it was itself doing when its session was lost', async () => {
  const begun = gate()
  let runs = 0
  let lose = 0
  const work = await rig.start(
    [
      conductor('c', async (_key, run) => {
        if (++runs > 1) return done
        begun.resolve()
        await once(run.signal, 'abort')
        // The answer to its release is lost as well.
        lose = 1
        return done
      }),
    ],
    { times: { look: 600_000, peers: 600_000 }, pool: failing(() => lose-- > 0) },
  )
  await rig.wake('c', ['a'])
  await begun.promise
  const idle = work.idle()
  await database.pool.query('select pg_terminate_backend(backend) from kit.conductor')
  await idle
  expect(runs).toBe(2)
  expect(await rig.row('a')).toMatchObject({ last_outcome: 'done', claimed_by: null })
})

test('a fenced transaction neither stops a wake of its key nor survives the loss of its claim', async () => {
  const log: string[] = []
  const work = await rig.start([
    conductor('c', async (_, run) => {
      if (log.length > 0) return done
      await run.transaction(async tx => {
        await sql`select 1`.execute(tx.db)
        // By another connection, while ours holds the claim.
        await rig.wake('c', ['a'])
        log.push('woken')
        const take = await database.pool.query(`select from kit.work where key = 'a' for update skip locked`)
        log.push(`${take.rowCount} to take`)
      })
      await database.pool.query(`update kit.work set claim = nextval('kit.claim') where key = 'a'`)
      await run.transaction(async tx => sql`select 1`.execute(tx.db)).catch(error => log.push(error.name))
      await run.check().catch(error => log.push(error.name))
      return done
    }),
  ])
  await rig.wake('c', ['a'])
  await until(() => log.length >= 4)
  expect(log).toEqual(['woken', '0 to take', 'ClaimLost', 'ClaimLost'])
  await database.pool.query(`update kit.work set claimed_by = null where key = 'a'`)
  await work.idle()
})

test('whoever takes a claim away is waited for by the fence, and then it holds no more', async () => {
  const { database: db } = over(database)
  const opened = gate()
  let end: unknown
  await rig.start([
    conductor('c', async (_, run) => {
      if (end !== undefined) return done
      await opened.promise
      end = await run.transaction(async () => 'committed').catch(error => error.name)
      return done
    }),
  ])
  await rig.wake('c', ['a'])
  await until(async () => (await rig.row('a'))?.claimed_by)
  await db.transaction({ at: rig.clock.now(), by: {} }, async tx => {
    await sql`select from kit.work where key = 'a' for update`.execute(tx.db)
    await sql`update kit.work set claimed_by = null where key = 'a'`.execute(tx.db)
    opened.resolve()
    await until(async () => {
      const { rowCount } = await database.pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%for key share%'`,
      )
      return rowCount === 1
    })
  })
  await until(() => end !== undefined)
  expect(end).toBe('ClaimLost')
})

test('what runs or waits too long is listed as stuck', async () => {
  const opened = gate()
  const work = await rig.start([conductor('c', async () => opened.promise.then(() => done), { slots: 1, limit: 400 })], {
    times: { late: 60_000, grace: 60_000 },
  })
  await rig.wake('c', ['a'])
  await until(async () => (await rig.row('a'))?.claimed_by)
  await rig.wake('c', ['b'])
  await rig.clock.advance(60_001)
  await until(async () => (await work.stuck()).length === 2)
  expect((await work.stuck()).map(s => [s.key, s.is]).sort()).toEqual([
    ['a', 'running'],
    ['b', 'late'],
  ])
  expect((await work.stats())[0]!.depth).toMatchObject({ due: 1, running: 1, oldest: 60_001 })
  opened.resolve()
})
