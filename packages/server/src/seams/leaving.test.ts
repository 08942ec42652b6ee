import { plus } from '@esi/api/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBmcDriver } from '../drivers/load.ts'
import { fakeClock } from '../kit/testing/fake-clock.ts'
import { personas } from '../kit/testing/personas.ts'
import { type Served, serve } from '../kit/testing/serve.ts'
import { baremetal, type Door } from '../services/baremetal/index.ts'
import type { Bookings } from '../services/baremetal/needs.ts'
import { type LeasingDoor, leasing } from '../services/leasing/index.ts'
import type { Things } from '../services/leasing/needs.ts'
import { baremetalLeasing } from './baremetal-leasing.ts'
import { leasingBaremetal } from './leasing-baremetal.ts'

// Nodes that leave, by a plan or for good, and what of them is offered and leased; both services, each on a database of its own.

const DAY = 86_400_000
const VERSION = { 'x-openstack-ironic-api-version': '1.82' }
const as = (who: 'owner' | 'lessee' | 'stranger', role: string) => ({ ...personas[who], roles: [...personas[who].roles, role] })

let nodes: Served<Door>
let here: Served<LeasingDoor>
/** Done right after leasing was asked to book nothing more, before bare metal writes it down. */
let between: (() => Promise<unknown>) | undefined
beforeAll(async () => {
  const clock = fakeClock()
  const bookings: Bookings = {
    until: node => seam().until(node),
    stay: node => seam().stay!(node),
    leave: async (node, at, tried) => {
      const answer = await seam().leave!(node, at, tried)
      await between?.()
      return answer
    },
  }
  const seam = () => baremetalLeasing.make(here.door, here.kit, undefined) as Bookings
  nodes = await serve({
    def: baremetal,
    clock,
    needs: { drivers: { load: loadBmcDriver }, bookings: () => bookings },
    config: { drivers: ['fake-hardware'] },
  })
  here = await serve({
    def: leasing,
    clock,
    needs: { things: leasingBaremetal.make(nodes.door, nodes.kit, undefined) as Things },
    callers: { owner: as('owner', 'owner'), lessee: as('lessee', 'lessee'), stranger: as('stranger', 'lessee') },
  })
}, 120_000)
afterAll(async () => {
  await here?.close()
  await nodes?.close()
})

const ask = (who: string, method: string, path: string, body?: unknown) => nodes.request(who, method, path, body, VERSION)
const at = (millis: number) => plus(nodes.clock.now(), millis).slice(0, 19)
let count = 0
/** A node of the owner's that is proven clean. */
const ready = async (): Promise<string> => {
  const draft = {
    driver: 'fake-hardware',
    name: `n-${++count}`,
    owner: personas.owner.project!.id,
    properties: { erase: 'none' },
  }
  const { uuid } = (await ask('system', 'POST', '/v1/nodes', draft)).body
  for (const [target, wanted] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ] as const) {
    expect((await ask('system', 'PUT', `/v1/nodes/${uuid}/states/provision`, { target })).status).toBe(202)
    for (let i = 0; (await ask('system', 'GET', `/v1/nodes/${uuid}`)).body.provision_state !== wanted; i++) {
      if (i === 60) throw new Error(`it did not become ${wanted}`)
      await nodes.conduct()
      await nodes.clock.advance(5000)
    }
  }
  return uuid
}
/** What an event of the node causes. */
const heard = async (node: string) => {
  await here.database.transaction({ at: here.clock.now(), by: {} }, async tx => tx.wake('resource', node))
  await here.conduct()
}
const offer = async (node: string, from: number, to: number | undefined, name?: string) => {
  const span = { start_time: at(from), ...(to === undefined ? {} : { end_time: at(to) }) }
  return here.request('owner', 'POST', '/v1/offers', { resource_uuid: node, ...(name ? { name } : {}), ...span })
}
const claim = (uuid: string, from: number, to: number) =>
  here.request('lessee', 'POST', `/v1/offers/${uuid}/claim`, { start_time: at(from), end_time: at(to) })
const lend = (node: string, from: number, to: number) =>
  here.request('owner', 'POST', '/v1/leases', {
    resource_uuid: node,
    project_id: personas.lessee.project!.id,
    start_time: at(from),
    end_time: at(to),
  })
const offerOf = async (uuid: string) => (await here.request('admin', 'GET', `/v1/offers/${uuid}`)).body
const leaseOf = async (uuid: string) => (await here.request('admin', 'GET', `/v1/leases/${uuid}`)).body
const retire = (node: string, body: object = {}, query = '') => ask('owner', 'POST', `/v1/nodes/${node}/retire${query}`, body)

