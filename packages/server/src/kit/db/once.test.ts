import { Refused } from '@esi/api/dialect'
import { plus } from '@esi/api/time'
import { sql } from 'kysely'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { createDatabase } from './database.ts'
import { forgetOnce } from './once.ts'
import { AT, origin, TABLES, writeWork } from './test/world.ts'
import { Replayed } from './transaction.ts'

const connections = useDatabase()
const database = () => createDatabase({ connections, writeWork })
const DAY = 24 * 60 * 60 * 1000

beforeAll(async () => void (await connections.pool.query(TABLES)))
beforeEach(async () => void (await connections.pool.query('truncate thing, kit.idempotency')))

const make = (id: number, once: { digest: string; hash: string }, at = AT) =>
  database().transaction(origin({ at, once }), async tx => {
    await tx.once(String(id))
    await sql`insert into thing (id) values (${id})`.execute(tx.db)
    return id
  })
const things = async () => (await connections.pool.query('select id from thing order by id')).rows.map(r => r.id)

test('the same request twice makes one object, and names it', async () => {
  await make(1, { digest: 'd', hash: 'h' })
  const again = make(2, { digest: 'd', hash: 'h' })
  await expect(again).rejects.toBeInstanceOf(Replayed)
  await expect(again).rejects.toMatchObject({ object: '1' })
  expect(await things()).toEqual([1])
})

test('the same key with another body is refused', async () => {
  await make(1, { digest: 'd', hash: 'h' })
  const other = make(2, { digest: 'd', hash: 'g' })
  await expect(other).rejects.toBeInstanceOf(Refused)
  await expect(other).rejects.toMatchObject({ kind: 'conflict' })
  expect(await things()).toEqual([1])
})

test('of many at the same moment one is carried out', async () => {
  const all = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8].map(id => make(id, { digest: 'd', hash: 'h' })))
  const won = all.filter(r => r.status === 'fulfilled')
  expect(won).toHaveLength(1)
  const [id] = await things()
  for (const r of all) if (r.status === 'rejected') expect(r.reason).toMatchObject({ object: String(id) })
})

test('a request that failed may be repeated under its key', async () => {
  const failing = database().transaction(origin({ once: { digest: 'd', hash: 'h' } }), async tx => {
    await tx.once('1')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await make(2, { digest: 'd', hash: 'h' })).toBe(2)
})

test('a key is forgotten after a day, whether or not somebody cleaned up', async () => {
  await make(1, { digest: 'd', hash: 'h' })
  await expect(make(2, { digest: 'd', hash: 'h' }, plus(AT, DAY))).rejects.toBeInstanceOf(Replayed)
  expect(await make(3, { digest: 'd', hash: 'g' }, plus(AT, DAY + 1))).toBe(3)
  expect(await forgetOnce(connections.pool, plus(AT, DAY))).toBe(0)
  expect(await forgetOnce(connections.pool, plus(AT, 2 * DAY + 2))).toBe(1)
})
