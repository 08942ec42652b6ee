import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { checkInvariants, checkLogs } from './testing/invariants.ts'
import { bringIn, enrol, inState } from './testing/nodes.ts'
import { createSite, type Site } from './testing/site.ts'
import { HOUR, leisure, soon } from './testing/times.ts'
import { until } from './testing/until.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// Many leases that are due at the same moment, and machines among them whose BMCs are dead. How late they are is measured by
// bench/due.ts; here is what must hold however slow the machine is.

const THINGS = 150
const DEAD = 10
const WELL = 10

let site: Site
let well: string[]
let dead: string[]
/** Milliseconds that it took to ask for all of them. */
let asked: number
/** Leases by what they are of. */
const leases = { things: [] as string[], well: [] as string[], dead: [] as string[] }

beforeAll(async () => {
  site = await createSite({ database: 'shared', rack: { count: DEAD + WELL } })
  const first = await site.start()
  await site.start()
  const nodes = await Promise.all(site.lab.machines.map(m => enrol(site, first, m)))
  await bringIn(site, first, nodes)
  ;[well, dead] = [nodes.slice(0, WELL), nodes.slice(WELL)]
})
afterAll(() => site?.end())

const at = (i: number) => site.servers[i % site.servers.length]!
const statusOf = async (uuids: readonly string[], status: string) =>
  (await site.rows('select from leasing.lease where uuid = any($1) and status = $2', [uuids, status])).length
const every = () => [...leases.things, ...leases.well, ...leases.dead]

test('all that begin at one moment begin, none before its time, whatever is wrong with some machines', async () => {
  const post = (who: 'owner' | 'lessee', i: number, path: string, body: object) => site.people[who].must(at(i), 201, 'POST', path, body)
  const offer = (i: number, thing: object) => post('owner', i, '/lease/v1/offers', { ...thing, end_time: soon(100 * HOUR) })
  const began = performance.now()
  const offers = {
    things: await Promise.all(
      Array.from({ length: THINGS }, (_, i) => offer(i, { resource_type: 'test_node', resource_uuid: `due-${i}` })),
    ),
    well: await Promise.all(well.map((resource_uuid, i) => offer(i, { resource_uuid }))),
    dead: await Promise.all(dead.map((resource_uuid, i) => offer(i, { resource_uuid }))),
  }
  for (const m of site.lab.machines.slice(WELL)) await site.lab.control.fault({ kind: 'hang', machine: m.name })
  const start = soon(leisure(performance.now() - began))
  const asking = performance.now()
  for (const kind of ['things', 'well', 'dead'] as const)
    leases[kind] = await Promise.all(
      offers[kind].map(
        async ({ uuid }, i) =>
          (await post('lessee', i, `/lease/v1/offers/${uuid}/claim`, { start_time: start, end_time: soon(HOUR) })).uuid,
      ),
    )
  asked = performance.now() - asking
  await until('all have begun', async () => (await statusOf(every(), 'active')) === every().length)
  expect(await site.rows('select uuid from leasing.lease where fulfill_time < start_time')).toEqual([])
  await checkInvariants(site)
})

test('all that end at one moment end, also at dead machines; those that answer are clean before the dead ones are given up', async () => {
  const end = soon(leisure(asked))
  await Promise.all(every().map((uuid, i) => site.people.admin.must(at(i), 200, 'PATCH', `/lease/v1/leases/${uuid}`, { end_time: end })))
  await until('all have ended', async () => (await statusOf(every(), 'expired')) === every().length)
  expect(await site.rows('select uuid from leasing.lease where expire_time < end_time')).toEqual([])
  expect(await site.rows('select uuid from baremetal.node where lessee is not null')).toEqual([])
  await until('all machines that answer are clean', async () => (await inState(site, well, 'available')) === WELL)
  expect(await site.rows('select uuid from baremetal.node where uuid = any($1) and clean_proof is null', [well])).toEqual([])
  // Nothing is proven of a machine that says nothing.
  expect(await site.rows('select uuid from baremetal.node where uuid = any($1) and clean_proof is not null', [dead])).toEqual([])
  expect(await inState(site, dead, 'available')).toBe(0)
  await checkInvariants(site)
  checkLogs(site.servers)
})

test('while the dead ones keep their places, others are served as before', async () => {
  const { offers } = await site.people.lessee.must(at(0), 200, 'GET', `/lease/v1/offers?resource_uuid=${well[0]}`)
  await site.people.lessee.must(at(1), 201, 'POST', `/lease/v1/offers/${offers[0].uuid}/claim`, { end_time: soon(HOUR / 2) })
  await until(
    'it has begun',
    async () => (await site.rows('select from baremetal.node where uuid = $1 and lease is not null', [well[0]])).length,
  )
  await site.people.lessee.must(at(0), 202, 'PUT', `/baremetal/v1/nodes/${well[0]}/states/power`, { target: 'power on' })
  await until('it is on', async () => (await site.lab.control.machine(site.lab.machines[0]!.name)).power === 'On')
  expect(await inState(site, dead, 'available')).toBe(0)
})
