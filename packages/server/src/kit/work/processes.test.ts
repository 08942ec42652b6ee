import { fromMillis } from '@esi/api/time'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Child, createFamily } from './test/family.ts'
import { openWorld, type World } from './test/world.ts'

let world: World
let family: ReturnType<typeof createFamily>

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  family = createFamily()
  await world.pool.query('truncate kit.work, kit.conductor, trial.log, trial.count, trial.inside, trial.violation')
})
afterEach(() => family.end())

/** Milliseconds; those that are well must have time for a beat on a slow machine too. */
const PATIENCE = 6000

const now = () => fromMillis(Date.now())
const wake = (conductor: string, keys: readonly string[]) =>
  world.database.transaction({ at: now(), by: {} }, async tx => {
    for (const key of keys) tx.wake(conductor, key)
  })
const rows = async (text: string, values: unknown[] = []) => (await world.pool.query(text, values)).rows
const start = (who: string, settings: object = {}) => family.start({ url: world.url, who, ...settings })
/** The one of two that has begun the key, and the other. */
const whoBegan = async (key: string, a: Child, b: Child): Promise<[Child, Child]> => {
  const first = Promise.any([a.hear('began', key).then(() => a), b.hear('began', key).then(() => b)])
  return (await first) === a ? [a, b] : [b, a]
}

/** Looks until it is so; the test's own time limit ends it. */
const until = async (so: () => Promise<boolean>) => {
  while (!(await so())) await new Promise(resolve => setTimeout(resolve, 20))
}

test('a killed process: another one goes on, and knows that it took over', async () => {
  const [a, b] = await Promise.all([start('a'), start('b')])
  await wake('patient', ['k'])
  const [holder, other] = await whoBegan('k', a, b)
  holder.signal('SIGKILL')
  await holder.gone
  expect((await other.hear('began', 'k')).takenOver).toBe(true)
  other.tell({ go: 'k' })
  await other.hear('wrote', 'k')
  expect(await rows('select what, key, who from trial.log')).toEqual([{ what: 'wrote', key: 'k', who: other.who }])
  await until(async () => (await rows('select from kit.conductor')).length === 1)
})

test('a process that hangs: another one goes on, and the woken one does not write', async () => {
  const settings = { patience: PATIENCE }
  const [a, b] = await Promise.all([start('a', settings), start('b', settings)])
  await wake('patient', ['k'])
  const [holder, other] = await whoBegan('k', a, b)
  holder.signal('SIGSTOP')
  expect((await other.hear('began', 'k')).takenOver).toBe(true)
  // The gate opens while it sleeps: its next step after waking is the write.
  holder.tell({ go: 'k' })
  holder.signal('SIGCONT')
  expect((await holder.hear('refused', 'k')).why).toMatch(/ClaimLost|SessionLost/)
  other.tell({ go: 'k' })
  await other.hear('wrote', 'k')
  expect(await rows('select what, who from trial.log')).toEqual([{ what: 'wrote', who: other.who }])
  // It comes back as somebody else and works on.
  await until(async () => (await rows('select from kit.conductor')).length === 2)
})

test('a process that hangs within a fenced transaction does not hold up its successor', async () => {
  const settings = { patience: PATIENCE }
  await world.pool.query(`insert into trial.count (key, wanted) values ('slow', 3)`)
  const a = await start('a', settings)
  // The row is locked by us, so its transaction waits in the middle.
  const blocker = await world.pool.connect()
  await blocker.query('begin')
  await blocker.query(`select from trial.count where key = 'slow' for update`)
  await wake('counter', ['slow'])
  await until(
    async () =>
      (await rows(`select from pg_stat_activity where application_name like 'conductor %-%' and wait_event_type = 'Lock'`)).length === 1,
  )
  a.signal('SIGSTOP')
  await blocker.query('commit')
  blocker.release()
  await start('b', settings)
  await until(async () => (await rows(`select from trial.count where n = wanted`)).length === 1)
  a.signal('SIGCONT')
  await until(async () => (await rows('select from kit.conductor')).length === 2)
  expect(await rows('select n from trial.count')).toEqual([{ n: 3 }])
})

test('its session is ended: handlers stop at once, and it goes on under another name', async () => {
  const a = await start('a')
  await wake('patient', ['k'])
  await a.hear('began', 'k')
  const [{ id, backend }] = await rows('select id, backend from kit.conductor')
  const claimant = async () => (await rows(`select claimed_by as id from kit.work where key = 'k'`))[0].id
  expect(await claimant()).toBe(id)
  await world.pool.query('select pg_terminate_backend($1)', [backend])
  await a.hear('began', 'k', 2)
  expect(await claimant()).not.toBe(id)
  a.tell({ go: 'k' })
  await a.hear('wrote', 'k')
  await until(async () => (await rows(`select from kit.work where last_outcome = 'done'`)).length === 1)
  await until(async () => (await rows('select from kit.conductor where id = $1', [id])).length === 0)
})

test('four processes run each key once at a time, and each wake is seen', async () => {
  const all = await Promise.all(['a', 'b', 'c', 'd'].map(who => start(who)))
  const keys = Array.from({ length: 25 }, (_, i) => `k${i}`)
  for (let round = 0; round < 20; round++) await wake('exclusive', keys)
  await until(async () => (await rows(`select from kit.work where claimed_by is not null or due < 'infinity'`)).length === 0)
  expect(await rows('select * from trial.violation')).toEqual([])
  expect((await rows(`select distinct key from trial.log`)).length).toBe(25)
  expect((await rows('select from kit.work where done = want')).length).toBe(25)
  for (const child of all) child.tell({ stop: true })
  await Promise.all(all.map(child => child.hear('stopped')))
  expect(await rows('select * from kit.conductor')).toEqual([])
})

test('clocks that differ by 5 s: nothing is lost or run twice at once, and nobody is given up', async () => {
  const [early, late] = await Promise.all([start('early', { skew: 5000 }), start('late', { skew: -5000 })])
  const ids = async () => (await rows('select id from kit.conductor order by id')).map(r => r.id)
  const before = await ids()
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
  for (const [i, key] of keys.entries()) (i % 2 ? early : late).tell({ wake: { conductor: 'exclusive', key, after: (i % 5) * 100 } })
  await until(async () => (await rows(`select distinct key from trial.log`)).length === 40)
  await until(async () => (await rows(`select from kit.work where claimed_by is not null or due < 'infinity'`)).length === 0)
  expect(await rows('select * from trial.violation')).toEqual([])
  expect(await ids()).toEqual(before)
  expect((await rows('select from trial.log')).length).toBe(40)
})

test('the database crashes under load: nothing is lost, nothing is done twice', async () => {
  await world.pool.query(`insert into trial.count (key, wanted) select 'c' || i, 40 from generate_series(1, 10) i`)
  await Promise.all([start('a'), start('b')])
  await wake(
    'counter',
    Array.from({ length: 10 }, (_, i) => `c${i + 1}`),
  )
  const sum = async () => Number((await rows('select sum(n) as n from trial.count'))[0].n)
  await until(async () => (await sum()) > 50)
  const started = async () => (await rows('select pg_postmaster_start_time()::text as at'))[0].at
  const before = await started()
  await world.crash()
  await until(() =>
    started().then(
      at => at !== before,
      () => false,
    ),
  )
  await until(() =>
    sum().then(
      n => n === 400,
      () => false,
    ),
  )
  await until(() =>
    rows(`select from kit.work where claimed_by is not null or due < 'infinity'`).then(
      r => r.length === 0,
      () => false,
    ),
  )
  expect((await rows('select from trial.count where n <> wanted')).length).toBe(0)
})
