import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { at, LESSEE, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site({ config: { drivers: ['fake-hardware', 'redfish'], host: 'conductor-1', networkInterface: 'flat' } })
}, 60_000)
afterAll(() => s?.close())

let count = 0
const mac = () => `52:54:00:01:00:${(++count).toString(16).padStart(2, '0')}`

describe('what networks are attached to', () => {
  const setUp = async () => {
    const node = (await s.enroll({ lessee: LESSEE }))['uuid'] as string
    const port = async (more: object = {}) =>
      (await s.call('admin', 'POST', '/v1/ports', { node_uuid: node, address: mac(), ...more })).body.uuid as string
    const attach = (id: string, more: object = {}, who = 'lessee') => s.call(who, 'POST', `/v1/nodes/${node}/vifs`, { id, ...more })
    const vifs = async () => (await s.call('lessee', 'GET', `/v1/nodes/${node}/vifs`)).body.vifs.map((v: any) => v.id)
    const info = async (kind: string, uuid: string) => (await s.call('admin', 'GET', `/v1/${kind}/${uuid}`)).body.internal_info
    return { node, port, attach, vifs, info }
  }

  it('is a free port that boots first, and each once; what is detached is free again', async () => {
    const { node, port, attach, vifs, info } = await setUp()
    const [second, first] = [await port({ pxe_enabled: false }), await port()]
    expect((await attach('v1')).status).toBe(204)
    expect((await attach('v2')).status).toBe(204)
    expect([await info('ports', first), await info('ports', second)]).toEqual([{ tenant_vif_port_id: 'v1' }, { tenant_vif_port_id: 'v2' }])
    expect((await vifs()).sort()).toEqual(['v1', 'v2'])
    const again = await attach('v1')
    expect([again.status, said(again)]).toEqual([409, expect.stringMatching(/VIF v1 is already attached to Ironic port/)])
    expect(said(await attach('v3'))).toMatch(/not enough free physical ports/)
    expect((await s.call('admin', 'DELETE', `/v1/ports/${first}`)).status).toBe(409)
    expect((await s.call('lessee', 'DELETE', `/v1/nodes/${node}/vifs/v1`)).status).toBe(204)
    expect(said(await s.call('lessee', 'DELETE', `/v1/nodes/${node}/vifs/v1`))).toMatch(/is not attached to it/)
    expect((await attach('v3')).status).toBe(204)
    expect((await attach('v4', {}, 'stranger')).status).toBe(404)
  })

  it('is a port group before its ports, and its ports only where they stand alone', async () => {
    const { node, port, attach, info } = await setUp()
    const group = async (more: object = {}) =>
      (await s.call('admin', 'POST', '/v1/portgroups', { node_uuid: node, ...more })).body.uuid as string
    const [bond, strict, empty] = [await group(), await group({ standalone_ports_supported: false }), await group()]
    const alone = await port({ portgroup_uuid: bond })
    await port({ portgroup_uuid: strict, pxe_enabled: false })
    for (const vif of ['v1', 'v2']) expect((await attach(vif)).status).toBe(204)
    const [one, other] = [await info('portgroups', bond), await info('portgroups', strict)]
    expect([one.tenant_vif_port_id, other.tenant_vif_port_id].sort()).toEqual(['v1', 'v2'])
    expect(await info('ports', alone)).toEqual({})
    // A group without ports and a port of a taken group never are.
    expect((await attach('v3')).status).toBe(400)
    expect((await attach('v3', { portgroup_uuid: empty })).status).toBe(400)
    expect((await s.call('admin', 'DELETE', `/v1/portgroups/${bond}`)).status).toBe(409)
  })

  it('can be said, one or the other', async () => {
    const { port, attach, info } = await setUp()
    await port()
    const chosen = await port()
    expect((await attach('v1', { port_uuid: chosen })).status).toBe(204)
    expect(await info('ports', chosen)).toEqual({ tenant_vif_port_id: 'v1' })
    expect(said(await attach('v2', { port_uuid: chosen, portgroup_uuid: chosen }))).toMatch(/Cannot specify both/)
    const other = await setUp()
    expect(said(await attach('v2', { port_uuid: await other.port() }))).toMatch(/is not one of node/)
  })

  it('goes when a lease ends', async () => {
    const { node, port, attach, vifs } = await setUp()
    await port()
    await attach('v1')
    const lease = '00000000-0000-4000-8000-000000000001'
    await s.put(node, { lessee: LESSEE, lessee_by: 'lease', lease, provision_state: 'available' })
    await s.door.release(node, lease)
    expect((await s.call('owner', 'GET', `/v1/nodes/${node}/vifs`)).body).toEqual({ vifs: [] })
    expect(await vifs().catch(() => 'hidden')).toBe('hidden')
  })
})

