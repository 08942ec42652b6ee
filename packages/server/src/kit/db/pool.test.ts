import { expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { silent } from '../testing/silent-log.ts'
import { sqlstate } from './errors.ts'
import { connect, proveServer } from './pool.ts'

const database = useDatabase()

test('a server that will do is told from one that will not', async () => {
  await proveServer(database)
  const said = (row: object) => ({ pool: { query: async () => ({ rows: [row] }) } }) as never
  const good = { major: 15, encoding: 'UTF8', standby: false }
  await proveServer(said(good))
  await expect(proveServer(said({ ...good, major: 14 }))).rejects.toThrow('must be 15 or newer')
  await expect(proveServer(said({ ...good, encoding: 'SQL_ASCII' }))).rejects.toThrow('SQL_ASCII')
  await expect(proveServer(said({ ...good, standby: true }))).rejects.toThrow('primary')
})

test('connections that the server ends, idle or in use, end neither the process nor the pool', async () => {
  const { pool, end } = connect({ url: database.url, name: 'esi doomed', log: silent })
  const used = await pool.connect()
  const idle = await pool.connect()
  idle.release()
  const gone = [used, idle].map(c => new Promise<void>(resolve => (c as unknown as NodeJS.EventEmitter).once('end', () => resolve())))
  const { rowCount } = await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'esi doomed'`,
  )
  expect(rowCount).toBe(2)
  await Promise.all(gone)
  await expect(used.query('select 1')).rejects.toThrow('not queryable')
  used.release()
  expect((await pool.query('select 1 as it')).rows).toEqual([{ it: 1 }])
  await end()
})

test('only what the server says has an SQLSTATE', async () => {
  const refused = await database.pool.query('select 1/0').catch(e => e)
  expect(sqlstate(refused)).toBe('22012')
  expect(sqlstate(Object.assign(new Error('no'), { code: 'EPIPE' }))).toBeUndefined()
  expect(sqlstate(undefined)).toBeUndefined()
})
