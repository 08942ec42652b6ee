import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { settled } from '../../../kit/testing/settled.ts'
import { at, DAY, HOUR, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

let world: LeasingWorld
let folder: string
const ask = (who: Who | undefined, method: string, path: string, body?: unknown) => world.request(who, method, path, body)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'esi-dummy-'))
  world = await leasingWorld({ config: { dummyNodes: folder, testNodeOwner: projectOf('owner') } })
})
afterAll(async () => {
  await world?.close()
  await rm(folder, { recursive: true, force: true })
})

describe('what the service is', () => {
  it('is told to anybody, with links by the name that it was called by', async () => {
    const reply = await ask(undefined, 'GET', '/')
    expect(reply.status).toBe(200)
    const version = {
      id: 'v1',
      links: [{ href: 'http://localhost:80/lease/v1', rel: 'self' }],
      status: 'CURRENT',
      min_version: '1.0',
      version: '1.0',
    }
    expect(reply.body).toMatchObject({ name: 'ESI Leap API', default_version: version, versions: [version] })
  })

  it('of version 1 is a document of 300, for those with a token', async () => {
    expect((await ask(undefined, 'GET', '/v1')).status).toBe(401)
    const reply = await ask('lessee', 'GET', '/v1')
    expect(reply.status).toBe(300)
    expect(reply.body).toEqual({
      versions: [{ id: 'v1.0', status: 'CURRENT', links: [{ href: 'http://localhost:80/lease/v1', rel: 'self' }] }],
    })
    expect((await ask('lessee', 'PUT', '/v1/offers')).status).toBe(405)
    expect((await ask('lessee', 'GET', '/v1/teapots')).status).toBe(404)
  })
})

describe('nodes', () => {
  it('are those that the caller sees, with their offers and leases', async () => {
    const node = world.things.add({
      id: uuid(),
      name: 'rack1-u1',
      owner: projectOf('owner'),
      class: 'gpu',
      properties: { cpus: 8, lease_uuid: 'x', capabilities: 'y' },
    })
    const offer = async (from: number, to: number) =>
      (await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, start_time: at(from), end_time: at(to) })).body.uuid
    const now = await offer(0, 10 * DAY)
    const later = await offer(20 * DAY, 30 * DAY)
    const lease = (await ask('lessee', 'POST', `/v1/offers/${now}/claim`, { end_time: at(DAY) })).body.uuid
    const next = (await ask('lessee', 'POST', `/v1/offers/${now}/claim`, { start_time: at(2 * DAY), end_time: at(3 * DAY) })).body.uuid
    await world.conduct()
    const list = async (who: Who, query = '') => (await ask(who, 'GET', `/v1/nodes?${query}`)).body.nodes
    const whole = {
      uuid: node.id,
      name: 'rack1-u1',
      owner: 'owner',
      lessee: 'lessee',
      resource_class: 'gpu',
      provision_state: 'cleaning',
      target_provision_state: null,
      power_state: 'power off',
      target_power_state: null,
      maintenance: 'False',
      properties: { cpus: 8 },
      offer_uuid: now,
      lease_uuid: lease,
      future_offers: [later],
      future_leases: [next],
    }
    for (const who of ['owner', 'lessee', 'admin'] as const) expect(await list(who), who).toEqual([whole])
    expect(await list('lessee2')).toEqual([])
    expect(await list('admin', 'owner=owner&lessee=lessee&resource_class=gpu')).toHaveLength(1)
    expect(await list('admin', 'owner=owner2')).toEqual([])
    expect(await list('admin', 'resource_class=cpu')).toEqual([])
    expect((await ask('admin', 'GET', '/v1/nodes?owner=unheard-of')).status).toBe(400)
    expect((await ask('admin', 'GET', '/v1/nodes?colour=red')).status).toBe(400)
  })
})