describe('RAID', () => {
  const put = (node: string, body: unknown, version = 115) => s.call('owner', 'PUT', `/v1/nodes/${node}/states/raid`, body, at(version))
  const disk = (more: object = {}) => ({ logical_disks: [{ raid_level: '1', size_gb: 100, ...more }] })

  it('is kept where there is an interface for it', async () => {
    const { uuid } = await s.enroll()
    expect((await put(uuid, disk())).status).toBe(204)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.target_raid_config).toEqual(disk())
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/states`)).body.target_raid_config).toEqual(disk())
    expect((await put(uuid, {})).status).toBe(204)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.target_raid_config).toEqual({})
    expect((await put(uuid, disk(), 11)).status).toBe(406)
    const real = await s.enroll({ driver: 'redfish', raid_interface: 'no-raid' })
    expect(said(await put(real['uuid'], disk()))).toMatch(/does not support raid/)
    expect(Object.keys((await s.call('admin', 'GET', '/v1/drivers/fake-hardware/raid/logical_disk_properties')).body)).toContain(
      'raid_level',
    )
    expect((await s.call('admin', 'GET', '/v1/drivers/redfish/raid/logical_disk_properties')).status).toBe(200)
  })
  it('stays as it is while a conductor is at work, which may just be joining disks', async () => {
    const { uuid } = await s.enroll()
    expect((await put(uuid, disk())).status).toBe(204)
    for (const state of ['cleaning', 'servicing', 'deploying']) {
      await s.put(uuid, { provision_state: state })
      const refused = await put(uuid, disk({ raid_level: '0' }))
      expect([refused.status, said(refused)]).toEqual([409, expect.stringMatching(/is locked by host/)])
    }
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.target_raid_config).toEqual(disk())
    await s.put(uuid, { provision_state: 'clean hold' })
    expect((await put(uuid, disk({ raid_level: '0' }))).status).toBe(204)
  })
  it.each<[object, RegExp]>([
    [{ disks: [] }, /only "logical_disks"/],
    [{ logical_disks: [] }, /not empty/],
    [disk({ raid_level: '7' }), /raid_level/],
    [disk({ size_gb: 'much' }), /size_gb/],
    [disk({ colour: 'red' }), /colour/],
    [disk({ physical_disks: ['a'] }), /needs "controller"/],
    [{ logical_disks: [{ size_gb: 1 }] }, /needs "raid_level"/],
    [{ logical_disks: [...disk({ is_root_volume: true }).logical_disks, ...disk({ is_root_volume: true }).logical_disks] }, /only one/],
  ])('is refused: %j', async (body, words) => {
    const { uuid } = await s.enroll()
    const refused = await put(uuid, body)
    expect([refused.status, said(refused)]).toEqual([400, expect.stringMatching(words)])
  })
})

describe('consoles', () => {
  it('of fake machines can be opened; other machines have none', async () => {
    const { uuid } = await s.enroll({ lessee: LESSEE })
    const path = `/v1/nodes/${uuid}/states/console`
    expect((await s.call('lessee', 'PUT', path, { enabled: true })).status).toBe(202)
    expect((await s.call('lessee', 'GET', path)).body).toEqual({ console_enabled: true, console_info: {} })
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.console_enabled).toBe(true)
    expect((await s.call('lessee', 'PUT', path, { enabled: false })).status).toBe(202)
    expect((await s.call('lessee', 'GET', path)).body).toEqual({ console_enabled: false, console_info: null })
    const real = await s.enroll({ driver: 'redfish' })
    expect(said(await s.call('owner', 'PUT', `/v1/nodes/${real['uuid']}/states/console`, { enabled: true }))).toMatch(
      /does not support console/,
    )
  })
})

describe('vendor calls', () => {
  it('are none, for administrators only', async () => {
    const { uuid } = await s.enroll()
    for (const path of [`/v1/nodes/${uuid}`, '/v1/drivers/fake-hardware']) {
      expect((await s.call('admin', 'GET', `${path}/vendor_passthru/methods`)).body).toEqual({})
      expect(said(await s.call('admin', 'POST', `${path}/vendor_passthru`))).toBe('Method not specified')
      expect(said(await s.call('admin', 'POST', `${path}/vendor_passthru?method=erase`, {}))).toBe('No handler for method erase')
      expect(said(await s.call('admin', 'DELETE', `${path}/vendor_passthru/erase`))).toBe('No handler for method erase')
      expect((await s.call('owner', 'GET', `${path}/vendor_passthru/methods`)).status).toBe(403)
    }
    expect((await s.call('admin', 'GET', '/v1/drivers/none/vendor_passthru/methods')).status).toBe(404)
  })
})
