import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import type { Machine } from './things.ts'
import { at, DAY, HOUR, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

let world: LeasingWorld
let node: Machine
let now = 0
const t = (millis: number): string => at(now + millis)
const ask = (who: Who | undefined, method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  world.request(who, method, path, body, headers)
const go = async (millis: number): Promise<void> => {
  now += millis
  await world.go(millis)
}
const lend = async (body: object = {}, who: Who = 'owner') =>
  ask(who, 'POST', '/v1/leases', { resource_uuid: node.id, project_id: 'lessee', ...body })
const show = async (id: string, who: Who = 'admin') => (await ask(who, 'GET', `/v1/leases/${id}`)).body

beforeAll(async () => {
  world = await leasingWorld()
})
afterAll(async () => world?.close())
beforeEach(() => {
  node = world.things.add({ id: uuid(), name: `n-${uuid().slice(0, 8)}`, owner: projectOf('owner') })
})

describe('a direct lease', () => {
  it('is made by the owner for a project by its name, and begins and ends at its times', async () => {
    const made = await lend({ name: 'direct', purpose: 'work' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      project_id: projectOf('lessee'),
      project: 'lessee',
      owner_id: projectOf('owner'),
      owner: 'owner',
      start_time: t(0),
      end_time: t(7 * DAY),
      status: 'created',
      offer_uuid: null,
    })
    await world.conduct()
    expect(await show(made.body.uuid)).toMatchObject({ status: 'active', fulfill_time: t(0), expire_time: null, waiting: null })
    await go(7 * DAY)
    expect(await show(made.body.uuid)).toMatchObject({
      status: 'expired',
      expire_time: t(0),
      end_record: { is: 'released', proof: { disk: 'wiped' } },
    })
  })

  it('takes time from the owner’s own offer, not from leases in it', async () => {
    const offer = (await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, end_time: t(30 * DAY) })).body
    await ask('lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(5 * DAY), end_time: t(6 * DAY) })
    expect((await lend({ start_time: t(2 * DAY), end_time: t(3 * DAY) })).status).toBe(201)
    expect((await lend({ start_time: t(4 * DAY), end_time: t(6 * DAY) })).status).toBe(409)
    // Beyond the end of the offer, too.
    expect((await lend({ start_time: t(29 * DAY), end_time: t(32 * DAY) })).status).toBe(201)
    expect((await ask('lessee', 'GET', `/v1/offers/${offer.uuid}`)).body.availabilities).toEqual([
      [t(0), t(2 * DAY)],
      [t(3 * DAY), t(5 * DAY)],
      [t(6 * DAY), t(29 * DAY)],
    ])
    expect((await ask('lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(2 * DAY), end_time: t(3 * DAY) })).status).toBe(
      409,
    )
  })

  it('is refused to whoever does not own the thing', async () => {
    const refused = await lend({}, 'owner2')
    expect([refused.status, refused.body.faultstring]).toEqual([403, `Access was denied to ironic_node ${node.id}.`])
    expect((await lend({}, 'lessee')).status).toBe(403)
    expect((await lend({}, 'admin')).status).toBe(201)
  })

  it('longer than the longest only by an administrator', async () => {
    const end_time = t(21 * DAY)
    expect((await lend({ end_time: '9999-12-31T23:59:59.999999' })).status).toBe(403)
    expect((await lend({ end_time })).status).toBe(201)
    node = world.things.add({ id: uuid(), owner: projectOf('owner') })
    const endless = await lend({ end_time: '9999-12-31T23:59:59.999999' }, 'admin')
    expect(endless.body.end_time).toBe('9999-12-31T23:59:59.999999')
    await world.conduct()
    expect((await show(endless.body.uuid)).status).toBe('active')
    expect(await world.door.bookedUntil(node.id)).toBe('9999-12-31T23:59:59.999999Z')
  })

  it('is told when its thing is not to be leased to others', async () => {
    node.notLeasable = 'nothing wipes it'
    expect((await lend()).status).toBe(409)
    expect((await lend({ project_id: 'owner' })).status).toBe(201)
  })
})

describe('the list of leases', () => {
  it('is of those that are one’s own, as lessee or owner; others’ are for administrators', async () => {
    const offer = (await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, end_time: t(30 * DAY) })).body
    const mine = (await ask('lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { end_time: t(DAY), purpose: 'p' })).body.uuid
    const theirs = (await ask('lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(DAY), end_time: t(2 * DAY) })).body.uuid
    const q = `offer_uuid=${offer.uuid}`
    const list = async (who: Who, query = '') => {
      const reply = await ask(who, 'GET', `/v1/leases?${q}&${query}`)
      return reply.status === 200 ? reply.body.leases.map((l: { uuid: string }) => l.uuid) : reply.status
    }
    expect(await list('lessee')).toEqual([mine])
    expect(await list('lessee2')).toEqual([theirs])
    expect(await list('owner')).toEqual([mine, theirs])
    expect(await list('owner2')).toEqual([])
    expect(await list('admin')).toEqual([])
    expect(await list('admin', 'view=all')).toEqual([mine, theirs])
    expect(await list('lessee', 'view=all')).toBe(403)
    expect(await list('owner', 'project_id=lessee')).toBe(403)
    expect(await list('owner', 'owner_id=owner&project_id=lessee')).toEqual([mine])
    expect(await list('lessee', 'owner_id=owner')).toBe(403)
    expect(await list('lessee', 'project_id=lessee')).toEqual([mine])
    expect(await list('admin', 'project_id=lessee2')).toEqual([theirs])
    expect(await list('owner', `start_time=${t(DAY + HOUR)}&end_time=${t(DAY + 2 * HOUR)}`)).toEqual([theirs])
    expect(await list('owner', `start_time=${t(-2 * DAY)}&end_time=${t(HOUR)}`)).toEqual([mine])
    expect(await list('owner', 'purpose=p')).toEqual([mine])
    expect(await list('owner', `resource_uuid=${node.name}&resource_class=baremetal`)).toEqual([mine, theirs])
    expect(await list('owner', 'resource_class=none')).toEqual([])
    await ask('lessee', 'DELETE', `/v1/leases/${mine}`)
    expect(await list('owner')).toEqual([theirs])
    expect(await list('owner', 'status=any')).toEqual([mine, theirs])
    expect(await list('owner', 'status=deleted')).toEqual([mine])
  })

  it('shows nobody else’s lease', async () => {
    const made = (await lend()).body
    for (const who of ['lessee2', 'owner2'] as const) {
      const reply = await ask(who, 'GET', `/v1/leases/${made.uuid}`)
      expect([reply.status, reply.body.faultstring]).toEqual([403, `Access was denied to lease ${made.uuid}.`])
      expect((await ask(who, 'DELETE', `/v1/leases/${made.uuid}`)).status).toBe(403)
    }
    expect((await show(made.uuid, 'owner')).uuid).toBe(made.uuid)
  })
})

describe('the end of a lease', () => {
  it('is moved on and back, in any form of a time', async () => {
    const made = (await lend({ end_time: t(DAY) })).body
    await world.conduct()
    const move = (end_time: string) => ask('admin', 'PATCH', `/v1/leases/${made.uuid}`, { end_time })
    expect((await move(t(2 * DAY))).body.end_time).toBe(t(2 * DAY))
    expect((await move(`${t(3 * DAY)}.500000+00:00`)).body.end_time).toBe(`${t(3 * DAY)}.500000`)
    expect((await move(t(-HOUR))).status).toBe(400)
    await go(DAY)
    expect((await show(made.uuid)).status).toBe('active')
    expect((await move(t(HOUR))).status).toBe(200)
    await go(HOUR)
    expect(await show(made.uuid)).toMatchObject({ status: 'expired', expire_time: t(0) })
    expect((await move(t(DAY))).status).toBe(409)
  })

  it('is not moved into another lease, nor out of its offer', async () => {
    const offer = (await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, end_time: t(10 * DAY) })).body
    const claim = async (who: Who, from: number, to: number) =>
      (await ask(who, 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(from), end_time: t(to) })).body.uuid
    const one = await claim('lessee', 0, DAY)
    const two = await claim('lessee2', 2 * DAY, 3 * DAY)
    const move = (id: string, end: number) => ask('admin', 'PATCH', `/v1/leases/${id}`, { end_time: t(end) })
    const refused = await move(one, 2 * DAY + HOUR)
    expect([refused.status, refused.body.conflict.taken_until]).toEqual([409, t(3 * DAY)])
    expect((await move(one, 2 * DAY)).status).toBe(200)
    expect((await move(two, 11 * DAY)).status).toBe(409)
    expect((await show(two)).end_time).toBe(t(3 * DAY))
  })

  it('comes early when it is deleted, and the time is free at once when the machine is clean', async () => {
    node.turnAround = 10 * 60_000
    const offer = (await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, end_time: t(10 * DAY) })).body
    const mine = (await ask('lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { end_time: t(5 * DAY) })).body
    await world.conduct()
    await go(DAY)
    node.cleansAtOnce = false
    const gone = await ask('lessee', 'DELETE', `/v1/leases/${mine.uuid}`)
    expect([gone.status, gone.body]).toEqual([200, null])
    await world.conduct()
    expect(await show(mine.uuid)).toMatchObject({ status: 'deleted', end_record: { is: 'releasing', doing: 'wiping its disks' } })
    const free = async () => (await ask('lessee', 'GET', `/v1/offers/${offer.uuid}`)).body.availabilities
    expect(await free()).toEqual([[t(10 * 60_000), t(9 * DAY)]])
    await go(120_000)
    world.things.cleaned(node.id)
    await world.database.transaction({ at: world.clock.now(), by: {} }, async tx => tx.wake('resource', node.id))
    await world.conduct()
    expect((await show(mine.uuid)).end_record).toMatchObject({ is: 'released', proof: { disk: 'wiped' } })
    expect(await free()).toEqual([[t(0), t(9 * DAY - 120_000)]])
  })

  it('is refused in a dry run only if it would be refused', async () => {
    const made = (await lend()).body
    const tried = await ask('lessee', 'DELETE', `/v1/leases/${made.uuid}?dry_run=true`)
    expect(tried.body.ends).toEqual([{ uuid: made.uuid, project_id: projectOf('lessee'), status: 'deleted' }])
    expect((await show(made.uuid)).status).toBe('created')
    expect((await ask('lessee2', 'DELETE', `/v1/leases/${made.uuid}?dry_run=true`)).status).toBe(403)
  })
})

describe('two replicas', () => {
  it('never do a thing twice', async () => {
    const made = (await lend({ end_time: t(DAY) })).body
    const beside = await leasingWorld({ beside: world, things: world.things })
    try {
      await Promise.all([world.conduct(), beside.conduct()])
      now += DAY
      await world.clock.advance(DAY)
      await Promise.all([world.conduct(), beside.conduct()])
      expect((await show(made.uuid)).status).toBe('expired')
      expect(world.things.calls.filter(c => c.lease === made.uuid).map(c => c.what)).toEqual(['assign', 'release'])
      expect(node.wiped).toBe(1)
    } finally {
      await beside.close()
    }
  })
})

describe('maintenance', () => {
  it('keeps a thing from being leased, across its offers, and not where somebody has it', async () => {
    const offer = (await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, start_time: t(DAY), end_time: t(10 * DAY) })).body
    await ask('lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(5 * DAY), end_time: t(6 * DAY) })
    const plan = (from: number, to: number, who: Who = 'owner') =>
      ask(who, 'POST', '/v1/maintenances', { resource_uuid: node.name, start_time: t(from), end_time: t(to), reason: 'new disks' })
    const made = await plan(0, 2 * DAY)
    expect(made.status).toBe(201)
    expect((await plan(4 * DAY, 5 * DAY + HOUR)).status).toBe(409)
    // A name means nothing to whom it does not belong; an id is refused.
    expect((await plan(7 * DAY, 8 * DAY, 'owner2')).status).toBe(404)
    const byId = { resource_uuid: node.id, start_time: t(7 * DAY), end_time: t(8 * DAY) }
    expect((await ask('owner2', 'POST', '/v1/maintenances', byId)).status).toBe(403)
    expect((await ask('lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(DAY), end_time: t(2 * DAY) })).status).toBe(409)
    expect((await ask('owner', 'GET', `/v1/maintenances?resource_uuid=${node.name}`)).body.maintenances).toEqual([made.body])
    expect((await ask('owner2', 'GET', '/v1/maintenances')).body.maintenances).toEqual([])
    expect((await ask('owner2', 'DELETE', `/v1/maintenances/${made.body.uuid}`)).status).toBe(404)
    expect((await ask('owner', 'DELETE', `/v1/maintenances/${made.body.uuid}`)).status).toBe(200)
    expect((await ask('lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(DAY), end_time: t(2 * DAY) })).status).toBe(201)
  })
})
