import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { connect } from '../db/pool.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { settled } from '../testing/settled.ts'
import { silent } from '../testing/silent-log.ts'
import { dropDatabase, named, onServer } from '../testing/templates.ts'
import { KIT_WORK } from '../work/schema.ts'
import { until } from '../work/test/rig.ts'
import { KIT_HOLD } from './schema.ts'
import { createRig } from './test/rig.ts'

const rig = createRig()
let connections: TestDatabase
let file: string
const by = 'an operator'

beforeEach(async () => {
  connections = await testDatabase([KIT_WORK, KIT_HOLD])
  file = join(rig.folder(), 'site.json')
})
afterEach(async () => {
  await rig.end()
  await connections.drop()
})

const server = () => inject('databaseUrl')
const sure = (on = connections, mark = file) => rig.process(on, { mark })
const reasons = async (p: ReturnType<typeof sure>) => (await p.holds.list()).map(h => h.reason)
/** Something happens. */
const happen = async (p: ReturnType<typeof sure>) => {
  await p.database.transaction({ at: p.clock.now(), by: {} }, async tx =>
    tx.emit('trial', { type: 'trial.thing.changed', object: { type: 'thing', id: 'x' }, projects: [] }),
  )
  await settled(connections.pool)
}

/** A copy of the database under another name, as a dump would be restored. */
const copied = async (): Promise<TestDatabase> => {
  const { rows } = await connections.pool.query('select current_database() as name')
  await connections.end()
  const name = `test_${process.pid}_copy${Math.random().toString(36).slice(2, 8)}`
  await onServer(server(), c => c.query(`create database ${name} template ${rows[0].name}`))
  const drop = connections.drop
  const made = connect({ url: named(server(), name), name: 'esi test', log: silent })
  connections = {
    ...made,
    url: named(server(), name),
    drop: async () => {
      await made.end()
      await dropDatabase(server(), name)
      await drop()
    },
  }
  return connections
}

test('a fresh database is free, and stays so: restarted, killed, with an older mark, with several starters', async () => {
  const starters = [sure(), sure(), sure(connections, join(rig.folder(), 'site.json'))]
  await Promise.all(starters.map(s => s.holds.start()))
  expect((await connections.pool.query('select from kit.site')).rowCount).toBe(1)
  await happen(starters[0]!)
  for (const s of starters) await s.stop()
  const old = readFileSync(file, 'utf8')
  const again = sure()
  await again.holds.start()
  await happen(again)
  // Killed: the mark is not written any more.
  const killed = sure()
  await killed.holds.start()
  writeFileSync(file, old)
  const late = sure()
  await late.holds.start()
  expect(await reasons(late)).toEqual([])
  expect(late.said).toEqual([])
})

test('a copy is held, whoever comes second follows, and an operator lifts it for good', async () => {
  const first = sure()
  await first.holds.start()
  await happen(first)
  await first.stop()
  const copy = await copied()
  const one = sure(copy)
  const other = sure(copy, join(rig.folder(), 'site.json'))
  await Promise.all([one.holds.start(), other.holds.start()])
  expect(await one.holds.held('any', 'key')).toBe(true)
  expect(await other.holds.held('any', 'key')).toBe(true)
  expect(await reasons(other)).toEqual(['the database is another one than before: it was copied, or restored from a dump'])
  expect([...one.said, ...other.said].filter(s => s.startsWith('the site is held: the database is another one'))).toHaveLength(1)
  await one.stop()
  const restarted = sure(copy)
  await restarted.holds.start()
  expect(await restarted.holds.held('any', 'key')).toBe(true)
  expect(await restarted.holds.lift({ scope: 'site', key: '', by })).toMatchObject({ scope: 'site' })
  expect(await restarted.holds.held('any', 'key')).toBe(false)
  expect(await other.holds.list()).toEqual([])
  await restarted.stop()
  const after = sure(copy)
  await after.holds.start()
  expect(await reasons(after)).toEqual([])
})

test('tables that were restored into the same database', async () => {
  const first = sure()
  await first.holds.start()
  await first.stop()
  await connections.pool.query('create table kit.again (like kit.site including all); insert into kit.again select * from kit.site')
  await connections.pool.query('drop table kit.site; alter table kit.again rename to site')
  const next = sure()
  await next.holds.start()
  expect(await reasons(next)).toEqual(['the tables are other ones than before: they were restored from a dump'])
})

test('promoted, and restored on another server; also while a process runs', async () => {
  const running = sure()
  await running.holds.start()
  expect(await running.holds.held('any', 'key')).toBe(false)
  await connections.pool.query('update kit.site set timeline = timeline + 1')
  await until(async () => await running.holds.held('any', 'key'))
  expect((await reasons(running))[0]).toMatch(/^the database server was promoted or recovered to a moment \(timeline 1 instead of 2\)/)
  await running.holds.lift({ scope: 'site', key: '', by })
  expect(await running.holds.held('any', 'key')).toBe(false)
  await connections.pool.query(`update kit.site set system = '7'`)
  const next = sure()
  await next.holds.start()
  expect((await reasons(next))[0]).toMatch(/^the database is on another server than before/)
})

