import { node as table } from '@esi/api/baremetal/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { at, LESSEE, OWNER, type Site, said, site } from './site.ts'

let s: Site
let nodes: Record<string, any>[]
let chassis: string
const instance = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`

beforeAll(async () => {
  s = await site({ config: { drivers: ['fake-hardware', 'redfish'], host: 'conductor-1', groups: ['', 'east'] } })
  chassis = (await s.call('admin', 'POST', '/v1/chassis', { description: 'rack' })).body.uuid
  nodes = []
  for (let i = 0; i < 23; i++) {
    const made = await s.enroll({
      name: `node-${i}`,
      driver: i % 5 === 0 ? 'redfish' : 'fake-hardware',
      owner: i % 4 === 0 ? LESSEE : OWNER,
      ...(i % 3 === 0 ? { lessee: LESSEE } : {}),
      ...(i % 2 === 0 ? { resource_class: 'gpu', description: `rack ${i} 100%_a` } : {}),
      ...(i % 6 === 0 ? { instance_uuid: instance(i), instance_name: 'vm' } : {}),
      ...(i % 7 === 0 ? { chassis_uuid: chassis, shard: 's1' } : i % 7 === 1 ? { shard: 's2' } : {}),
      ...(i % 9 === 0 ? { conductor_group: 'east' } : {}),
      maintenance: i % 5 === 1,
      retired: i % 8 === 0,
    })
    nodes.push(made)
    if (i % 4 === 1) await s.put(made['uuid'], { provision_state: 'available' })
    if (i % 10 === 0) await s.put(made['uuid'], { fault: 'power failure' })
    if (i % 11 === 10) await s.put(made['uuid'], { parent_node: nodes[1]!['uuid'] })
    // Some made at the same moment, some later.
    if (i % 2 === 0) await s.clock.advance(1000)
  }
}, 60_000)
afterAll(() => s?.close())

/** Everything that a list says, page by page. */
const pages = async (who: string, path: string, limit: number): Promise<string[]> => {
  const seen: string[] = []
  let next: string | undefined = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`
  for (let i = 0; next && i < 50; i++) {
    const { status, body } = await s.call(who, 'GET', next)
    expect(status).toBe(200)
    expect(body.nodes.length).toBeLessThanOrEqual(limit)
    if (body.next) expect(body.nodes.length).toBe(limit)
    seen.push(...body.nodes.map((n: any) => n.uuid))
    next = body.next?.replace('http://localhost:80/baremetal', '')
  }
  return seen
}

const FILTERS = [
  'associated=true',
  'associated=False',
  'maintenance=true',
  'maintenance=False',
  `owner=${OWNER}`,
  `lessee=${LESSEE}`,
  `project=${LESSEE}`,
  'resource_class=gpu',
  'conductor_group=east',
  'conductor_group=',
  'fault=power%20failure',
  'driver=redfish',
  'provision_state=available',
  'provision_state=enroll',
  'retired=true',
  'description_contains=100%25_a',
  'shard=s1',
  'shard=s1,s2',
  'sharded=true',
  'sharded=false',
  'include_children=true',
  'instance_name=vm',
  'conductor=conductor-1',
  'conductor=nobody',
  'parent_node=node-1',
]
const ORDERS = [
  '',
  'sort_key=name',
  'sort_key=resource_class&sort_dir=desc',
  'sort_key=lessee',
  'sort_key=provision_state&sort_dir=desc',
  'sort_dir=desc',
]

describe('pages', () => {
  it.each(FILTERS.map(filter => [filter]))('%s: following next gives one big page', async filter => {
    for (const order of ORDERS)
      for (const who of ['admin', 'owner']) {
        const path = `/v1/nodes?${filter}${order ? `&${order}` : ''}`
        const whole = await s.call(who, 'GET', path)
        const want = whole.body.nodes.map((n: any) => n.uuid)
        expect(new Set(want).size).toBe(want.length)
        expect(await pages(who, path, 2)).toEqual(want)
      }
  })
  it('with chosen fields and in detail as well', async () => {
    const all = (await s.call('owner', 'GET', '/v1/nodes')).body.nodes.map((n: any) => n.uuid)
    expect(await pages('owner', '/v1/nodes/detail', 3)).toEqual(all)
    expect(await pages('owner', '/v1/nodes?detail=true', 3)).toEqual(all)
    expect(await pages('owner', '/v1/nodes?fields=uuid,name', 4)).toEqual(all)
  })
})

