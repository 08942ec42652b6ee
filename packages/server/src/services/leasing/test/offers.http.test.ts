import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import type { Machine } from './things.ts'
import { at, DAY, HOUR, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

let world: LeasingWorld
let node: Machine
const ask = (who: Who | undefined, method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  world.request(who, method, path, body, headers)
const offer = async (body: object = {}, who: Who = 'owner') => ask(who, 'POST', '/v1/offers', { resource_uuid: node.id, ...body })
const listed = async (who: Who, query: string) =>
  (await ask(who, 'GET', `/v1/offers?${query}`)).body.offers.map((o: { uuid: string }) => o.uuid)

beforeAll(async () => {
  world = await leasingWorld()
})
afterAll(async () => world?.close())
beforeEach(() => {
  node = world.things.add({ id: uuid(), name: `n-${uuid().slice(0, 8)}`, owner: projectOf('owner'), class: uuid() })
})

describe('an offer', () => {
  it('is made of a thing by its name, from now and without end, with all of the original’s fields', async () => {
    const made = await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.name, name: 'mine', properties: { rack: 3 } })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      uuid: made.body.uuid,
      name: 'mine',
      project_id: projectOf('owner'),
      project: 'owner',
      lessee_id: null,
      lessee: null,
      resource_type: 'ironic_node',
      resource_uuid: node.id,
      resource: node.name,
      resource_class: node.class,
      resource_properties: { cpus: 8 },
      start_time: at(0),
      end_time: '9999-12-31T23:59:59.999999',
      status: 'available',
      properties: { rack: 3 },
      availabilities: [[at(0), '9999-12-31T23:59:59.999999']],
      parent_lease_uuid: null,
    })
    expect((await ask('lessee', 'GET', '/v1/offers/mine')).body).toEqual(made.body)
  })

  it('is made by the owner or an administrator, of what is there', async () => {
    expect((await offer({}, 'owner2')).status).toBe(403)
    expect((await offer({}, 'lessee')).status).toBe(403)
    expect((await offer({}, 'nobody')).status).toBe(403)
    expect((await ask(undefined, 'POST', '/v1/offers', {})).status).toBe(401)
    expect((await offer({}, 'admin')).status).toBe(201)
  })

  it('blocks another of the same time; the refusal says until when, and what is free', async () => {
    await offer({ start_time: at(DAY), end_time: at(2 * DAY) })
    const again = await offer({ start_time: at(DAY + HOUR), end_time: at(3 * DAY) })
    expect(again.status).toBe(409)
    expect(again.body.faultstring).toBe(
      `Time conflict for ironic_node ${node.id} at given time range ${at(DAY + HOUR)}, ${at(3 * DAY)}. It is taken until ${at(2 * DAY)}. ` +
        `Free from ${at(0)} to ${at(DAY)}; from ${at(2 * DAY)} to 9999-12-31T23:59:59.999999.`,
    )
    expect((await offer({ start_time: at(2 * DAY), end_time: at(3 * DAY) })).status).toBe(201)
  })

  it('is listed by what is asked for', async () => {
    const one = (await offer({ start_time: at(DAY), end_time: at(10 * DAY) })).body
    const q = `resource_class=${node.class}`
    expect(await listed('lessee', q)).toEqual([one.uuid])
    expect(await listed('lessee', `resource_uuid=${node.name}`)).toEqual([one.uuid])
    expect(await listed('lessee', `resource_uuid=${node.id}&resource_type=dummy_node`)).toEqual([])
    expect(await listed('lessee', `${q}&project_id=owner`)).toEqual([one.uuid])
    expect(await listed('lessee', `${q}&project_id=owner2`)).toEqual([])
    // The span is contained, to its very edges.
    expect(await listed('lessee', `${q}&start_time=${at(DAY)}&end_time=${at(10 * DAY)}`)).toEqual([one.uuid])
    expect(await listed('lessee', `${q}&start_time=${at(0)}&end_time=${at(2 * DAY)}`)).toEqual([])
    // Free for the whole of it.
    const free = (from: number, to: number) => listed('lessee', `${q}&available_start_time=${at(from)}&available_end_time=${at(to)}`)
    expect(await free(2 * DAY, 4 * DAY)).toEqual([one.uuid])
    await ask('lessee', 'POST', `/v1/offers/${one.uuid}/claim`, { start_time: at(3 * DAY), end_time: at(4 * DAY) })
    expect(await free(2 * DAY, 3 * DAY)).toEqual([one.uuid])
    expect(await free(2 * DAY, 3 * DAY + HOUR)).toEqual([])
    // `offer list --now` of the original's client.
    const now = (from: number) => listed('lessee', `${q}&available_start_time=${at(from)}&available_end_time=9999-12-31T00:00:00`)
    expect([await now(2 * DAY), await now(3 * DAY), await now(0)]).toEqual([[one.uuid], [], []])
    expect(await listed('lessee', `${q}&status=expired`)).toEqual([])
    await ask('owner', 'DELETE', `/v1/offers/${one.uuid}`)
    expect(await listed('lessee', q)).toEqual([])
    expect(await listed('lessee', `${q}&status=any`)).toEqual([one.uuid])
    expect(await listed('lessee', `${q}&status=deleted`)).toEqual([one.uuid])
    expect((await ask('lessee', 'GET', `/v1/offers/${one.uuid}`)).body).toMatchObject({ status: 'deleted', availabilities: [] })
  })

  it('comes in pages to those who ask for them', async () => {
    const all: string[] = []
    for (let i = 0; i < 5; i++) all.push((await offer({ start_time: at(i * DAY), end_time: at((i + 1) * DAY) })).body.uuid)
    const q = `resource_class=${node.class}`
    expect(await listed('lessee', q)).toEqual(all)
    const first = (await ask('lessee', 'GET', `/v1/offers?${q}&limit=2`)).body
    expect(first.offers).toHaveLength(2)
    expect(first.next).toContain(`marker=${all[1]}`)
    expect(await listed('lessee', `${q}&limit=2&marker=${all[1]}`)).toEqual(all.slice(2, 4))
    expect((await ask('lessee', 'GET', `/v1/offers?${q}`)).body.next).toBeUndefined()
  })

  it('for one project is seen and claimed by that one, by those below it, and by nobody else', async () => {
    const made = (await offer({ lessee_id: 'lessee', end_time: at(9 * DAY) })).body
    expect(made).toMatchObject({ lessee_id: projectOf('lessee'), lessee: 'lessee' })
    const q = `resource_class=${node.class}`
    for (const who of ['lessee', 'child', 'owner', 'admin'] as const) {
      expect(await listed(who, q), who).toEqual([made.uuid])
      expect((await ask(who, 'GET', `/v1/offers/${made.uuid}`)).status).toBe(200)
    }
    for (const who of ['lessee2', 'owner2'] as const) {
      expect(await listed(who, q), who).toEqual([])
      const shown = await ask(who, 'GET', `/v1/offers/${made.uuid}`)
      expect([shown.status, shown.body.faultstring]).toEqual([403, `Access was denied to offer ${made.uuid}.`])
      expect((await ask(who, 'POST', `/v1/offers/${made.uuid}/claim`, {})).status).toBe(403)
    }
    expect((await ask('child', 'POST', `/v1/offers/${made.uuid}/claim`, { end_time: at(DAY) })).status).toBe(201)
  })

  it('is deleted with its leases, by its project only; a dry run lists them and changes nothing', async () => {
    const made = (await offer({ end_time: at(9 * DAY) })).body
    const now = (await ask('lessee', 'POST', `/v1/offers/${made.uuid}/claim`, { end_time: at(DAY) })).body
    const then = (await ask('lessee2', 'POST', `/v1/offers/${made.uuid}/claim`, { start_time: at(2 * DAY), end_time: at(3 * DAY) })).body
    await world.conduct()
    expect((await ask('owner2', 'DELETE', `/v1/offers/${made.uuid}`)).status).toBe(403)
    expect((await ask('lessee', 'DELETE', `/v1/offers/${made.uuid}`)).status).toBe(403)
    const tried = await ask('owner', 'DELETE', `/v1/offers/${made.uuid}?dry_run=true`)
    expect(tried.status).toBe(200)
    expect(tried.body.ends).toEqual([
      { uuid: now.uuid, project_id: projectOf('lessee'), status: 'wait cancel' },
      { uuid: then.uuid, project_id: projectOf('lessee2'), status: 'deleted' },
    ])
    expect((await ask('owner', 'GET', `/v1/offers/${made.uuid}`)).body.status).toBe('available')
    expect(node.lessee).toBe(projectOf('lessee'))
    const gone = await ask('owner', 'DELETE', `/v1/offers/${made.uuid}`)
    expect([gone.status, gone.body]).toEqual([200, null])
    await world.conduct()
    for (const lease of [now, then]) expect((await ask('admin', 'GET', `/v1/leases/${lease.uuid}`)).body.status).toBe('deleted')
    expect(node.lessee).toBeNull()
    expect((await ask('owner', 'DELETE', `/v1/offers/${made.uuid}`)).status).toBe(404)
    // Its time is free again.
    expect((await offer({ end_time: at(9 * DAY) })).status).toBe(201)
  })

  it('expires at its end', async () => {
    const made = (await offer({ end_time: at(DAY) })).body
    expect(made.status).toBe('available')
    await world.clock.set('2030-01-01T23:59:59.999999Z')
    await world.conduct()
    expect((await ask('lessee', 'GET', `/v1/offers/${made.uuid}`)).body.status).toBe('available')
    await world.clock.set('2030-01-02T00:00:00.000000Z')
    await world.conduct()
    expect((await ask('lessee', 'GET', `/v1/offers/${made.uuid}`)).body.status).toBe('expired')
    expect((await ask('lessee', 'POST', `/v1/offers/${made.uuid}/claim`, {})).status).toBe(409)
    await world.clock.set('2030-01-01T00:00:00.000000Z')
  })

  it('ends when its thing changes hands; leases stay, and name the new owner', async () => {
    const made = (await offer({ end_time: at(9 * DAY) })).body
    const lease = (await ask('lessee', 'POST', `/v1/offers/${made.uuid}/claim`, { end_time: at(DAY) })).body
    await world.conduct()
    node.owner = projectOf('owner2')
    await world.database.transaction({ at: world.clock.now(), by: {} }, async tx => tx.wake('resource', node.id))
    await world.conduct()
    expect((await ask('admin', 'GET', `/v1/offers/${made.uuid}`)).body.status).toBe('deleted')
    const leased = (await ask('lessee', 'GET', `/v1/leases/${lease.uuid}`)).body
    expect(leased).toMatchObject({ status: 'active', owner_id: projectOf('owner2'), owner: 'owner2' })
    expect((await ask('owner', 'GET', `/v1/leases/${lease.uuid}`)).status).toBe(403)
    expect((await ask('owner2', 'GET', `/v1/leases/${lease.uuid}`)).status).toBe(200)
    const { rows } = await world.connections.pool.query(
      `select projects, data from kit.event where object_id = $1 and type = 'leasing.lease.updated'`,
      [lease.uuid],
    )
    expect(rows).toEqual([
      {
        projects: expect.arrayContaining(['lessee', 'owner', 'owner2'].map(who => projectOf(who as never))),
        data: expect.objectContaining({ owner_id: projectOf('owner2'), former_owner_id: projectOf('owner') }),
      },
    ])
    // What was left of the offer is the new owner's to give; what is leased is not.
    const body = (start: number) => ({ resource_uuid: node.id, start_time: at(start), end_time: at(start + DAY) })
    expect((await ask('owner2', 'POST', '/v1/offers', body(2 * DAY))).status).toBe(201)
    expect((await ask('owner2', 'POST', '/v1/offers', body(0))).status).toBe(409)
  })

  it('ends when its thing leaves for good, and none is made of it any more', async () => {
    const made = (await offer({ end_time: at(9 * DAY) })).body
    node.leaving = true
    await world.database.transaction({ at: world.clock.now(), by: {} }, async tx => tx.wake('resource', node.id))
    await world.conduct()
    expect((await ask('admin', 'GET', `/v1/offers/${made.uuid}`)).body.status).toBe('deleted')
    expect((await offer({ end_time: at(9 * DAY) })).status).toBe(409)
    node.leaving = false
  })

  it('is made once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': uuid() }
    const body = { resource_uuid: node.id }
    const [one, two] = [await ask('owner', 'POST', '/v1/offers', body, headers), await ask('owner', 'POST', '/v1/offers', body, headers)]
    expect([one.status, two.status]).toEqual([201, 201])
    expect(two.body).toEqual(one.body)
    expect((await ask('owner', 'POST', '/v1/offers', { ...body, name: 'other' }, headers)).status).toBe(409)
  })

  it('is only tried in a dry run', async () => {
    const tried = await ask('owner', 'POST', '/v1/offers?dry_run=true', { resource_uuid: node.id, end_time: at(DAY) })
    expect(tried.status).toBe(200)
    expect(tried.body).toMatchObject({
      status: 'available',
      availabilities: [[at(0), at(DAY)]],
      dry_run: { rolled_back: true, status: 201 },
    })
    expect(await listed('owner', `status=any&resource_uuid=${node.id}`)).toEqual([])
  })
})

