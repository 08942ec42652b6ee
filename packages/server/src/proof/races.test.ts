import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Answer, Person } from './testing/client.ts'
import { checkInvariants, checkLogs, checkThere } from './testing/invariants.ts'
import type { Server } from './testing/server.ts'
import { createSite, type Site } from './testing/site.ts'
import { HOUR, leisure, soon } from './testing/times.ts'
import { until } from './testing/until.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// Two servers on one database, and everybody at once.

let site: Site
let a: Server
let b: Server

beforeAll(async () => {
  site = await createSite({ database: 'shared' })
  a = await site.start()
  b = await site.start()
})
afterAll(() => site?.end())

let things = 0
const offer = async (more: object = {}): Promise<{ uuid: string; resource_uuid: string }> =>
  site.people.owner.must(a, 201, 'POST', '/lease/v1/offers', {
    resource_type: 'test_node',
    resource_uuid: `thing-${++things}`,
    end_time: soon(1000 * HOUR),
    ...more,
  })
const claim = (who: Person, at: Server, uuid: string, body: object): Promise<Answer> =>
  who.ask(at, 'POST', `/lease/v1/offers/${uuid}/claim`, body)
const lease = (uuid: string) => site.people.admin.must(b, 200, 'GET', `/lease/v1/leases/${uuid}`)
const counts = (answers: readonly Answer[]) => Object.fromEntries([...Map.groupBy(answers, x => x.status)].map(([k, v]) => [k, v.length]))
const either = (i: number) => (i % 2 ? a : b)
const rivals = (i: number) => (i % 3 ? site.people.lessee : site.people.rival)

test('1,000 identical claims: one has it, all others are told what else is free', async () => {
  const { uuid } = await offer()
  const other = await offer()
  const span = { start_time: soon(2 * HOUR), end_time: soon(4 * HOUR) }
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => claim(rivals(i), either(i), uuid, span)))
  expect(counts(answers)).toEqual({ 201: 1, 409: 999 })
  const won = answers.find(x => x.status === 201)!.body.uuid
  for (const { body } of answers.filter(x => x.status === 409)) {
    expect(body.faultstring).toMatch(/It is taken until .* Free from /)
    const { availabilities, offers } = body.alternatives ?? body.detail?.alternatives ?? {}
    expect(availabilities).toHaveLength(2)
    // What follows can be had by these very words.
    expect(availabilities[1][0] >= span.end_time.slice(0, 19)).toBe(true)
    expect(offers.map((o: { uuid: string }) => o.uuid)).toContain(other.uuid)
  }
  expect((await site.people.owner.must(a, 200, 'GET', `/lease/v1/leases?offer_uuid=${uuid}`)).leases.map((l: any) => l.uuid)).toEqual([won])
  await checkInvariants(site)
})

test('100 claims of overlapping spans: those that have it fit together, and the windows that are left are true', async () => {
  const { uuid } = await offer()
  const begin = Date.now() + HOUR
  const at = (hours: number) => new Date(begin + hours * HOUR).toISOString()
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      claim(rivals(i), either(i), uuid, { start_time: at((i * 7) % 20), end_time: at(((i * 7) % 20) + 3) }),
    ),
  )
  const { 201: won = 0, 409: lost = 0, ...else_ } = counts(answers)
  expect(else_).toEqual({})
  expect(won + lost).toBe(100)
  // 20 possible starts three hours long: whoever comes first, between four and seven of them fit.
  expect(won).toBeGreaterThanOrEqual(4)
  expect(won).toBeLessThanOrEqual(7)
  const { availabilities } = await site.people.lessee.must(b, 200, 'GET', `/lease/v1/offers/${uuid}`)
  for (const [from, to] of availabilities.slice(0, 3)) {
    const taken = await claim(site.people.lessee, a, uuid, { start_time: from, end_time: availabilities.at(-1)[1] === to ? at(48) : to })
    expect(taken.status, JSON.stringify(taken.body)).toBe(201)
  }
  await checkInvariants(site)
})

test('the same key twice at the same moment, at two servers: made once, answered alike', async () => {
  const offers = await Promise.all(Array.from({ length: 20 }, () => offer()))
  const both = await Promise.all(
    offers.map(async ({ uuid }) => {
      const body = { start_time: soon(HOUR), end_time: soon(2 * HOUR) }
      const key = { 'idempotency-key': crypto.randomUUID() }
      const path = `/lease/v1/offers/${uuid}/claim`
      return Promise.all([a, b, a, b].map(at => site.people.lessee.ask(at, 'POST', path, body, key)))
    }),
  )
  for (const answers of both) {
    expect(counts(answers)).toEqual({ 201: 4 })
    expect(new Set(answers.map(x => x.body.uuid)).size).toBe(1)
  }
  await checkInvariants(site)
})

