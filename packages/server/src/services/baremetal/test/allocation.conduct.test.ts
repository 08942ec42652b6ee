import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { at, LESSEE, OWNER, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site()
}, 60_000)
afterAll(() => s?.close())

let kind = 0
let resourceClass: string
beforeEach(() => {
  resourceClass = `class-${++kind}`
})

const free = async (fields: object = {}, columns: object = {}) => {
  const node = await s.enroll({ resource_class: resourceClass, ...fields })
  await s.put(node['uuid'], { provision_state: 'available', power_state: 'power off', ...columns })
  return node['uuid'] as string
}
const ask = (who: string, more: object = {}, version = 115) =>
  s.call(who, 'POST', '/v1/allocations', { resource_class: resourceClass, ...more }, at(version))
const settled = async (who: string, more: object = {}) => {
  const made = await ask(who, more)
  expect([made.status, made.body.state]).toEqual([201, 'allocating'])
  await s.conduct()
  return (await s.call('admin', 'GET', `/v1/allocations/${made.body.uuid}`)).body
}
const node = async (id: string) => (await s.call('admin', 'GET', `/v1/nodes/${id}`)).body

describe('an allocation', () => {
  it('gets a node of its class that is free, and the node knows', async () => {
    for (const columns of [
      { maintenance: true },
      { provision_state: 'manageable' },
      { instance_uuid: uuid() },
      { lessee: LESSEE, lessee_by: 'hand' },
    ])
      await free({}, columns)
    const good = await free()
    const done = await settled('owner', { name: 'mine' })
    expect(done).toMatchObject({ state: 'active', node_uuid: good, owner: OWNER, last_error: null })
    expect(await node(good)).toMatchObject({ instance_uuid: done.uuid, allocation_uuid: done.uuid })
    expect((await s.call('owner', 'GET', `/v1/nodes/${good}/allocation`)).body).toEqual(done)
    expect((await s.call('owner', 'GET', '/v1/allocations/mine')).body).toEqual(done)
    expect((await s.call('owner', 'GET', `/v1/allocations?node=${good}&state=active`)).body.allocations).toHaveLength(1)
    // The next one finds none left.
    expect(await settled('owner')).toMatchObject({
      state: 'error',
      node_uuid: null,
      last_error: expect.stringMatching(/no available nodes match/),
    })
  })

  it('takes what was asked for: traits, candidates by name, its own name first', async () => {
    const [plain, fast, named] = [await free({ name: `a-${kind}` }), await free(), await free({ name: `b-${kind}` })]
    await s.call('admin', 'PUT', `/v1/nodes/${fast}/traits`, { traits: ['CUSTOM_FAST', 'CUSTOM_BIG'] })
    expect(await settled('owner', { traits: ['CUSTOM_FAST'] })).toMatchObject({ node_uuid: fast })
    expect(await settled('owner', { traits: ['CUSTOM_SLOW'] })).toMatchObject({
      last_error: expect.stringMatching(/requested traits CUSTOM_SLOW/),
    })
    expect(await settled('owner', { name: `b-${kind}` })).toMatchObject({ node_uuid: named })
    const made = await ask('owner', { candidate_nodes: [`a-${kind}`] })
    expect(made.body.candidate_nodes).toEqual([plain])
    await s.conduct()
    expect((await node(plain)).allocation_uuid).toBe(made.body.uuid)
    expect(await settled('owner', { candidate_nodes: [plain] })).toMatchObject({
      last_error: expect.stringMatching(/none of the requested nodes/),
    })
  })

  it('is for nodes that the project owns or leases, and administrators’ for any that nobody has', async () => {
    const leased = await free({}, { lessee: LESSEE, lessee_by: 'hand' })
    expect(await settled('stranger')).toMatchObject({ state: 'error' })
    expect(await settled('admin')).toMatchObject({ state: 'error', owner: null })
    expect(await settled('owner')).toMatchObject({ state: 'error' })
    expect(await settled('lessee')).toMatchObject({ state: 'active', node_uuid: leased, owner: LESSEE })
    const free1 = await free()
    expect(await settled('admin')).toMatchObject({ node_uuid: free1, owner: null })

    expect((await ask('owner', { owner: 'somebody' })).status).toBe(403)
    expect((await ask('auditor')).status).toBe(403)
    const { uuid: id } = (await ask('owner')).body
    expect((await s.call('stranger', 'GET', `/v1/allocations/${id}`)).status).toBe(404)
    expect((await s.call('stranger', 'DELETE', `/v1/allocations/${id}`)).status).toBe(404)
    expect((await s.call('stranger', 'GET', '/v1/allocations')).body.allocations.map((a: any) => a.owner)).not.toContain(OWNER)
    expect(said(await ask('stranger', { candidate_nodes: [free1] }))).toMatch(/cannot be found/)
  })

  it('gives every node once, whoever asks at the same time', async () => {
    const nodes = [await free(), await free(), await free()]
    const made = await Promise.all([1, 2, 3, 4].map(() => ask('owner')))
    await s.conduct()
    const all = await Promise.all(made.map(async m => (await s.call('owner', 'GET', `/v1/allocations/${m.body.uuid}`)).body))
    expect(all.map(a => a.state).sort()).toEqual(['active', 'active', 'active', 'error'])
    expect(
      all
        .map(a => a.node_uuid)
        .filter(Boolean)
        .sort(),
    ).toEqual([...nodes].sort())
  })

  it('ends when it is deleted, but not under a running system; the node is free again', async () => {
    const id = await free()
    const { uuid: allocation } = await settled('owner')
    await s.put(id, { provision_state: 'active' })
    expect((await s.call('owner', 'DELETE', `/v1/allocations/${allocation}`)).status).toBe(409)
    expect((await s.call('owner', 'PATCH', `/v1/nodes/${id}`, [{ op: 'remove', path: '/instance_uuid' }])).status).toBe(409)
    await s.put(id, { provision_state: 'available' })
    expect((await s.call('owner', 'DELETE', `/v1/nodes/${id}/allocation`)).status).toBe(204)
    expect(await node(id)).toMatchObject({ instance_uuid: null, allocation_uuid: null })
    expect(said(await s.call('owner', 'GET', `/v1/nodes/${id}/allocation`))).toMatch(/Allocation for node .* was not found/)

    const again = await settled('owner')
    expect((await s.call('owner', 'PATCH', `/v1/nodes/${id}`, [{ op: 'remove', path: '/instance_uuid' }])).status).toBe(200)
    expect((await s.call('owner', 'GET', `/v1/allocations/${again.uuid}`)).status).toBe(404)
  })

  it('can be made after the fact for a node in use', async () => {
    const instance = uuid()
    const id = await free({ name: `used-${kind}` }, { provision_state: 'active', instance_uuid: instance })
    const made = await ask('owner', { node: `used-${kind}`, resource_class: null })
    expect(made.body).toMatchObject({ uuid: instance, state: 'active', node_uuid: id, resource_class: resourceClass })
    expect((await ask('owner', { node: id }, 57)).status).toBe(400)
    const idle = await free()
    const refused = await ask('owner', { node: idle, traits: ['CUSTOM_X'] })
    expect([refused.status, said(refused)]).toEqual([
      409,
      expect.stringMatching(/must be in the "active" state.*does not match the requested traits/),
    ])
    expect((await ask('stranger', { node: id })).status).toBe(400)
  })

  it.each<[object, number, RegExp]>([
    [{ resource_class: null }, 400, /resource_class field is mandatory/],
    [{ name: 'a b' }, 400, /invalid name/],
    [{ traits: ['low'] }, 400, /trait/],
    [{ candidate_nodes: ['nowhere'] }, 400, /Nodes cannot be found: nowhere/],
    [{ state: 'active' }, 400, /cannot be set/],
  ])('is refused: %j', async (more, status, words) => {
    const refused = await ask('owner', more)
    expect([refused.status, said(refused)]).toEqual([status, expect.stringMatching(words)])
  })
  it('changes its name and extra, from 1.57 on', async () => {
    const { uuid: id } = (await ask('owner')).body
    const body = [{ op: 'add', path: '/name', value: `n-${kind}` }]
    expect((await s.call('owner', 'PATCH', `/v1/allocations/${id}`, body, at(56))).status).toBe(405)
    expect((await s.call('owner', 'PATCH', `/v1/allocations/${id}`, body)).body.name).toBe(`n-${kind}`)
    expect((await s.call('owner', 'PATCH', `/v1/allocations/${id}`, [{ op: 'replace', path: '/resource_class', value: 'x' }])).status).toBe(
      400,
    )
    expect((await s.call('owner', 'GET', '/v1/allocations', undefined, at(51))).status).toBe(404)
  })
})