describe('a claim', () => {
  it('without an end is as long as leases usually are, at most to what comes next', async () => {
    const made = (await offer({ end_time: at(20 * DAY) })).body
    const claim = async (start: number) => (await ask('lessee', 'POST', `/v1/offers/${made.uuid}/claim`, { start_time: at(start) })).body
    expect(await claim(10 * DAY)).toMatchObject({ end_time: at(17 * DAY) })
    expect(await claim(5 * DAY)).toMatchObject({ end_time: at(10 * DAY) })
    expect(await claim(18 * DAY)).toMatchObject({ end_time: at(20 * DAY) })
  })

  it('takes what clients send beside what counts', async () => {
    const made = (await offer({ end_time: at(20 * DAY) })).body
    const got = await ask('lessee', 'POST', `/v1/offers/${made.uuid}/claim`, {
      name: 'l',
      purpose: 'tests',
      properties: { a: 1 },
      project_id: projectOf('owner'),
      resource_uuid: 'x',
      end_time: at(DAY),
    })
    expect(got.status).toBe(201)
    expect(got.body).toMatchObject({
      name: 'l',
      purpose: 'tests',
      properties: { a: 1 },
      project_id: projectOf('lessee'),
      project: 'lessee',
      owner_id: projectOf('owner'),
      owner: 'owner',
      resource_uuid: node.id,
      offer_uuid: made.uuid,
      parent_lease_uuid: null,
      fulfill_time: null,
      expire_time: null,
    })
  })

  it('is refused for a thing that must not be leased, but not to its owner', async () => {
    const made = (await offer({ end_time: at(20 * DAY) })).body
    node.notLeasable = 'its disks cannot be wiped'
    const refused = await ask('lessee', 'POST', `/v1/offers/${made.uuid}/claim`, {})
    expect([refused.status, refused.body.faultstring]).toEqual([
      409,
      `ironic_node ${node.id} cannot be leased to another project: its disks cannot be wiped.`,
    ])
    expect((await ask('owner', 'POST', `/v1/offers/${made.uuid}/claim`, { end_time: at(DAY) })).status).toBe(201)
  })

  it('names other offers of the class that are free then', async () => {
    const made = (await offer({ end_time: at(20 * DAY) })).body
    await ask('lessee', 'POST', `/v1/offers/${made.uuid}/claim`, { end_time: at(DAY) })
    const other = world.things.add({ id: uuid(), name: 'other', owner: projectOf('owner2'), class: node.class })
    const hidden = world.things.add({ id: uuid(), name: 'hidden', owner: projectOf('owner2'), class: node.class })
    const free = (await ask('owner2', 'POST', '/v1/offers', { resource_uuid: other.id, name: 'elsewhere' })).body
    await ask('owner2', 'POST', '/v1/offers', { resource_uuid: hidden.id, lessee_id: 'owner' })
    const refused = await ask('lessee2', 'POST', `/v1/offers/${made.uuid}/claim`, { end_time: at(HOUR) })
    expect(refused.status).toBe(409)
    expect(refused.body.faultstring).toContain('Free at that time: offer elsewhere (other).')
    expect(refused.body.alternatives).toEqual({
      availabilities: [[at(DAY), at(20 * DAY)]],
      offers: [{ uuid: free.uuid, name: 'elsewhere', resource: 'other' }],
    })
    expect(JSON.stringify(refused.body)).not.toContain(projectOf('lessee'))
  })

  it('of 200 at once is one', async () => {
    const made = (await offer({ end_time: at(20 * DAY) })).body
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        ask(i % 2 ? 'lessee' : 'lessee2', 'POST', `/v1/offers/${made.uuid}/claim`, { start_time: at(DAY), end_time: at(2 * DAY) }),
      ),
    )
    const by = Map.groupBy(replies, r => r.status)
    expect([...by.keys()].sort()).toEqual([201, 409])
    expect(by.get(201)).toHaveLength(1)
    for (const refused of by.get(409)!) {
      expect(refused.body.conflict).toMatchObject({ rule: 'taken', taken_until: at(2 * DAY) })
      expect(refused.body.alternatives.availabilities).toEqual([
        [at(0), at(DAY)],
        [at(2 * DAY), at(20 * DAY)],
      ])
    }
  })
})

describe('limits', () => {
  it('are counted once for all who ask at the same moment', async () => {
    const limited = await leasingWorld({ beside: world, things: world.things, config: { maxLeasesPerProject: 5 } })
    try {
      const made = (await offer({ end_time: at(100 * DAY) }, 'admin')).body
      const before = (await ask('both', 'GET', '/v1/leases')).body.leases.length
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          limited.request('both', 'POST', `/v1/offers/${made.uuid}/claim`, { start_time: at(i * DAY), end_time: at((i + 1) * DAY) }),
        ),
      )
      expect(before).toBe(0)
      expect(replies.filter(r => r.status === 201)).toHaveLength(5)
      const refused = replies.find(r => r.status !== 201)!
      expect([refused.status, refused.body.conflict]).toEqual([403, { rule: 'maxLeasesPerProject', limit: 5 }])
    } finally {
      await limited.close()
    }
  })
})