describe('a node that is to be retired at a time', () => {
  it('is booked by nobody beyond that: offers are cut or end, and what is new is refused and told the time', async () => {
    const node = await ready()
    const whole = (await offer(node, 0, 20 * DAY, 'long')).body.uuid
    const later = (await offer(node, 30 * DAY, 40 * DAY, 'later')).body.uuid
    const mine = (await claim(whole, DAY, 2 * DAY)).body.uuid
    const then = at(10 * DAY)

    const tried = await retire(node, { as_of: then }, '?dry_run=true')
    expect([tried.status, tried.body]).toEqual([200, expect.anything()])
    expect(tried.body.does).toEqual(
      expect.arrayContaining([`lets nobody book it beyond ${then}Z`, `ends then: offer long (${whole})`, `ends: offer later (${later})`]),
    )
    // Nothing came of it.
    await heard(node)
    expect(await offerOf(whole)).toMatchObject({ status: 'available', end_time: at(20 * DAY) })
    expect((await claim(whole, 15 * DAY, 16 * DAY)).status).toBe(201)

    expect((await retire(node, { as_of: then })).status).toBe(409)
    const [booked] = (await here.request('lessee', 'GET', '/v1/leases')).body.leases.filter((l: any) => l.start_time === at(15 * DAY))
    expect((await here.request('lessee', 'DELETE', `/v1/leases/${booked.uuid}`)).status).toBe(200)
    expect((await retire(node, { as_of: then })).status).toBe(202)

    // Also before leasing has heard of it.
    const names = `leaves the pool at ${then}: nothing of it can be booked beyond that.`
    for (const heardOf of [false, true]) {
      if (heardOf) await heard(node)
      for (const answer of [
        await claim(whole, 9 * DAY, 11 * DAY),
        await claim(whole, 12 * DAY, 13 * DAY),
        await lend(node, 9 * DAY, 11 * DAY),
        await offer(node, 50 * DAY, 60 * DAY),
        await offer(node, 50 * DAY, undefined),
        await here.request('admin', 'PATCH', `/v1/leases/${mine}`, { end_time: at(11 * DAY) }),
      ]) {
        expect([answer.status, answer.body.faultstring]).toEqual([409, expect.stringContaining(names)])
      }
    }
    expect(await offerOf(whole)).toMatchObject({ status: 'available', end_time: then })
    expect(await offerOf(later)).toMatchObject({ status: 'deleted' })
    const { rows } = await here.connections.pool.query(`select type, data from kit.event where object_id = $1 order by id`, [whole])
    expect(rows.at(-1)).toMatchObject({ type: 'leasing.offer.updated', data: { fields: ['end_time'], reason: 'it is to be retired then' } })
    // Up to that moment it is as it was, to the very end.
    expect((await offerOf(whole)).availabilities.at(-1)[1]).toBe(then)
    expect((await claim(whole, 8 * DAY, 10 * DAY)).status).toBe(201)
    expect(await leaseOf(mine)).toMatchObject({ status: 'created' })
  })

  it('is booked again when that is taken back, and at another time where it is planned anew', async () => {
    const node = await ready()
    expect((await retire(node, { as_of: at(5 * DAY) })).status).toBe(202)
    expect((await offer(node, 0, 6 * DAY)).status).toBe(409)
    const until8 = at(8 * DAY)
    expect((await retire(node, { as_of: until8 })).status).toBe(202)
    await heard(node)
    const made = await offer(node, 0, 7 * DAY)
    expect(made.status).toBe(201)
    expect((await offer(node, 7 * DAY, 9 * DAY)).body.faultstring).toContain(until8)
    expect((await ask('owner', 'DELETE', `/v1/nodes/${node}/retire`)).status).toBe(204)
    await heard(node)
    expect((await offer(node, 7.5 * DAY, 9 * DAY)).status).toBe(201)
    expect((await offer(node, 9.5 * DAY, undefined)).status).toBe(201)
  })

  it('is as it was where the plan was never written down', async () => {
    const node = await ready()
    const [long, later] = [(await offer(node, 0, 20 * DAY)).body.uuid, (await offer(node, 30 * DAY, 40 * DAY)).body.uuid]
    // As if its process had died between the two.
    between = async () => {
      throw new Error('it died')
    }
    expect((await retire(node, { as_of: at(10 * DAY) })).status).toBe(500)
    between = undefined
    expect((await claim(long, 9 * DAY, 11 * DAY)).status).toBe(409)
    // Other news of the node come in between.
    await heard(node)
    expect((await claim(long, 9 * DAY, 11 * DAY)).status).toBe(409)
    await here.clock.advance(121_000)
    await here.conduct()
    expect((await claim(long, 9 * DAY, 11 * DAY)).status).toBe(201)
    expect((await claim(later, 30 * DAY, 31 * DAY)).status).toBe(201)
    expect(await offerOf(long)).toMatchObject({ status: 'available' })
  })

  it('leaves no gap: a claim is before it, or is refused', async () => {
    for (let i = 0; i < 8; i++) {
      const node = await ready()
      const { uuid } = (await offer(node, 0, 20 * DAY)).body
      const [claims, retired] = await Promise.all([
        Promise.all([9, 12, 15].map(day => claim(uuid, day * DAY, (day + 2) * DAY))),
        retire(node, { as_of: at(10 * DAY) }),
      ])
      const won = claims.filter(({ status }) => status === 201)
      expect(won.length === 0).toBe(retired.status === 202)
      expect([202, 409]).toContain(retired.status)
    }
  })

  it('is retired at its time, whatever ended early before', async () => {
    const node = await ready()
    const made = await lend(node, DAY, 20 * DAY)
    await here.request('lessee', 'DELETE', `/v1/leases/${made.body.uuid}`)
    const running = await lend(node, 0, 20 * DAY)
    await here.conduct()
    expect((await leaseOf(running.body.uuid)).status).toBe('active')
    await here.clock.advance(3_600_000)
    await here.request('lessee', 'DELETE', `/v1/leases/${running.body.uuid}`)
    await here.conduct()
    for (let i = 0; (await leaseOf(running.body.uuid)).end_record?.is !== 'released'; i++) {
      if (i === 60) throw new Error('it does not become clean')
      await nodes.conduct()
      await nodes.clock.advance(5000)
      await heard(node)
      await here.conduct()
    }
    const later = await retire(node, { as_of: at(DAY) })
    expect([later.status, later.body]).toEqual([202, expect.anything()])
    expect((await retire(node)).status).toBe(202)
    await heard(node)
    for (let i = 0; (await ask('owner', 'GET', `/v1/nodes/${node}`)).body.provision_state !== 'manageable'; i++) {
      if (i === 60) throw new Error('it is not retired')
      await nodes.conduct()
      await nodes.clock.advance(5000)
    }
    expect((await offer(node, 0, DAY)).status).toBe(409)
  })
})