describe('events', () => {
  it('tell what happened, by the original’s names, to those whom it concerns', async () => {
    const node = world.things.add({ id: uuid(), owner: projectOf('owner') })
    const offer = (await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, end_time: at(10 * DAY) })).body
    const lease = (await ask('lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { end_time: at(DAY) })).body
    await world.conduct()
    await ask('lessee', 'DELETE', `/v1/leases/${lease.uuid}`)
    await world.conduct()
    const list = async (who: Who, query = '') => (await ask(who, 'GET', `/v1/events?resource_uuid=${node.id}&${query}`)).body.events
    const types = (events: { event_type: string }[]) => events.map(e => e.event_type)
    const ofLease = ['esi_leap.lease.create.end', 'esi_leap.lease.fulfill.end', 'esi_leap.lease.delete.end']
    expect(types(await list('owner'))).toEqual(['esi_leap.offer.create.end', ...ofLease])
    expect(types(await list('admin'))).toEqual(['esi_leap.offer.create.end', ...ofLease])
    const mine = await list('lessee')
    expect(types(mine)).toEqual(ofLease)
    expect(mine[1]).toEqual({
      id: mine[1].id,
      event_type: 'esi_leap.lease.fulfill.end',
      event_time: at(0),
      object_type: 'lease',
      object_uuid: lease.uuid,
      resource_type: 'ironic_node',
      resource_uuid: node.id,
      lessee_id: projectOf('lessee'),
      owner_id: projectOf('owner'),
    })
    expect(await list('lessee2')).toEqual([])
    // Another's filter is of no use; one's own project is what counts.
    expect(await list('lessee2', 'lessee_or_owner_id=lessee')).toEqual([])
    expect(types(await list('admin', 'lessee_or_owner_id=lessee'))).toEqual(ofLease)
    expect(types(await list('lessee', 'event_type=esi_leap.lease.fulfill.end'))).toEqual(['esi_leap.lease.fulfill.end'])
    // Only what nobody can write anything before: other test files write on the same server.
    await settled(world.connections.pool)
    expect(types(await list('lessee', `last_event_id=${mine[0].id}`))).toEqual(ofLease.slice(1))
    expect(await list('lessee', `last_event_time=${at(0)}`)).toEqual([])
    expect(types(await list('lessee', 'last_event_time=2029-12-31T23:59:59.999999'))).toEqual(ofLease)
    expect(await list('lessee', 'resource_type=dummy_node')).toEqual([])
    expect((await ask('lessee', 'GET', '/v1/events?last_event_id=x')).status).toBe(400)
  })
})

describe('console tokens', () => {
  it('are refused where there is no console service', async () => {
    const node = world.things.add({ id: uuid(), owner: projectOf('owner') })
    const reply = await ask('owner', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: node.id })
    expect([reply.status, reply.body.faultstring]).toEqual([503, 'There is no console service here: consoleUrl is not set.'])
  })
})

describe('things of tests', () => {
  it('dummy nodes are files: offered by their owner, given to a lessee and taken back', async () => {
    const file = async () => JSON.parse(await readFile(join(folder, '1718'), 'utf8'))
    const given = { project_owner_id: projectOf('owner'), resource_class: 'fake', properties: { cpu: 2 }, power_state: 'on' }
    await writeFile(join(folder, '1718'), JSON.stringify(given))
    const body = { resource_type: 'dummy_node', resource_uuid: '1718' }
    expect((await ask('owner2', 'POST', '/v1/offers', body)).status).toBe(403)
    const offer = await ask('owner', 'POST', '/v1/offers', body)
    expect(offer.body).toMatchObject({ resource: 'dummy-node-1718', resource_class: 'fake', resource_properties: { cpu: 2 } })
    const claim = async (who: Who, from: number, to: number) =>
      (await ask(who, 'POST', `/v1/offers/${offer.body.uuid}/claim`, { start_time: at(from), end_time: at(to) })).body
    const one = await claim('lessee', 0, HOUR)
    const two = await claim('lessee2', HOUR, 2 * HOUR)
    await world.conduct()
    expect(await file()).toEqual({ ...given, lease_uuid: one.uuid, project_id: projectOf('lessee') })
    await world.go(HOUR)
    expect(await file()).toEqual({ ...given, lease_uuid: two.uuid, project_id: projectOf('lessee2') })
    await world.go(HOUR)
    expect(await file()).toEqual(given)
    for (const resource_uuid of ['../1718', '..', '.', 'none', '/etc/passwd'])
      expect((await ask('owner', 'POST', '/v1/offers', { ...body, resource_uuid })).status, resource_uuid).toBe(404)
  })

  it('test nodes are there when they are asked for', async () => {
    const body = { resource_type: 'test_node', resource_uuid: 'any-number', project_id: 'lessee' }
    const t = (hours: number) => at((2 + hours) * HOUR)
    const one = await ask('owner', 'POST', '/v1/leases', { ...body, end_time: t(1) })
    expect(one.body).toMatchObject({ resource: 'test-node-any-number', resource_class: 'fake', resource_uuid: 'any-number' })
    const two = await ask('owner', 'POST', '/v1/leases', { ...body, start_time: t(1), end_time: t(2) })
    expect(two.status).toBe(201)
    await world.conduct()
    await world.go(HOUR)
    const status = async (id: string) => (await ask('admin', 'GET', `/v1/leases/${id}`)).body.status
    expect([await status(one.body.uuid), await status(two.body.uuid)]).toEqual(['expired', 'active'])
    expect((await ask('owner2', 'POST', '/v1/leases', { ...body, resource_uuid: 'other' })).status).toBe(403)
  })
})
