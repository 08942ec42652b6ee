import { beforeAll, expect, test } from 'vitest'
import { secrets } from '../secrets/secrets.ts'
import { useDatabase } from '../testing/database.ts'
import { reseal } from './reseal.ts'

const connections = useDatabase()
const key = (n: number) => ({ id: `key${n}`, bytes: Buffer.alloc(32, n) })
const [old, both] = [secrets(() => [key(1)]), secrets(() => [key(2), key(1)])]
const where = { table: 'trial.box', key: 'name', column: 'inside' }

beforeAll(() => connections.pool.query('create schema trial; create table trial.box (name text primary key, inside jsonb)'))

test('sealed texts anywhere in JSON; everything else stays', async () => {
  const inside = { a: old.seal('one'), list: [{ b: old.seal('two') }, 3, null], plain: 'esi1:nothing', note: 'esi1: is how it begins' }
  await connections.pool.query(`insert into trial.box values ('x', $1), ('y', null), ('z', '{"n": 1}')`, [JSON.stringify(inside)])
  expect(await reseal(connections.pool, where, both)).toEqual({ changed: 1, lost: [] })
  const { rows } = await connections.pool.query(`select inside from trial.box where name = 'x'`)
  const now = rows[0].inside
  expect([now.a, now.list[0].b].map(sealed => [both.open(sealed), both.stale(sealed)])).toEqual([
    ['one', false],
    ['two', false],
  ])
  expect({ ...now, a: 0, list: now.list.slice(1) }).toEqual({ a: 0, list: [3, null], plain: inside.plain, note: inside.note })
  expect(await reseal(connections.pool, where, both)).toEqual({ changed: 0, lost: [] })
})

test('whoever writes at the same time is waited for, not overwritten', async () => {
  await connections.pool.query(`insert into trial.box values ('w', $1)`, [JSON.stringify({ a: old.seal('before') })])
  const writer = await connections.pool.connect()
  await writer.query('begin')
  await writer.query(`update trial.box set inside = $1 where name = 'w'`, [JSON.stringify({ a: old.seal('after') })])
  const running = reseal(connections.pool, where, both)
  // It waits for the row. Asked outside of the transaction, which sees the activity of the moment when it first looked.
  for (let waits = 0; waits === 0; )
    waits = (await connections.pool.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
      .rowCount!
  await writer.query('commit')
  writer.release()
  expect((await running).changed).toBe(1)
  const { rows } = await connections.pool.query(`select inside from trial.box where name = 'w'`)
  expect(both.open(rows[0].inside.a)).toBe('after')
})

test('a table that is not there yet is no fault, a name that is none is', async () => {
  expect(await reseal(connections.pool, { ...where, table: 'trial.later' }, both)).toEqual({ changed: 0, lost: [] })
  await expect(reseal(connections.pool, { ...where, table: 'trial.box; drop' }, both)).rejects.toThrow('are no names of a column')
})
