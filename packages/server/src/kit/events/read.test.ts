import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { insertEvents } from '../db/outbox.ts'
import { useDatabase } from '../testing/database.ts'
import { settled } from '../testing/settled.ts'
import { mendEvents } from './mend.ts'
import { type EventQuery, following, head, page } from './read.ts'

const connections = useDatabase()
const at = (day: number) => `2030-01-0${day}T00:00:00.000000Z`
const insert = (day: number, service: string, type: string, id: string, projects: string[], data = {}) =>
  connections.db
    .transaction()
    .execute(db =>
      insertEvents(at(day), { user: 'ann' }, [{ service, event: { type, object: { type: 'node', id }, projects, data } }]).execute(db),
    )
const ids = async (query: Partial<EventQuery>) => (await page(connections.db, { limit: 100, ...query })).map(e => e.object.id)

beforeAll(async () => {
  await insert(1, 'x', 'x.a', '1', ['p', 'p'], { node: 'n', n: 1 })
  await insert(2, 'x', 'x.b', '2', ['q'], { node: 'n', n: 2 })
  await insert(3, 'y', 'y.a', '3', ['p', 'q'], { node: 'm' })
  await settled(connections.pool)
})

test.each<[Partial<EventQuery>, string[]]>([
  [{}, ['1', '2', '3']],
  [{ newest: true }, ['3', '2', '1']],
  [{ limit: 2 }, ['1', '2']],
  [{ service: 'x' }, ['1', '2']],
  [{ types: ['x.a', 'y.a'] }, ['1', '3']],
  [{ types: [] }, []],
  [{ projects: ['p'] }, ['1', '3']],
  [{ projects: ['nobody'] }, []],
  [{ projects: [] }, []],
  [{ object: { id: '2' } }, ['2']],
  [{ object: { type: 'port', id: '2' } }, []],
  [{ where: { node: 'n', n: 2 } }, ['2']],
  [{ where: { node: "n' or true" } }, []],
  [{ since: at(2) }, ['2', '3']],
  [{ since: at(2), until: at(3) }, ['2']],
])('%j', async (query, expected) => {
  expect(await ids(query)).toEqual(expected)
})

test('page by page', async () => {
  const [first] = await page(connections.db, { limit: 1, after: '0' })
  expect(first).toMatchObject({ projects: ['p'], origin: { user: 'ann' } })
  expect(await ids({ after: first!.id })).toEqual(['2', '3'])
  expect(await ids({ after: await head(connections.db) })).toEqual([])
  await expect(page(connections.db, { limit: 1, after: '0', newest: true })).rejects.toThrow('oldest first')
})

test('a database that was restored where transaction numbers are lower goes on', async () => {
  expect(await mendEvents(connections.pool)).toBe(false)
  await connections.pool.query(`update kit.event set id = id + (1000000::bigint << 20), xid = (xid::text::bigint + 1000000)::text::xid8`)
  expect(await ids({ after: '0' })).toEqual([])
  const before = (await page(connections.db, { limit: 100 })).at(-1)!.id
  expect((await Promise.all([1, 2, 3].map(() => mendEvents(connections.pool)))).filter(Boolean)).toHaveLength(1)
  expect(await ids({ after: '0' })).toEqual(['1', '2', '3'])
  await insert(4, 'x', 'x.a', '4', [])
  await settled(connections.pool)
  expect(await ids({ after: before })).toEqual(['4'])
  expect(await mendEvents(connections.pool)).toBe(false)
})

test('a long history is not read through to see whether there is something new', async () => {
  await connections.pool.query(
    `insert into kit.event (id, xid, at, service, type, object_type, object_id, projects, data, origin)
     select -n, '1', '2030-01-01', 'trial', 'old', 'thing', 'x', '{}', '{}', '{}' from generate_series(1, 20000) n`,
  )
  await connections.pool.query('analyze kit.event')
  const last = await head(connections.db)
  await connections.db.transaction().execute(async tx => {
    const read = async () =>
      (
        await sql<{ n: number }>`select seq_tup_read::int as n from pg_stat_xact_user_tables where relid = 'kit.event'::regclass`.execute(
          tx,
        )
      ).rows[0]!.n
    const before = await read()
    // More often than a prepared statement is planned anew.
    for (let i = 0; i < 10; i++) expect(await following(tx, last, 10)).toEqual({ events: [], more: false })
    expect((await read()) - before).toBe(0)
  })
})
