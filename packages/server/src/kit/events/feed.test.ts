import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase } from '../db/database.ts'
import { createNotifier } from '../db/notifier.ts'
import { EVENTS_CHANNEL, insertEvents } from '../db/outbox.ts'
import { useDatabase } from '../testing/database.ts'
import { settled } from '../testing/settled.ts'
import { silent } from '../testing/silent-log.ts'
import type { Event } from './event.ts'
import { createFeed, type Feed, type Reader } from './feed.ts'
import { head, page } from './read.ts'

const connections = useDatabase()
const AT = '2030-01-01T00:00:00.000000Z'
const made = (id: string) => ({ type: 'x.made', object: { type: 'thing', id }, projects: ['p'] })

const emit = (...ids: string[]) =>
  createDatabase({
    connections,
    writeWork: () => undefined,
    onCommit: createNotifier(connections.pool, { work: 'w', events: EVENTS_CHANNEL }, silent),
  }).transaction({ at: AT, by: {} }, async tx => {
    for (const id of ids) tx.emit('x', made(id))
  })

/** Gathers what a reader is given, and waits for what is to come. */
const gather = () => {
  const seen: string[] = []
  const waiting: { id: string; resolve: () => void }[] = []
  const reader: Reader = events => {
    for (const e of events) seen.push(e.object.id)
    for (const w of waiting) if (seen.includes(w.id)) w.resolve()
  }
  const until = (id: string) =>
    new Promise<void>(resolve => {
      if (seen.includes(id)) resolve()
      waiting.push({ id, resolve })
    })
  return { seen, reader, until }
}

let feed: Feed
beforeEach(async () => {
  await connections.pool.query('truncate kit.event')
  feed = createFeed({ db: connections.db, session: connections.session, log: silent, look: 60_000 })
})
afterEach(() => feed.end())

test('readers get what follows, in order and once', async () => {
  await emit('old')
  await settled(connections.pool)
  const from = await head(connections.db)
  await emit('a', 'b')
  await settled(connections.pool)
  const [now, later] = [gather(), gather()]
  await feed.subscribe(now.reader)
  await feed.subscribe(later.reader, from)
  await emit('c')
  await emit('d')
  await Promise.all([now.until('d'), later.until('d')])
  expect(now.seen).toEqual(['c', 'd'])
  expect(later.seen).toEqual(['a', 'b', 'c', 'd'])
})

test('from the first event on', async () => {
  await emit('a')
  const all = gather()
  await feed.subscribe(all.reader, '0')
  await all.until('a')
})

test('a slow transaction is not overtaken', async () => {
  const slow = await connections.pool.connect()
  await slow.query('begin')
  await slow.query('select pg_current_xact_id()')
  const all = gather()
  await feed.subscribe(all.reader, '0')
  await emit('fast')
  // Written and visible, but not given out: something with a lower id may still come.
  expect((await page(connections.db, { limit: 10 })).map(e => e.object.id)).toEqual(['fast'])
  expect(await page(connections.db, { limit: 10, after: '0' })).toEqual([])
  // The slow one's id is lower although it is written later.
  await slow.query(
    `insert into kit.event (id, xid, at, service, type, object_type, object_id, projects, data, origin)
     select pg_current_xact_id()::text::bigint << 20, pg_current_xact_id(), $1, 'x', 'x.made', 'thing', 'slow', '{p}', '{}', '{}'`,
    [AT],
  )
  expect(all.seen).toEqual([])
  await slow.query('commit')
  slow.release()
  await all.until('fast')
  expect(all.seen).toEqual(['slow', 'fast'])
})

test('ids ascend in the order of reading, within a transaction too', async () => {
  await emit('a', 'b', 'c')
  await emit('d')
  await settled(connections.pool)
  const events = await page(connections.db, { limit: 10, after: '0' })
  expect(events.map(e => e.object.id)).toEqual(['a', 'b', 'c', 'd'])
  const ids = events.map(e => BigInt(e.id))
  expect(ids.every((id, i) => i === 0 || id > ids[i - 1]!)).toBe(true)
})

test('a lost connection is made again, and nothing is missed', async () => {
  const all = gather()
  await feed.subscribe(all.reader)
  await emit('a')
  await all.until('a')
  const cut = async () =>
    (
      await connections.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = $1`,
        [connections.session.application_name],
      )
    ).rowCount
  // It may still be on its way there.
  await expect.poll(cut).toBe(1)
  // Told or not: whoever comes back looks.
  await connections.db.transaction().execute(db => insertEvents(AT, {}, [{ service: 'x', event: made('b') }]).execute(db))
  await all.until('b')
  await emit('c')
  await all.until('c')
  expect(all.seen).toEqual(['a', 'b', 'c'])
})

test('a reader that fails is given the same again', async () => {
  const seen: string[][] = []
  let done: () => void = () => {}
  const twice = new Promise<void>(resolve => {
    done = resolve
  })
  await feed.subscribe((events: readonly Event[]) => {
    seen.push(events.map(e => e.object.id))
    if (seen.length === 1) throw new Error('no')
    done()
  })
  await emit('a')
  await twice
  expect(seen).toEqual([['a'], ['a']])
})

test('a reader that is behind gets what came meanwhile, and one that left gets nothing', async () => {
  let goOn: () => void = () => {}
  const held = new Promise<void>(resolve => {
    goOn = resolve
  })
  const [slow, quick] = [gather(), gather()]
  await feed.subscribe(async events => {
    await slow.reader(events)
    await held
  })
  const leave = await feed.subscribe(quick.reader)
  await emit('a')
  await Promise.all([slow.until('a'), quick.until('a')])
  leave()
  const watch = gather()
  await feed.subscribe(watch.reader)
  await emit('b')
  await emit('c')
  await watch.until('c')
  expect([slow.seen, quick.seen]).toEqual([['a'], ['a']])
  goOn()
  await slow.until('c')
  expect(slow.seen).toEqual(['a', 'b', 'c'])
})
