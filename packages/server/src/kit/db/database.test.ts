import { type Kysely, sql } from 'kysely'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { page } from '../events/read.ts'
import { useDatabase } from '../testing/database.ts'
import { createDatabase } from './database.ts'
import { breaks, CHECK, sqlstate, UNIQUE } from './errors.ts'
import type { Committed } from './notifier.ts'
import { AT, origin, TABLES, writeWork } from './test/world.ts'
import type { Effects, Tx } from './transaction.ts'

const connections = useDatabase()
const told: Committed[] = []
const LATER = '2030-01-02T00:00:00.000000Z'

const database = () =>
  createDatabase({
    connections,
    writeWork,
    reactions: [{ on: 'x.thing.made', wake: e => [{ conductor: 'other', key: e.object.id }] }],
    onCommit: committed => void told.push(committed),
  })

const made = (id: string) => ({ type: 'x.thing.made', object: { type: 'thing', id }, projects: ['p1'] })
const insert = (tx: Tx, id: number, name = 'a') => sql`insert into thing (id, name) values (${id}, ${name})`.execute(tx.db)
const count = async (table: string): Promise<number> => (await connections.pool.query(`select count(*) as n from ${table}`)).rows[0].n

beforeAll(async () => void (await connections.pool.query(TABLES)))
beforeEach(async () => {
  told.length = 0
  await connections.pool.query('truncate thing, woken, kit.event, kit.idempotency')
})

test('rows, events and work are written together, and then it is told', async () => {
  const result = await database().transaction(origin(), async tx => {
    await insert(tx, 1)
    tx.emit('x', made('1'))
    tx.wake('mine', 'k', LATER)
    expect(told).toEqual([])
    return 'done'
  })
  expect(result).toBe('done')
  expect(told).toEqual([{ conductors: ['mine', 'other'], events: true }])
  expect((await connections.pool.query('select * from woken order by conductor')).rows).toEqual([
    { conductor: 'mine', key: 'k', at: LATER },
    { conductor: 'other', key: '1', at: AT },
  ])
  const [event] = await page(connections.db, { limit: 10 })
  expect(event).toEqual({
    id: expect.stringMatching(/^\d+$/),
    at: AT,
    service: 'x',
    type: 'x.thing.made',
    object: { type: 'thing', id: '1' },
    projects: ['p1'],
    data: {},
    origin: { request: 'req-1', user: 'ann' },
  })
})

