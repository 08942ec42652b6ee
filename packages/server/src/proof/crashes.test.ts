import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkInvariants, checkThere } from './testing/invariants.ts'
import { type Load, startLoad } from './testing/load.ts'
import { createSite, killDatabase, type Site } from './testing/site.ts'
import { until } from './testing/until.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// Servers on a database of their own, as an operator has it, with fsync; whatever dies, dies as in a power failure.

let site: Site
let load: Load

beforeEach(async () => {
  site = await createSite({ database: 'own' })
})
afterEach(async () => {
  await load?.stop().catch(() => {})
  await site?.end()
})

/** Nothing acknowledged is lost, nothing is there twice, all that was to begin has begun, and nobody has a claim for ever. */
const checkAll = async (): Promise<void> => {
  await load.stop()
  expect(load.wrong).toEqual([])
  const begun = `select uuid from leasing.lease where start_time <= clock_timestamp() and status <> 'active'`
  await until('all leases that should have begun are active', async () => (await site.rows(begun)).length === 0)
  const quiet = `select from kit.work where claimed_by is not null or due < clock_timestamp() - interval '1 second'`
  await until('nothing is under way', async () => (await site.rows(quiet)).length === 0)
  const leases = await site.rows('select uuid from leasing.lease')
  const offers = await site.rows('select uuid from leasing.offer')
  // As many as clients were told of, in spite of all the repeating.
  expect(leases.map(r => r.uuid).sort()).toEqual([...load.acknowledged].sort())
  expect(offers.map(r => r.uuid).sort()).toEqual([...load.offered].sort())
  await checkThere(site, '/lease/v1/leases', load.acknowledged)
  await checkInvariants(site, { settled: true })
}

test('one of two is killed under load: what it acknowledged is there, the other goes on with its work', async () => {
  const a = await site.start()
  await site.start()
  load = startLoad(site)
  await load.more(60)
  const [{ id }] = await site.rows('select id from kit.conductor where pid = $1', [a.pid])
  await a.kill()
  const killed = performance.now()
  await until('it is struck off', async () => (await site.rows('select from kit.conductor where id = $1', [id])).length === 0, 100_000, 10)
  await until(
    'its claims are free',
    async () => (await site.rows('select from kit.work where claimed_by = $1', [id])).length === 0,
    50_000,
    10,
  )
  console.log(`the claims of the killed one were free after ${Math.round(performance.now() - killed)} ms`)
  await load.more(60)
  await checkAll()
})

test('both are killed, and the database with them: the next start finds all of it', async () => {
  await site.start()
  await site.start()
  load = startLoad(site)
  await load.more(60)
  // All of one power failure.
  for (const server of site.servers) server.signal('SIGKILL')
  await killDatabase(site.databasePid)
  await until('both are gone', () => site.servers.length === 0)
  await site.start()
  await load.more(60)
  await site.start()
  await checkAll()
})

test('the database crashes and comes back, twice: clients are told to wait or are answered rightly', async () => {
  await site.start()
  await site.start()
  load = startLoad(site)
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    await load.more(60)
    const before = site.databasePid
    process.kill(before, signal)
    await until('another one runs', async () => {
      const [row] = await site.rows('select pg_postmaster_start_time() is not null as up')
      return row.up && site.databasePid !== before
    })
  }
  await load.more(60)
  await checkAll()
})

test('servers are stopped in good order under load, one after the other: nobody sees anything', async () => {
  const a = await site.start()
  load = startLoad(site)
  await load.more(40)
  const b = await site.start()
  await load.more(40)
  const stopping = a.stop()
  await load.more(40)
  expect(await stopping).toBe(0)
  const c = await site.start()
  expect(await b.stop()).toBe(0)
  await load.more(40)
  expect([a, b, c].flatMap(s => s.errors)).toEqual([])
  await checkAll()
})
