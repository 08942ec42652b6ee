import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import type { Machine } from './things.ts'
import { at, DAY, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

let world: LeasingWorld
let node: Machine
let parent: { uuid: string }
let now = 0
const t = (millis: number): string => at(now + millis)
const ask = (who: Who, method: string, path: string, body?: unknown) => world.request(who, method, path, body)
const go = async (millis: number): Promise<void> => {
  now += millis
  await world.go(millis)
}
const show = async (id: string) => (await ask('admin', 'GET', `/v1/leases/${id}`)).body
const sublet = (body: object, who: Who = 'both') =>
  ask(who, 'POST', '/v1/leases', { resource_uuid: node.id, project_id: 'lessee2', ...body })

beforeAll(async () => {
  world = await leasingWorld()
})
afterAll(async () => world?.close())
beforeEach(async () => {
  node = world.things.add({ id: uuid(), owner: projectOf('owner') })
  const made = await ask('owner', 'POST', '/v1/leases', { resource_uuid: node.id, project_id: 'both', end_time: t(10 * DAY) })
  parent = made.body
  await world.conduct()
  expect((await show(parent.uuid)).status).toBe('active')
})

describe('a sublease', () => {
  it('takes the machine clean from the lease it lies in, and gives it back clean', async () => {
    const sub = await sublet({ start_time: t(DAY), end_time: t(2 * DAY) })
    expect(sub.body).toMatchObject({ parent_lease_uuid: parent.uuid, owner_id: projectOf('both') })
    await go(DAY)
    expect((await show(sub.body.uuid)).status).toBe('active')
    expect(await show(parent.uuid)).toMatchObject({ status: 'active', waiting: `it is subleased until ${t(DAY)}` })
    expect(node).toMatchObject({ lessee: projectOf('lessee2'), wiped: 1 })
    await go(DAY)
    expect((await show(sub.body.uuid)).status).toBe('expired')
    expect(await show(parent.uuid)).toMatchObject({ status: 'active', waiting: null })
    expect(node).toMatchObject({ lessee: projectOf('both'), wiped: 2 })
  })

  it('stays within it', async () => {
    const beyond = await sublet({ start_time: t(9 * DAY), end_time: t(11 * DAY) })
    expect(beyond.status).toBe(403)
    expect(beyond.body.faultstring).toContain('You do not have permissions on ironic_node')
    expect((await sublet({ start_time: t(9 * DAY), end_time: t(10 * DAY) })).status).toBe(201)
    expect((await sublet({ start_time: t(9 * DAY), end_time: t(10 * DAY) })).status).toBe(409)
    // Nor may the owner book there, nor anybody who does not have the machine.
    expect((await sublet({ start_time: t(DAY), end_time: t(2 * DAY) }, 'both2')).status).toBe(403)
    expect((await sublet({ start_time: t(DAY), end_time: t(2 * DAY) }, 'owner')).status).toBe(409)
  })

  it('is one deep unless more is allowed', async () => {
    const sub = await sublet({ project_id: 'both2', end_time: t(5 * DAY) })
    await world.conduct()
    expect((await show(sub.body.uuid)).status).toBe('active')
    expect((await sublet({ project_id: 'lessee', end_time: t(DAY) }, 'both2')).status).toBe(403)
    // While it is sublet, the one above has it not, and cannot give it.
    expect((await sublet({ start_time: t(6 * DAY), end_time: t(7 * DAY) })).status).toBe(403)
    const deep = await leasingWorld({ beside: world, things: world.things, config: { subleaseDepth: 2 } })
    try {
      const body = { resource_uuid: node.id, project_id: 'lessee', end_time: t(DAY) }
      const subsub = await deep.request('both2', 'POST', '/v1/leases', body)
      expect(subsub.status).toBe(201)
      await world.conduct()
      expect(node.lessee).toBe(projectOf('lessee'))
      await go(DAY)
      expect(node.lessee).toBe(projectOf('both2'))
      await go(4 * DAY)
      expect(node.lessee).toBe(projectOf('both'))
    } finally {
      await deep.close()
    }
  })

  it('may be offered; what is claimed there lies in the lease', async () => {
    const offer = (await ask('both', 'POST', '/v1/offers', { resource_uuid: node.id })).body
    expect(offer).toMatchObject({ parent_lease_uuid: parent.uuid, end_time: t(10 * DAY), availabilities: [[t(0), t(10 * DAY)]] })
    const claimed = await ask('lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { end_time: t(DAY) })
    expect(claimed.body).toMatchObject({ parent_lease_uuid: parent.uuid, offer_uuid: offer.uuid, owner_id: projectOf('both') })
    await world.conduct()
    expect(node.lessee).toBe(projectOf('lessee2'))
    // What is offered is not lent to two.
    expect((await ask('both', 'POST', '/v1/offers', { resource_uuid: node.id, start_time: t(DAY), end_time: t(2 * DAY) })).status).toBe(403)
  })

  it('ends before the lease it lies in does', async () => {
    const sub = (await sublet({ end_time: t(10 * DAY) })).body
    await world.conduct()
    expect(node.lessee).toBe(projectOf('lessee2'))
    await go(10 * DAY)
    expect((await show(sub.uuid)).status).toBe('expired')
    expect((await show(parent.uuid)).status).toBe('expired')
    expect(node.lessee).toBeNull()
    const ends = world.things.calls.filter(c => c.thing === node.id && c.what === 'release').map(c => c.lease)
    expect(ends.lastIndexOf(sub.uuid)).toBeLessThan(ends.lastIndexOf(parent.uuid))
  })

  it('is cancelled with it, and so is what was offered of it', async () => {
    const sub = (await sublet({ end_time: t(DAY) })).body
    const later = (await sublet({ start_time: t(2 * DAY), end_time: t(3 * DAY) })).body
    const offer = (await ask('both', 'POST', '/v1/offers', { resource_uuid: node.id, start_time: t(4 * DAY) })).body
    const claimed = (await ask('lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: t(4 * DAY), end_time: t(5 * DAY) })).body
    await world.conduct()
    const tried = await ask('owner', 'DELETE', `/v1/leases/${parent.uuid}?dry_run=1`)
    expect(tried.body.ends.map((e: { uuid: string }) => e.uuid).sort()).toEqual([claimed.uuid, sub.uuid, later.uuid, parent.uuid].sort())
    await ask('owner', 'DELETE', `/v1/leases/${parent.uuid}`)
    await world.conduct()
    for (const id of [sub.uuid, later.uuid, claimed.uuid, parent.uuid]) expect((await show(id)).status).toBe('deleted')
    expect((await ask('admin', 'GET', `/v1/offers/${offer.uuid}`)).body.status).toBe('deleted')
    expect(node.lessee).toBeNull()
    expect((await ask('owner', 'POST', '/v1/leases', { resource_uuid: node.id, project_id: 'lessee', end_time: t(10 * DAY) })).status).toBe(
      201,
    )
  })

  it('that lies in an extended lease stays as it is; the lease is not shortened below it', async () => {
    await sublet({ start_time: t(DAY), end_time: t(5 * DAY) })
    const move = (end: number) => ask('admin', 'PATCH', `/v1/leases/${parent.uuid}`, { end_time: t(end) })
    expect((await move(20 * DAY)).status).toBe(200)
    const refused = await move(3 * DAY)
    expect([refused.status, refused.body.faultstring]).toEqual([
      409,
      `Lease ${parent.uuid} cannot end at ${t(3 * DAY)}: a lease or offer within it goes beyond that.`,
    ])
    expect((await move(5 * DAY)).status).toBe(200)
  })

  it('waits until its lease’s machine is clean, and takes it again when its lease got it meanwhile', async () => {
    node.cleansAtOnce = false
    const sub = (await sublet({ end_time: t(DAY) })).body
    await world.conduct()
    expect(await show(sub.uuid)).toMatchObject({ status: 'wait fulfill', waiting: 'it is being cleaned' })
    expect(node.lessee).toBeNull()
    world.things.cleaned(node.id)
    await go(60_000)
    expect((await show(sub.uuid)).status).toBe('active')
    expect(node.lessee).toBe(projectOf('lessee2'))
  })
})