test('an error leaves nothing and tells nobody', async () => {
  const failing = database().transaction(origin(), async tx => {
    await insert(tx, 1)
    tx.emit('x', made('1'))
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect([await count('thing'), await count('kit.event'), await count('woken'), told.length]).toEqual([0, 0, 0, 0])
})

test('constraints are told apart by name', async () => {
  const twice = database().transaction(origin(), async tx => {
    await insert(tx, 1)
    await insert(tx, 1)
  })
  await expect(twice).rejects.toSatisfy(e => breaks(e, UNIQUE, 'thing_pkey') && !breaks(e, UNIQUE, 'other') && !breaks(e, CHECK))
})

test('a swallowed error does not pass for a commit', async () => {
  const swallowing = database().transaction(origin(), async tx => {
    await insert(tx, 1)
    await insert(tx, 1).catch(() => {})
    return 'fine'
  })
  await expect(swallowing).rejects.toThrow('Use a savepoint')
  expect(await count('thing')).toBe(0)
})

test('what is sent later is done before what is asked next, and its answer can be had', async () => {
  await database().transaction(origin(), async tx => {
    tx.later(sql`insert into thing (id, name) values (1, 'a')`)
    const second = tx.later(sql<{ name: string }>`insert into thing (id, name) values (2, 'b') returning name`)
    expect((await sql`select id from thing order by id`.execute(tx.db)).rows).toEqual([{ id: 1 }, { id: 2 }])
    expect((await second).rows).toEqual([{ name: 'b' }])
    // To await is to ask.
    expect((await tx.later(sql`select count(*)::int as n from thing`)).rows).toEqual([{ n: 2 }])
    tx.later(sql`insert into thing (id) values (3)`)
  })
  expect(await count('thing')).toBe(3)
})

test('what was sent later and failed is the failure of the transaction, wherever it shows', async () => {
  const fails = (more: (tx: Tx) => Promise<unknown>) =>
    database().transaction(origin(), async tx => {
      await insert(tx, 1)
      tx.later(sql`insert into thing (id) values (1)`)
      tx.later(sql`insert into thing (id) values (2)`)
      await more(tx)
    })
  const twice = (e: unknown) => breaks(e, UNIQUE, 'thing_pkey')
  await expect(fails(async () => {})).rejects.toSatisfy(twice)
  await expect(fails(tx => insert(tx, 3))).rejects.toSatisfy(twice)
  await expect(fails(async tx => tx.emit('x', made('1')))).rejects.toSatisfy(twice)
  await expect(fails(async tx => void (await insert(tx, 3).catch(() => {})))).rejects.toThrow('Use a savepoint')
  expect([await count('thing'), await count('kit.event')]).toEqual([0, 0])
})

test('a transaction in which everything is sent with the commit is one all the same', async () => {
  await database().transaction(origin(), async tx => {
    tx.later(sql`insert into thing (id) values (1)`)
    tx.wake('mine', 'k')
  })
  expect([await count('thing'), await count('woken'), told.length]).toEqual([1, 1, 1])
})

test('what is not awaited cannot slip into the next transaction', async () => {
  let late: Tx | undefined
  await database().transaction(origin(), async tx => {
    late = tx
  })
  expect(() => late!.emit('x', made('1'))).toThrow('The transaction is over')
  expect(() => late!.wake('mine', 'k')).toThrow('The transaction is over')
})

test('a deadlock is tried again, and both get through', async () => {
  await connections.pool.query('insert into thing (id) values (1), (2)')
  let runs = 0
  let bothHold: () => void = () => {}
  const both = new Promise<void>(resolve => {
    bothHold = resolve
  })
  let holding = 0
  const cross = (first: number, second: number) =>
    database().transaction(origin(), async tx => {
      runs++
      await sql`set local deadlock_timeout = '20ms'`.execute(tx.db)
      await sql`update thing set n = n + 1 where id = ${first}`.execute(tx.db)
      if (++holding === 2) bothHold()
      await both
      await sql`update thing set n = n + 1 where id = ${second}`.execute(tx.db)
    })
  await Promise.all([cross(1, 2), cross(2, 1)])
  expect(runs).toBe(3)
  expect((await connections.pool.query('select n from thing')).rows).toEqual([{ n: 2 }, { n: 2 }])
})

const die = (db: Kysely<any>) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)

test('a connection lost before the commit is tried again, from a fresh start', async () => {
  let runs = 0
  await database().transaction(origin(), async tx => {
    await insert(tx, 1)
    tx.emit('x', made('1'))
    if (++runs < 3) await die(tx.db)
  })
  expect([runs, await count('thing'), await count('kit.event'), told.length]).toEqual([3, 1, 1, 1])
})

test('a connection that is always lost is given up', async () => {
  let runs = 0
  const always = database().transaction(origin(), async tx => {
    runs++
    await die(tx.db)
  })
  await expect(always).rejects.toSatisfy(e => sqlstate(e) === '57P01')
  expect(runs).toBe(10)
})

test('a deferred constraint that fails at the commit is an error', async () => {
  await connections.pool.query('create table late (id int unique deferrable initially deferred)')
  const failing = (dryRun: boolean) =>
    database().transaction(origin({ dryRun }), tx => sql`insert into late values (1), (1)`.execute(tx.db))
  await expect(failing(false)).rejects.toSatisfy(e => breaks(e, UNIQUE))
  await expect(failing(true)).rejects.toSatisfy(e => breaks(e, UNIQUE))
})

test('a dry run returns what would come of it and changes nothing', async () => {
  const effects: Effects[] = []
  const tried = origin({ dryRun: true, once: { digest: 'd', hash: 'h' }, effects: e => void effects.push(e) })
  const result = await database().transaction(tried, async tx => {
    await tx.once('1')
    await insert(tx, 1)
    tx.emit('x', made('1'))
    tx.wake('mine', 'k')
    return (await sql<{ n: number }>`select count(*) as n from thing`.execute(tx.db)).rows[0]!.n
  })
  expect(result).toBe(1)
  expect(effects).toEqual([
    {
      wakes: [
        { conductor: 'mine', key: 'k', at: AT },
        { conductor: 'other', key: '1', at: AT },
      ],
      events: ['x.thing.made'],
    },
  ])
  const tables = ['thing', 'woken', 'kit.event', 'kit.idempotency']
  expect(await Promise.all(tables.map(count))).toEqual([0, 0, 0, 0])
  expect(told).toEqual([])
})

test('a dry run does not wait long for others', async () => {
  await connections.pool.query('insert into thing (id) values (1)')
  const other = await connections.pool.connect()
  await other.query('begin; update thing set n = 1')
  const blocked = database().transaction(origin({ dryRun: true }), tx => sql`update thing set n = 2`.execute(tx.db))
  await expect(blocked).rejects.toMatchObject({ kind: 'unavailable', retryAfter: 1 })
  await other.query('rollback')
  other.release()
})

test('U+0000 is refused in a row, and cannot stop an event', async () => {
  await expect(database().transaction(origin(), tx => insert(tx, 1, 'a\u0000b'))).rejects.toSatisfy(e => sqlstate(e) === '22021')
  await database().transaction(origin(), async tx => {
    tx.emit('x', { ...made('1'), object: { type: 'thing', id: '1', name: 'n\u0000' }, data: { said: 'a\u0000\ud800b\\u0000' } })
  })
  const [event] = await page(connections.db, { limit: 1 })
  expect(event).toMatchObject({ object: { name: 'n\ufffd' }, data: { said: 'a\ufffd\ufffdb\\u0000' } })
  expect(await count('thing')).toBe(0)
})
