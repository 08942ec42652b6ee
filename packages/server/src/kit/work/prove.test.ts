import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { testDatabase, useDatabase } from '../testing/database.ts'
import { proveSession } from './prove.ts'
import { KIT_WORK } from './schema.ts'
import { type Pooler, startPooler } from './test/pooler.ts'
import { conductor, useRig } from './test/rig.ts'

const database = useDatabase([KIT_WORK])
const rig = useRig(database)

const clients: pg.Client[] = []
const poolers: Pooler[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.end().catch(() => {})))
  await Promise.all(poolers.splice(0).map(pooler => pooler.close()))
})

const prove = async (config: pg.ClientConfig, patience = 5000): Promise<void> => {
  const client = new pg.Client(config)
  client.on('error', () => {})
  await client.connect()
  clients.push(client)
  await proveSession(client, config, database.pool, patience)
}
const pooled = async (size: number): Promise<pg.ClientConfig> => {
  const { host, port, user, database: name } = new pg.Client(database.session)
  const pooler = await startPooler(`${host}/.s.PGSQL.${port}`, size, user!, name!)
  poolers.push(pooler)
  return { host: '127.0.0.1', port: pooler.port, user: user!, database: name! }
}

test('a connection to the server itself is a session', async () => {
  await expect(prove(database.session)).resolves.toBeUndefined()
})

test('statements do go through the pooler, so it is refused for what it is', async () => {
  const client = new pg.Client(await pooled(2))
  clients.push(client)
  await client.connect()
  expect((await client.query('select $1::int + 1 as n', [1])).rows).toEqual([{ n: 2 }])
})

test.each([2, 4])('a transaction pooler with %i backends is refused', async size => {
  await expect(prove(await pooled(size))).rejects.toThrow(
    /not a session of its own: .*Set database.sessionUrl to the PostgreSQL server itself/,
  )
})

test('a transaction pooler with one backend is refused too', async () => {
  await expect(prove(await pooled(1), 100)).rejects.toThrow(/not a session of its own/)
})

test('conductors do not start on a pooler', async () => {
  await expect(rig.start([conductor('c', async () => ({ is: 'done' }))], { sessionConfig: await pooled(2) })).rejects.toThrow(/sessionUrl/)
  expect((await database.pool.query('select from kit.conductor')).rowCount).toBe(0)
})

test('a session in another database is refused', async () => {
  const other = await testDatabase([KIT_WORK])
  try {
    await expect(prove(other.session)).rejects.toThrow(/lead to different databases/)
  } finally {
    await Promise.all(clients.splice(0).map(client => client.end()))
    await other.drop()
  }
})