describe('filters', () => {
  const names = async (who: string, query: string) => {
    const { status, body } = await s.call(who, 'GET', `/v1/nodes?${query}&include_children=true`)
    expect(status).toBe(200)
    return body.nodes.map((n: any) => n.name).sort()
  }
  const those = (which: (i: number) => boolean) =>
    nodes
      .map((_, i) => i)
      .filter(which)
      .map(i => `node-${i}`)
      .sort()

  it('mean what they say', async () => {
    expect(await names('admin', 'associated=true')).toEqual(those(i => i % 6 === 0))
    expect(await names('admin', 'associated=false')).toEqual(those(i => i % 6 !== 0))
    expect(await names('admin', `project=${LESSEE}`)).toEqual(those(i => i % 4 === 0 || i % 3 === 0))
    expect(await names('admin', 'shard=s1,s2')).toEqual(those(i => i % 7 < 2))
    expect(await names('admin', 'description_contains=100%25_a')).toEqual(those(i => i % 2 === 0))
    expect(await names('admin', 'description_contains=100xya')).toEqual([])
    expect(await names('admin', 'fault=power failure&driver=redfish')).toEqual(those(i => i % 10 === 0))
    expect(await names('admin', `instance_uuid=${instance(6)}`)).toEqual(['node-6'])
    expect(await names('admin', `chassis_uuid=${chassis}`)).toEqual(those(i => i % 7 === 0))
  })
  it('show tenants no more than is theirs', async () => {
    expect(await names('owner', 'associated=true')).toEqual(those(i => i % 6 === 0 && i % 4 !== 0))
    expect(await names('owner', `lessee=${LESSEE}`)).toEqual(those(i => i % 3 === 0 && i % 4 !== 0))
    expect(await names('lessee', `owner=${OWNER}`)).toEqual(those(i => i % 3 === 0 && i % 4 !== 0))
    expect(await names('stranger', `owner=${OWNER}`)).toEqual([])
  })
  it('leave child nodes out unless they are asked for', async () => {
    const list = async (query: string) => (await s.call('admin', 'GET', `/v1/nodes${query}`)).body.nodes.map((n: any) => n.name)
    expect(await list('')).not.toContain('node-10')
    expect(await list('?include_children=true')).toContain('node-10')
    expect((await list('?parent_node=node-1')).sort()).toEqual(['node-10', 'node-21'])
    expect((await s.call('admin', 'GET', '/v1/nodes?parent_node=none')).status).toBe(404)
  })
  it('of a chassis have a path of their own', async () => {
    const { body } = await s.call('admin', 'GET', `/v1/chassis/${chassis}/nodes`)
    expect(body.nodes.length).toBe(those(i => i % 7 === 0).length)
    expect((await s.call('owner', 'GET', `/v1/chassis/${chassis}/nodes`)).status).toBe(403)
  })
  it.each<[string, number, RegExp]>([
    ['colour=red', 400, /"colour"/],
    ['maintenance=perhaps', 400, /must be true or false/],
    ['associated=perhaps', 400, /must be true or false/],
    ['limit=-1', 400, /Limit must be positive/],
    ['limit=x', 400, /whole number/],
    ['marker=00000000-0000-4000-8000-00000000dead', 404, /could not be found/],
    ['marker=x', 400, /Expected UUID/],
    ['limit=0', 400, /Limit must be positive/],
    ['chassis_uuid=00000000-0000-4000-8000-00000000dead', 404, /could not be found/],
    ['sort_key=properties', 400, /invalid field for sorting/],
    ['sort_key=none', 400, /not valid/],
    ['sort_dir=up', 400, /sort direction/],
    ['fields=uuid,none', 400, /not valid/],
    ['fields=uuid&detail=true', 400, /subset of fields/],
    ['provision_state=flying', 400, /not a valid/],
    ['fault=tired', 400, /Unrecognized fault/],
    ['instance_uuid=x', 400, /UUID/],
  ])('%s is refused', async (query, status, words) => {
    const refused = await s.call('admin', 'GET', `/v1/nodes?${query}`)
    expect(refused.status).toBe(status)
    expect(said(refused)).toMatch(words)
  })
  it.each([
    ['provision_state=enroll', 8],
    ['driver=redfish', 15],
    ['resource_class=gpu', 20],
    ['fault=x', 41],
    ['conductor_group=east', 45],
    ['conductor=x', 48],
    ['owner=x', 49],
    ['description_contains=x', 50],
    ['retired=true', 60],
    ['lessee=x', 64],
    ['shard=s1', 81],
    ['parent_node=x', 82],
    ['instance_name=x', 103],
  ])('%s is not acceptable at 1.%i', async (query, version) => {
    expect((await s.call('admin', 'GET', `/v1/nodes?${query}`, undefined, at(version))).status).toBe(406)
  })
})