describe('a node that is deleted', () => {
  it('leaves no offer that could be claimed, and no lease that could begin', async () => {
    const node = await ready()
    const { uuid } = (await offer(node, 0, 20 * DAY)).body
    const tried = await ask('system', 'DELETE', `/v1/nodes/${node}?dry_run=true`)
    expect(tried.status).toBe(200)
    const mine = (await claim(uuid, DAY, 2 * DAY)).body.uuid
    const refused = await ask('system', 'DELETE', `/v1/nodes/${node}`)
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([409, expect.stringContaining('it is booked until')])
    expect((await here.request('lessee', 'DELETE', `/v1/leases/${mine}`)).status).toBe(200)
    expect((await ask('system', 'DELETE', `/v1/nodes/${node}`)).status).toBe(204)
    // Before leasing has heard of it, too.
    expect((await claim(uuid, DAY, 2 * DAY)).status).toBeGreaterThanOrEqual(400)
    await heard(node)
    expect(await offerOf(uuid)).toMatchObject({ status: 'deleted', availabilities: [] })
    const { rows } = await here.connections.pool.query(`select type, data from kit.event where object_id = $1 order by id`, [uuid])
    expect(rows.at(-1)).toMatchObject({ type: 'leasing.offer.deleted', data: { reason: 'the node was deleted' } })
    expect((await here.request('lessee', 'GET', '/v1/offers')).body.offers.filter((o: any) => o.resource_uuid === node)).toEqual([])
  })

  it('that was taken away behind everybody’s back ends what was to come, and says why', async () => {
    const node = await ready()
    const mine = (await lend(node, DAY, 2 * DAY)).body.uuid
    await nodes.connections.pool.query('delete from baremetal.node where uuid = $1', [node])
    await heard(node)
    expect(await leaseOf(mine)).toMatchObject({ status: 'deleted' })
    const { rows } = await here.connections.pool.query(`select type, data from kit.event where object_id = $1 order by id`, [mine])
    expect(rows.at(-1)).toMatchObject({ type: 'leasing.lease.deleted', data: { why: 'the node was deleted', begun: false } })
  })
})
