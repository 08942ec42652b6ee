import type { AddressInfo } from 'node:net'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { silent } from '../testing/silent-log.ts'
import { CommitUnknown } from './attempt.ts'
import { createDatabase } from './database.ts'
import { type Connections, connect } from './pool.ts'
import { origin, TABLES, writeWork } from './test/world.ts'

const direct = useDatabase()

/** Stands between us and the server, and cuts the line when COMMIT comes by: before the server has it, or before we have the answer. */
let cut: 'never' | 'before' | 'after' = 'never'
let refuse = false
let proxy: Server
let through: Connections

beforeAll(async () => {
  await direct.pool.query(TABLES)
  const socket = `${new URL(direct.url).searchParams.get('host')}/.s.PGSQL.5432`
  proxy = createServer(client => {
    if (refuse) return void client.destroy()
    const server = createConnection(socket)
    const end = () => {
      client.destroy()
      server.destroy()
    }
    let mute = false
    client.on('data', data => {
      const commit = cut !== 'never' && data.includes('commit\0')
      if (commit && cut === 'before') end()
      else server.write(data)
      if (commit && cut === 'after') mute = true
      if (commit) refuse = refuseAfter
      if (commit) cut = 'never'
    })
    server.on('data', data => (mute ? end() : client.write(data)))
    for (const s of [client, server] as Socket[]) s.on('error', end).on('close', end)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const url = new URL(direct.url)
  url.searchParams.delete('host')
  url.hostname = '127.0.0.1'
  url.port = String((proxy.address() as AddressInfo).port)
  through = connect({ url: url.href, name: 'esi proxied', log: silent })
})
let refuseAfter = false
afterAll(async () => {
  await through.end()
  await new Promise(resolve => proxy.close(resolve))
})

const runs: number[] = []
const add = (id: number) =>
  createDatabase({ connections: through, writeWork }).transaction(origin(), async tx => {
    runs.push(id)
    await sql`insert into thing (id) values (${id})`.execute(tx.db)
    return id
  })
const rows = async (id: number) => (await direct.pool.query('select from thing where id = $1', [id])).rowCount

test('COMMIT that did not arrive: the server says so, and it is done again', async () => {
  cut = 'before'
  expect(await add(1)).toBe(1)
  expect([runs.filter(id => id === 1).length, await rows(1)]).toEqual([2, 1])
})

test('COMMIT whose answer did not arrive: the server says so, and it is not done twice', async () => {
  cut = 'after'
  expect(await add(2)).toBe(2)
  expect([runs.filter(id => id === 2).length, await rows(2)]).toEqual([1, 1])
})

test('when nobody can be asked, it says that it does not know', async () => {
  cut = 'after'
  refuseAfter = true
  await expect(add(3)).rejects.toBeInstanceOf(CommitUnknown)
  refuse = refuseAfter = false
  expect([runs.filter(id => id === 3).length, await rows(3)]).toEqual([1, 1])
})