test('claims while the offer is deleted: each is whole or refused, and what it had is gone with it', async () => {
  for (let round = 0; round < 5; round++) {
    const { uuid } = await offer()
    const begin = Date.now() + HOUR
    const span = (i: number) => ({
      start_time: new Date(begin + i * HOUR).toISOString(),
      end_time: new Date(begin + (i + 1) * HOUR).toISOString(),
    })
    const claims = Array.from({ length: 30 }, (_, i) => claim(rivals(i), either(i), uuid, span(i)))
    const removal = site.people.owner.ask(either(round), 'DELETE', `/lease/v1/offers/${uuid}`)
    const answers = await Promise.all(claims)
    expect((await removal).status).toBe(200)
    for (const answer of answers) {
      expect([201, 404, 409]).toContain(answer.status)
      if (answer.status === 201) expect(await lease(answer.body.uuid)).toMatchObject({ status: 'deleted' })
    }
    const made = answers.filter(x => x.status === 201).map(x => x.body.uuid)
    const known = await site.rows('select uuid from leasing.lease where offer_uuid = $1', [uuid])
    expect(known.map(r => r.uuid).sort()).toEqual(made.sort())
    const late = await claim(site.people.lessee, a, uuid, span(40))
    expect([404, 409]).toContain(late.status)
  }
  await checkInvariants(site)
})

test('two projects back to back, at 20 things at once: the second never has it before the first is rid of it', async () => {
  const began = performance.now()
  const offers = await Promise.all(Array.from({ length: 20 }, () => offer()))
  const turn = Math.round(Date.now() + leisure(performance.now() - began))
  const at = (millis: number) => new Date(millis).toISOString()
  const pairs = await Promise.all(
    offers.map(async ({ uuid, resource_uuid }, i) => {
      const first = await claim(site.people.lessee, either(i), uuid, { end_time: at(turn) })
      const second = await claim(site.people.rival, either(i + 1), uuid, { start_time: at(turn), end_time: at(turn + HOUR) })
      expect([first.status, second.status]).toEqual([201, 201])
      return { thing: resource_uuid, first: first.body.uuid, second: second.body.uuid }
    }),
  )
  const all = pairs.map(p => p.second)
  const open = async () => site.rows(`select uuid from leasing.lease where uuid = any($1) and status <> 'active'`, [all])
  await until('all second leases are active', async () => {
    await checkInvariants(site)
    return (await open()).length === 0
  })
  for (const { thing, first, second } of pairs) {
    expect(await lease(first)).toMatchObject({ status: 'expired' })
    const [has] = await site.rows('select lessee, lease from leasing.test_node where id = $1', [thing])
    expect(has).toEqual({ lessee: site.people.rival.project, lease: second })
  }
  await checkInvariants(site)
})

test('a lease over one that waits to be fulfilled is refused, and the waiting one gets its thing in the end', async () => {
  // A machine that was never proven clean: whoever leases it waits.
  const node = await site.people.admin.must(a, 201, 'POST', '/baremetal/v1/nodes', {
    driver: 'fake-hardware',
    name: 'waits',
    owner: site.people.owner.project,
    properties: { erase: 'none' },
  })
  const begin = soon(0)
  const made = await site.people.owner.must(a, 201, 'POST', '/lease/v1/offers', { resource_uuid: node.uuid, end_time: soon(10 * HOUR) })
  // It answers nothing yet: it cannot be cleaned while its owner has it in maintenance.
  await site.people.owner.must(a, 202, 'PUT', `/baremetal/v1/nodes/${node.uuid}/maintenance`, { reason: 'a new fan' })
  const waits = await claim(site.people.lessee, a, made.uuid, { end_time: soon(HOUR) })
  expect(waits.status, JSON.stringify(waits.body)).toBe(201)
  await until('it waits', async () => (await lease(waits.body.uuid)).status === 'wait fulfill')
  const over = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      i % 4 === 0
        ? site.people.owner.ask(either(i >> 2), 'POST', '/lease/v1/leases', {
            resource_uuid: node.uuid,
            project_id: site.people.rival.project,
            start_time: begin,
            end_time: soon(HOUR / 2),
          })
        : claim(site.people.rival, either(i), made.uuid, { end_time: soon(HOUR / 2) }),
    ),
  )
  expect(counts(over)).toEqual({ 409: 20 })
  await site.people.owner.must(b, 202, 'DELETE', `/baremetal/v1/nodes/${node.uuid}/maintenance`)
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ]) {
    await site.people.owner.must(b, 202, 'PUT', `/baremetal/v1/nodes/${node.uuid}/states/provision`, { target })
    const is = () => site.people.owner.must(a, 200, 'GET', `/baremetal/v1/nodes/${node.uuid}`)
    await until(`it is ${state}`, async () => (await is()).provision_state === state)
  }
  await until('it is active', async () => (await lease(waits.body.uuid)).status === 'active')
  expect((await site.people.lessee.must(b, 200, 'GET', `/baremetal/v1/nodes/${node.uuid}`)).lessee).toBe(site.people.lessee.project)
  await checkInvariants(site)
})

test('at the end all is settled, nothing that was acknowledged is missing, and neither server met a fault', async () => {
  const leases = await site.rows('select uuid from leasing.lease limit 200')
  await checkThere(
    site,
    '/lease/v1/leases',
    leases.map(r => r.uuid),
  )
  await until('nothing is under way', async () => (await site.rows('select from kit.work where claimed_by is not null')).length === 0)
  await checkInvariants(site, { settled: true })
  checkLogs([a, b])
})
