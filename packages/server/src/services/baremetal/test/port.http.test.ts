import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { persona } from '../../../kit/testing/personas.ts'
import { at, LESSEE, type Site, said, site } from './site.ts'

let s: Site
let node: string
let other: string
beforeAll(async () => {
  s = await site({ callers: { 'owner-manager': persona('owner-manager', 'manager', 'owner') } })
  node = (await s.enroll({ name: 'a', lessee: LESSEE }))['uuid']
  other = (await s.enroll({ name: 'b' }))['uuid']
}, 60_000)
afterAll(() => s?.close())

let count = 0
const mac = () => `52:54:00:00:00:${String(count++ % 100).padStart(2, '0')}`
const make = async (fields: object = {}, who = 'owner-manager') =>
  s.call(who, 'POST', '/v1/ports', { node_uuid: node, address: mac(), ...fields })
const patch = (who: string, port: string, ...ops: object[]) => s.call(who, 'PATCH', `/v1/ports/${port}`, ops)
const link = { switch_id: 'AA:BB:CC:00:11:22', port_id: 'Ethernet1/3', switch_info: 'tor-1' }

describe('ports', () => {
  it('belong to a node, and are seen by whoever sees it', async () => {
    const made = await make({ address: 'AA-BB-CC-DD-EE-01', local_link_connection: link, physical_network: 'datacentre', name: 'eth0' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      node_uuid: node,
      address: 'aa:bb:cc:dd:ee:01',
      local_link_connection: { ...link, switch_id: 'aa:bb:cc:00:11:22' },
      pxe_enabled: true,
      physical_network: 'datacentre',
      portgroup_uuid: null,
      name: 'eth0',
    })
    for (const who of ['owner', 'lessee', 'admin', 'auditor']) {
      expect((await s.call(who, 'GET', `/v1/ports/${made.body.uuid}`)).body).toEqual(made.body)
      expect((await s.call(who, 'GET', '/v1/ports/eth0')).body.uuid).toBe(made.body.uuid)
      expect((await s.call(who, 'GET', '/v1/ports?address=AA:BB:CC:DD:EE:01')).body.ports).toHaveLength(1)
      expect((await s.call(who, 'GET', '/v1/nodes/a/ports')).body.ports).toHaveLength(1)
    }
    const hidden = await s.call('stranger', 'GET', `/v1/ports/${made.body.uuid}`)
    expect([hidden.status, said(hidden)]).toEqual([404, `Port ${made.body.uuid} could not be found.`])
    expect((await s.call('stranger', 'GET', '/v1/ports')).body.ports).toEqual([])
    expect((await s.call('stranger', 'GET', '/v1/ports?address=aa:bb:cc:dd:ee:01')).body.ports).toEqual([])
  })
  it('are made and ended by who manages the node', async () => {
    expect((await make({}, 'lessee')).status).toBe(403)
    expect((await make({}, 'stranger')).status).toBe(403)
    const { body } = await make()
    expect((await s.call('lessee', 'DELETE', `/v1/ports/${body.uuid}`)).status).toBe(403)
    expect((await patch('lessee', body.uuid, { op: 'add', path: '/extra/a', value: 1 })).body.extra).toEqual({ a: 1 })
    expect((await s.call('owner-manager', 'DELETE', `/v1/ports/${body.uuid}`)).status).toBe(204)
    expect((await s.call('admin', 'GET', `/v1/ports/${body.uuid}`)).status).toBe(404)
  })
  it('take their node by name from 1.94 on', async () => {
    const byName = (version: number) => s.call('owner-manager', 'POST', '/v1/ports', { node_ident: 'b', address: mac() }, at(version))
    expect((await byName(94)).body.node_uuid).toBe(other)
    expect((await byName(93)).status).toBe(406)
    expect(said(await s.call('admin', 'POST', '/v1/ports', { address: mac() }))).toBe("'node_uuid' is a required property")
    expect((await s.call('admin', 'POST', '/v1/ports', { address: mac(), node_ident: 'none' })).status).toBe(400)
    expect((await s.call('stranger', 'POST', '/v1/ports', { address: mac(), node_ident: 'b' })).status).toBe(403)
  })
  it('have an address that no other has', async () => {
    const { body } = await make()
    const again = await make({ address: body.address.toUpperCase(), node_uuid: other })
    expect([again.status, said(again)]).toEqual([409, `A port with MAC address ${body.address} already exists.`])
  })
  it.each<[object, RegExp]>([
    [{ address: 'x' }, /must be a MAC address/],
    [{ address: '52:54:00:00:00' }, /must be a MAC address/],
    [{ node_uuid: 'x' }, /UUID/],
    [{ node_uuid: '11111111-2222-4333-8444-555555555555' }, /could not be found/],
    [{ local_link_connection: { switch_id: 'aa:bb:cc:00:11:22' } }, /switch_id" and "port_id"/],
    [{ local_link_connection: { switch_id: 'x', port_id: '1' } }, /datapath id/],
    [{ local_link_connection: { colour: 'red' } }, /colour/],
    [{ physical_network: '' }, /non-empty/],
    [{ is_smartnic: true }, /Smart NIC/],
    [{ portgroup_uuid: '11111111-2222-4333-8444-555555555555' }, /Portgroup .* could not be found/],
    [{ internal_info: {} }, /cannot be set/],
    [{ colour: 'red' }, /colour/],
  ])('%j is refused', async (fields, words) => {
    const refused = await make(fields, 'admin')
    expect(refused.status).toBe(400)
    expect(said(refused)).toMatch(words)
  })
  it('keep their cable while the node is used', async () => {
    const { body } = await make()
    await s.put(node, { provision_state: 'active' })
    try {
      for (const [path, value] of [
        ['/local_link_connection', link],
        ['/pxe_enabled', false],
        ['/physical_network', 'x'],
        ['/address', mac()],
      ] as const)
        expect([path, (await patch('admin', body.uuid, { op: 'replace', path, value })).status]).toEqual([path, 409])
      expect((await patch('admin', body.uuid, { op: 'replace', path: '/description', value: 'x' })).status).toBe(200)
      await s.put(node, { maintenance: true })
      expect((await patch('admin', body.uuid, { op: 'replace', path: '/pxe_enabled', value: false })).status).toBe(200)
    } finally {
      await s.put(node, { provision_state: 'enroll', maintenance: false })
    }
  })
  it('rest while the node is held', async () => {
    const { body } = await make()
    await s.put(node, { reservation: 'conductor-1' })
    try {
      expect((await make()).status).toBe(409)
      expect((await patch('admin', body.uuid, { op: 'add', path: '/extra/a', value: 1 })).status).toBe(409)
      expect((await s.call('admin', 'DELETE', `/v1/ports/${body.uuid}`)).status).toBe(409)
    } finally {
      await s.put(node, { reservation: null })
    }
  })
  it('can be changed at any depth, and not out of what they must have', async () => {
    const { body } = await make({ local_link_connection: link })
    const changed = await patch('owner', body.uuid, { op: 'replace', path: '/local_link_connection/port_id', value: 'Ethernet1/4' })
    expect(changed.body.local_link_connection).toMatchObject({ port_id: 'Ethernet1/4', switch_info: 'tor-1' })
    expect((await patch('owner', body.uuid, { op: 'remove', path: '/local_link_connection/port_id' })).status).toBe(400)
    for (const path of ['/address', '/node_uuid']) expect((await patch('admin', body.uuid, { op: 'remove', path })).status).toBe(400)
    expect((await patch('admin', body.uuid, { op: 'replace', path: '/node_uuid', value: other })).body.node_uuid).toBe(other)
    expect((await patch('lessee', body.uuid, { op: 'replace', path: '/extra', value: {} })).status).toBe(404)
  })
  it('come in pages that are one big list, by node, in detail, and by fields', async () => {
    for (let i = 0; i < 5; i++) await make({ node_uuid: other })
    for (const path of [
      '/v1/ports',
      '/v1/ports/detail',
      `/v1/ports?node=${other}`,
      '/v1/ports?node=b',
      '/v1/nodes/b/ports',
      '/v1/ports?fields=uuid&sort_key=address&sort_dir=desc',
      '/v1/nodes/b/ports/detail',
    ]) {
      const uuids = (body: any) => body.ports.map((p: any) => p.uuid)
      const whole = uuids((await s.call('owner', 'GET', path)).body)
      const seen: string[] = []
      let next: string | undefined = `${path}${path.includes('?') ? '&' : '?'}limit=2`
      while (next) {
        const { body }: any = await s.call('owner', 'GET', next)
        seen.push(...uuids(body))
        next = body.next?.replace('http://localhost:80/baremetal', '')
      }
      expect(whole.length).toBeGreaterThan(5)
      expect(seen).toEqual(whole)
    }
    expect((await s.call('owner', 'GET', '/v1/ports?node=none')).status).toBe(404)
    expect((await s.call('stranger', 'GET', '/v1/ports?node=b')).status).toBe(404)
    expect((await s.call('owner', 'GET', `/v1/ports?node=b&shard=x`)).status).toBe(403)
    expect((await s.call('owner', 'GET', '/v1/ports?node_uuid=x')).status).toBe(400)
  })
  it('end with their node', async () => {
    const gone = await s.enroll()
    const { body } = await make({ node_uuid: gone['uuid'] }, 'admin')
    expect((await s.call('admin', 'DELETE', `/v1/nodes/${gone['uuid']}`)).status).toBe(204)
    expect((await s.call('admin', 'GET', `/v1/ports/${body.uuid}`)).status).toBe(404)
  })
})

describe('port groups', () => {
  const group = (fields: object = {}, who = 'owner-manager') => s.call(who, 'POST', '/v1/portgroups', { node_uuid: node, ...fields })

  it('hold ports of their node', async () => {
    const made = await group({ name: 'bond0', address: 'AA:AA:AA:00:00:01' })
    expect(made.body).toMatchObject({
      name: 'bond0',
      mode: 'active-backup',
      address: 'aa:aa:aa:00:00:01',
      standalone_ports_supported: true,
    })
    const { uuid } = made.body
    const port = await make({ portgroup_uuid: uuid })
    expect(port.body.portgroup_uuid).toBe(uuid)
    expect((await s.call('lessee', 'GET', '/v1/portgroups/bond0/ports')).body.ports.map((p: any) => p.uuid)).toEqual([port.body.uuid])
    expect((await s.call('lessee', 'GET', '/v1/nodes/a/portgroups')).body.portgroups).toHaveLength(1)
    expect(said(await make({ portgroup_uuid: uuid, node_uuid: other }, 'admin'))).toContain('belonging to a different node')
    expect(said(await s.call('admin', 'DELETE', `/v1/portgroups/${uuid}`))).toContain('contains ports')
    expect((await make({ portgroup_uuid: uuid, physical_network: 'x' })).status).toBe(409)
    expect(
      (
        await s.call('owner-manager', 'PATCH', `/v1/portgroups/${uuid}`, [
          { op: 'replace', path: '/standalone_ports_supported', value: false },
        ])
      ).status,
    ).toBe(409)
    await patch('owner-manager', port.body.uuid, { op: 'remove', path: '/portgroup_uuid' })
    expect((await s.call('owner-manager', 'DELETE', `/v1/portgroups/${uuid}`)).status).toBe(204)
  })
  it('are the owner’s to make, and hidden from others and from old clients', async () => {
    expect((await group({}, 'lessee')).status).toBe(403)
    const made = await group({ name: 'bond1' })
    expect((await s.call('stranger', 'GET', `/v1/portgroups/${made.body.uuid}`)).status).toBe(404)
    expect((await s.call('owner', 'GET', '/v1/portgroups', undefined, at(22))).status).toBe(404)
    // Mode and properties are shown to versions that cannot set them yet.
    const old = `/v1/portgroups/${made.body.uuid}`
    expect((await s.call('owner', 'GET', old, undefined, at(23))).body).toMatchObject({ mode: 'active-backup', properties: {} })
    const first = { op: 'add', path: '/properties/a', value: 1 }
    expect((await s.call('owner-manager', 'PATCH', old, [first], at(23))).status).toBe(406)
    expect((await s.call('owner-manager', 'PATCH', old, [{ op: 'add', path: '/extra/a', value: 1 }, first], at(23))).status).toBe(200)
    expect(
      (await s.call('owner-manager', 'POST', '/v1/portgroups', { node_uuid: made.body.node_uuid, mode: 'balance-rr' }, at(25))).status,
    ).toBe(406)
    expect((await group({ name: 'bond1' })).status).toBe(409)
  })
})

describe('chassis', () => {
  it('are the administrators’', async () => {
    const made = await s.call('admin', 'POST', '/v1/chassis', { description: 'rack 1', extra: { row: 3 } })
    const { uuid } = made.body
    expect(made.status).toBe(201)
    for (const [method, path, body] of [
      ['GET', '/v1/chassis'],
      ['GET', `/v1/chassis/${uuid}`],
      ['POST', '/v1/chassis', {}],
      ['PATCH', `/v1/chassis/${uuid}`, []],
      ['DELETE', `/v1/chassis/${uuid}`],
    ] as const)
      expect([method, path, (await s.call('owner', method, path, body)).status]).toEqual([method, path, 403])
    const renamed = await s.call('admin', 'PATCH', `/v1/chassis/${uuid}`, [{ op: 'replace', path: '/description', value: 'rack 2' }])
    expect(renamed.body.description).toBe('rack 2')
    const inside = await s.enroll({ chassis_uuid: uuid })
    expect(said(await s.call('admin', 'DELETE', `/v1/chassis/${uuid}`))).toContain('contains nodes')
    expect((await s.call('admin', 'PATCH', `/v1/nodes/${inside['uuid']}`, [{ op: 'remove', path: '/chassis_uuid' }], at(24))).status).toBe(
      406,
    )
    expect((await s.call('admin', 'PATCH', `/v1/nodes/${inside['uuid']}`, [{ op: 'remove', path: '/chassis_uuid' }])).status).toBe(200)
    expect((await s.call('admin', 'DELETE', `/v1/chassis/${uuid}`)).status).toBe(204)
  })
})
