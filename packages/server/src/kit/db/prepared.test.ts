import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { createDatabase } from './database.ts'
import { StatementNames } from './prepared.ts'
import { origin, writeWork } from './test/world.ts'

const database = useDatabase()
const prepared = async (like: string): Promise<number> =>
  (await database.pool.query(`select count(*)::int as n from pg_prepared_statements where statement like $1`, [like])).rows[0].n

test('a statement is prepared when it comes again and again, and gives the same as before', async () => {
  const one = await database.pool.connect()
  try {
    const count = async () =>
      (await one.query(`select count(*)::int as n from pg_prepared_statements where statement like '%as twice%'`)).rows[0].n
    for (let i = 0; i < 10; i++) {
      expect((await one.query('select $1::int * 2 as twice', [i])).rows).toEqual([{ twice: 2 * i }])
      expect(await count()).toBe(i < 3 ? 0 : 1)
    }
    // What has no parameters is left alone: begin and commit are such.
    for (let i = 0; i < 10; i++) await one.query('select 1 as plain', [])
    expect((await one.query(`select from pg_prepared_statements where statement like '%plain%'`)).rowCount).toBe(0)
  } finally {
    one.release()
  }
})

test('a statement that fails may be asked again', async () => {
  for (let i = 0; i < 10; i++) await expect(database.pool.query('select 1 / $1::int as part', [0])).rejects.toMatchObject({ code: '22012' })
  expect((await database.pool.query('select 1 / $1::int as part', [1])).rows).toEqual([{ part: 1 }])
})

test('columns that a migration adds are seen at once, outside and within a transaction', async () => {
  await database.pool.query('create table changing (id int)')
  await database.pool.query('insert into changing values (1)')
  const { rows } = await database.pool.query('select 1')
  expect(rows).toHaveLength(1)
  const outside = async () => (await database.pool.query('select * from changing where id = $1', [1])).rows[0]
  const kysely = async () => (await sql`select c.* from changing c where id = ${1}`.execute(database.db)).rows[0]
  let runs = 0
  const within = () =>
    createDatabase({ connections: database, writeWork }).transaction(origin(), async tx => {
      runs++
      return (await sql`select x.* from changing x where id = ${1}`.execute(tx.db)).rows[0]
    })
  for (let i = 0; i < 10; i++) for (const ask of [outside, kysely, within]) expect(await ask()).toEqual({ id: 1 })
  expect(await prepared('%from changing%')).toBeGreaterThan(0)
  await database.pool.query(`alter table changing add more text default 'x'`)
  runs = 0
  for (const ask of [outside, kysely, within]) expect(await ask()).toEqual({ id: 1, more: 'x' })
  expect(runs).toBe(2)
})

test('names are given to what is hot, and never without end', () => {
  const names = new StatementNames()
  const ask = (text: string) => Array.from({ length: 4 }, () => names.of(text)).at(-1)
  const first = ask('a')
  expect(first).toBeDefined()
  expect(names.of('a')).toBe(first)
  expect(names.renew('a')).not.toBe(first)
  const given = new Set(Array.from({ length: 1000 }, (_, i) => ask(`b${i}`)).filter(Boolean))
  expect(given.size).toBeLessThan(200)
  expect(given.size).toBeGreaterThan(100)
})