test('a hold of a person stays, and says what was found', async () => {
  const first = sure()
  await first.holds.start()
  await first.holds.hold({ scope: 'site', key: '', reason: 'moving the racks', by })
  await connections.pool.query('update kit.site set timeline = timeline + 1')
  const next = sure()
  await next.holds.start()
  await next.stop()
  const last = sure()
  await last.holds.start()
  expect(await reasons(last)).toEqual([expect.stringMatching(/^moving the racks; the database server was promoted/)])
})

test('rolled back in place: the mark of this machine tells; the mark is kept until the hold is lifted', async () => {
  const first = sure()
  await first.holds.start()
  await happen(first)
  await happen(first)
  await first.stop()
  const { head } = JSON.parse(readFileSync(file, 'utf8'))
  await connections.pool.query('delete from kit.event where id = (select max(id) from kit.event)')
  const next = sure()
  await next.holds.start()
  expect((await reasons(next))[0]).toMatch(
    new RegExp(`^the database was rolled back: this machine has seen event ${head}, and its last one is \\d+$`),
  )
  await next.stop()
  expect(JSON.parse(readFileSync(file, 'utf8')).head).toBe(head)
  // A machine that has not been there knows nothing of it, and follows.
  const other = sure(connections, join(rig.folder(), 'site.json'))
  await other.holds.start()
  expect(await other.holds.held('any', 'key')).toBe(true)
  await other.holds.lift({ scope: 'site', key: '', by })
  const again = sure()
  await again.holds.start()
  expect(await reasons(again)).toEqual([])
  await again.stop()
  expect(BigInt(JSON.parse(readFileSync(file, 'utf8')).head)).toBeGreaterThan(0n)
})

test('rolled back to before a hold was lifted, or another database: held, once for all machines', async () => {
  const [here, there] = [file, join(rig.folder(), 'site.json')]
  for (const mark of [here, there]) {
    const first = sure(connections, mark)
    await first.holds.start()
    await first.stop()
    const known = JSON.parse(readFileSync(mark, 'utf8'))
    writeFileSync(mark, JSON.stringify({ ...known, incarnation: '6fdd3c6e-6d0f-4f2b-9d3a-0d1a6d3a4b5c' }))
  }
  const one = sure(connections, here)
  await one.holds.start()
  expect((await reasons(one))[0]).toMatch(/^this machine has worked with another database/)
  await one.holds.lift({ scope: 'site', key: '', by })
  // It was away the whole time.
  const other = sure(connections, there)
  await other.holds.start()
  expect(await reasons(other)).toEqual([])
})

test('events that are written all the time are no reason', async () => {
  const one = sure()
  const other = sure()
  await Promise.all([one.holds.start(), other.holds.start()])
  for (let i = 0; i < 30; i++) {
    const writing = happen(other)
    await one.holds.list()
    await writing
  }
  expect(await reasons(one)).toEqual([])
})

test('a server that tells little: what can be read counts, and more is learnt later', async () => {
  const first = sure()
  await first.holds.start()
  await connections.pool.query('update kit.site set system = null, timeline = null')
  const next = sure()
  await next.holds.start()
  expect(await reasons(next)).toEqual([])
  expect((await connections.pool.query('select system, timeline from kit.site')).rows[0]).toMatchObject({
    system: expect.stringMatching(/^\d+$/),
    timeline: expect.anything(),
  })
})

test('a user who may not read what the server is', async () => {
  const role = `test_plain_${process.pid}`
  await connections.pool.query(`
    revoke execute on function pg_control_system() from public; revoke execute on function pg_walfile_name(pg_lsn) from public;
    create role ${role} login; grant usage on schema kit to ${role}; grant all on all tables in schema kit to ${role}`)
  const url = new URL(connections.url)
  url.username = role
  const plain = connect({ url: url.href, name: 'esi test', log: silent })
  try {
    const p = sure({ ...connections, ...plain })
    await p.holds.start()
    expect((await connections.pool.query('select system, timeline from kit.site')).rows[0]).toEqual({ system: null, timeline: null })
    await p.stop()
    await connections.pool.query(`update kit.site set database = '1'`)
    const next = sure({ ...connections, ...plain })
    await next.holds.start()
    expect(await reasons(next)).toHaveLength(1)
    await next.stop()
  } finally {
    await plain.end()
    await connections.pool.query(`drop owned by ${role}; drop role ${role}`)
  }
})

test('a damaged mark is said, not ignored', async () => {
  writeFileSync(file, '{"head":"x"}')
  await expect(sure().holds.start()).rejects.toThrow('is damaged; if the database is known to be good, remove it')
  expect(existsSync(file)).toBe(true)
})