describe('fields', () => {
  it('are few in a list, and those that the client chooses', async () => {
    const { body } = await s.call('admin', 'GET', '/v1/nodes?limit=1')
    expect(Object.keys(body.nodes[0]).sort()).toEqual([...table.brief!].sort())
    const chosen = await s.call('admin', 'GET', '/v1/nodes?limit=1&fields=uuid&fields=extra,owner')
    expect(Object.keys(chosen.body.nodes[0]).sort()).toEqual(['extra', 'links', 'owner', 'uuid'])
    const one = await s.call('admin', 'GET', '/v1/nodes/node-1?fields=name,traits')
    expect(one.body).toMatchObject({ name: 'node-1', traits: [] })
    expect(Object.keys(one.body).sort()).toEqual(['links', 'name', 'traits'])
  })
  it.each([1, 14, 24, 38, 65, 115])('say of each node at version 1.%s what the node alone says', async version => {
    await s.put(nodes[2]!['uuid'], {
      instance_info: { configdrive: 'c', image_source: 'i', password: 'p' },
      driver_internal_info: { a: '"' },
      last_error: 'It "broke" \\ here',
      reservation: 'conductor-1',
      lessee_by: 'hand',
      provision_updated_at: '2027-01-01T12:13:14.500000Z',
      lessee: LESSEE,
    })
    for (const who of ['admin', 'owner', 'lessee']) {
      const { status, body } = await s.call(who, 'GET', '/v1/nodes/detail', undefined, at(version))
      expect(status).toBe(200)
      for (const listed of body.nodes) {
        const alone = await s.call(who, 'GET', `/v1/nodes/${listed.uuid}`, undefined, at(version))
        expect(listed).toEqual(alone.body)
      }
    }
  })
  it('count nodes by shard', async () => {
    const { body } = await s.call('admin', 'GET', '/v1/shards')
    expect(body.shards).toEqual([
      { name: 's1', count: 4 },
      { name: 's2', count: 4 },
      { name: 'None', count: 15 },
    ])
    expect((await s.call('owner', 'GET', '/v1/shards')).status).toBe(403)
  })
})

describe('paths without a version', () => {
  it('are the first version’s, as links for bookmarks lead there', async () => {
    const { uuid } = await s.enroll({ name: 'unversioned' })
    const one = await s.call('owner', 'GET', '/nodes/unversioned')
    expect([one.status, one.body.uuid]).toEqual([200, uuid])
    const bookmark = one.body.links.find((l: { rel: string }) => l.rel === 'bookmark').href
    expect((await s.call('owner', 'GET', new URL(bookmark).pathname.replace('/baremetal', ''))).body).toEqual(one.body)
    expect((await s.call('owner', 'GET', '/nodes/detail?limit=1')).body.next).toMatch(/\/v1\/nodes\/detail\?/)
    for (const path of ['/nowhere', '/v2/nodes', '/v1/nowhere'])
      expect([path, (await s.call('owner', 'GET', path)).status]).toEqual([path, 404])
    expect(await s.call('owner', 'GET', '/openapi.json')).toMatchObject({ status: 200 })
    expect((await s.call('owner', 'GET', `/v1/nodes/states/console/${uuid}`)).body).toEqual({ console_enabled: false, console_info: null })
  })
})
