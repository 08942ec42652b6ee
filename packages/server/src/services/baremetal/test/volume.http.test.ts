import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { at, LESSEE, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site()
}, 60_000)
afterAll(() => s?.close())

let count = 0
const off = async (fields: object = {}) => {
  const node = await s.enroll({ lessee: LESSEE, ...fields })
  await s.put(node['uuid'], { power_state: 'power off' })
  return node['uuid'] as string
}
const connector = (node: string, more: object = {}) => ({ node_uuid: node, type: 'iqn', connector_id: `iqn.${++count}`, ...more })
const target = (node: string, more: object = {}) => ({
  node_uuid: node,
  volume_type: 'iscsi',
  boot_index: 0,
  volume_id: `v${++count}`,
  ...more,
})
const patch = (path: string, value: unknown) => [{ op: 'replace', path, value }]

describe('connectors and targets', () => {
  it('are made, seen, listed by node, changed and deleted by whoever has the node, and by nobody else', async () => {
    const node = await off({ name: 'storage-1' })
    const made = await s.call('lessee', 'POST', '/v1/volume/connectors', connector(node, { connector_id: 'iqn.a' }))
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ type: 'iqn', connector_id: 'iqn.a', node_uuid: node, extra: {} })
    expect(made.headers['location']).toMatch(new RegExp(`/v1/volume/connectors/${made.body.uuid}$`))
    const goal = (await s.call('owner', 'POST', '/v1/volume/targets', target(node))).body
    const other = await off()
    await s.call('owner', 'POST', '/v1/volume/connectors', connector(other))

    for (const path of [
      '/v1/volume/connectors?node=storage-1',
      '/v1/nodes/storage-1/volume/connectors',
      `/v1/volume/connectors?node=${node}`,
    ])
      expect((await s.call('lessee', 'GET', path)).body.connectors.map((c: any) => c.uuid)).toEqual([made.body.uuid])
    expect((await s.call('owner', 'GET', '/v1/nodes/storage-1/volume/targets')).body.targets).toMatchObject([
      { uuid: goal.uuid, boot_index: 0 },
    ])
    expect(Object.keys((await s.call('owner', 'GET', '/v1/nodes/storage-1/volume')).body)).toEqual(['links', 'connectors', 'targets'])

    const path = `/v1/volume/connectors/${made.body.uuid}`
    expect((await s.call('stranger', 'GET', path)).status).toBe(404)
    expect((await s.call('stranger', 'GET', '/v1/volume/connectors')).body).toEqual({ connectors: [] })
    expect((await s.call('stranger', 'POST', '/v1/volume/connectors', connector(node))).status).toBe(400)
    expect((await s.call('auditor', 'PATCH', path, patch('/connector_id', 'x'))).status).toBe(403)
    expect((await s.call('lessee', 'PATCH', path, patch('/connector_id', 'iqn.b'))).body.connector_id).toBe('iqn.b')
    expect((await s.call('lessee', 'DELETE', path)).status).toBe(204)
    expect((await s.call('lessee', 'GET', path)).status).toBe(404)
    expect((await s.call('owner', 'GET', '/v1/volume/connectors', undefined, at(31))).status).toBe(404)
  })

  it.each<[string, object, number, RegExp]>([
    ['connectors', { type: 'usb', connector_id: 'x' }, 400, /must be one of iqn/],
    ['connectors', { type: 'iqn' }, 400, /'connector_id' is a required property/],
    ['connectors', { type: 'iqn', connector_id: 'taken' }, 409, /A volume connector with type iqn and connector ID taken already exists/],
    ['targets', { volume_type: 'x', volume_id: 'y' }, 400, /'boot_index' is a required property/],
    ['targets', { volume_type: 'x', volume_id: 'y', boot_index: -1 }, 400, /whole number/],
    [
      'targets',
      { volume_type: 'x', volume_id: 'y', boot_index: 7 },
      409,
      /A volume target with boot index '7' for the same node already exists/,
    ],
  ])('%s are refused: %j', async (what, body, status, words) => {
    const node = await off()
    await s.call('owner', 'POST', '/v1/volume/connectors', connector(node, { connector_id: 'taken' }))
    await s.call('owner', 'POST', '/v1/volume/targets', target(node, { boot_index: 7 }))
    const refused = await s.call('owner', 'POST', `/v1/volume/${what}`, { node_uuid: node, ...body })
    expect([refused.status, said(refused)]).toEqual([status, expect.stringMatching(words)])
  })

  it('change only while the node is off, and wait for that as for a lock', async () => {
    const node = await off()
    await s.call('owner', 'PUT', `/v1/nodes/${node}/states/provision`, { target: 'manage' })
    await s.conduct()
    const { uuid } = (await s.call('owner', 'POST', '/v1/volume/targets', target(node))).body
    const path = `/v1/volume/targets/${uuid}`
    await s.put(node, { power_state: 'power on' })
    const refused = await s.call('owner', 'PATCH', path, patch('/volume_id', 'other'))
    expect([refused.status, said(refused)]).toEqual([
      400,
      expect.stringMatching(/"volume target update" can not be performed on node .* "power on"/),
    ])
    expect(said(await s.call('owner', 'DELETE', path))).toMatch(/"volume target deletion" can not be performed/)

    await s.call('owner', 'PUT', `/v1/nodes/${node}/states/power`, { target: 'power off' })
    const waiting = s.call('owner', 'PATCH', path, patch('/volume_id', 'other'))
    await s.conduct()
    await s.clock.advance(1000)
    expect((await waiting).body.volume_id).toBe('other')

    await s.call('owner', 'PUT', `/v1/nodes/${node}/states/power`, { target: 'power off' })
    const late = s.call('owner', 'DELETE', path)
    let over = false
    void late.finally(() => {
      over = true
    })
    while (!over) {
      await s.clock.advance(500)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect((await late).status).toBe(409)
  })

  it('keep secrets sealed, and show how a volume is reached to administrators only', async () => {
    const node = await off()
    const properties = { target_iqn: 'iqn.x', auth_password: 'not to be seen' }
    const { uuid } = (await s.call('owner', 'POST', '/v1/volume/targets', target(node, { properties }))).body
    const path = `/v1/volume/targets/${uuid}`
    const row = async () =>
      (await s.connections.pool.query('select properties, secrets from baremetal.volume_target where uuid = $1', [uuid])).rows[0]
    const before = await row()
    expect(JSON.stringify(before)).not.toContain('not to be seen')
    expect((await s.call('admin', 'GET', path)).body.properties).toEqual({ target_iqn: 'iqn.x', auth_password: '******' })
    expect((await s.call('owner', 'GET', path)).body.properties).toEqual({
      redacted_contents: expect.stringMatching(/view_target_properties/),
    })
    const listed = async (who: string) =>
      (await s.call(who, 'GET', `/v1/volume/targets?node=${node}&fields=properties`)).body.targets.map((t: any) => t.properties)
    expect(await listed('admin')).toEqual([{ target_iqn: 'iqn.x', auth_password: '******' }])
    expect(await listed('owner')).toEqual([{ redacted_contents: expect.stringMatching(/view_target_properties/) }])
    // Written back as it was read, the secret stays.
    expect((await s.call('admin', 'PATCH', path, patch('/properties', { target_iqn: 'iqn.y', auth_password: '******' }))).status).toBe(200)
    const after = await row()
    expect(JSON.parse(s.kit.secrets.open(after.secrets))).toEqual(JSON.parse(s.kit.secrets.open(before.secrets)))
    const { rows } = await s.connections.pool.query('select data from kit.event where object_id = $1', [uuid])
    expect(JSON.stringify(rows)).not.toContain('not to be seen')
  })

  it('of a lessee go when its lease ends; what the owner told storage stays', async () => {
    const { uuid: node } = await s.enroll()
    await s.put(node, { provision_state: 'available', power_state: 'power off', clean_proof: '{"disk":"wiped"}', clean_at: s.clock.now() })
    const own = (await s.call('owner', 'POST', '/v1/volume/connectors', connector(node))).body.uuid
    const lease = '00000000-0000-4000-8000-000000000002'
    expect(await s.door.assign(node, LESSEE, lease)).toEqual({ is: 'assigned' })
    await s.call('lessee', 'POST', '/v1/volume/connectors', connector(node))
    await s.call('lessee', 'POST', '/v1/volume/targets', target(node))
    const during = (await s.call('owner', 'POST', '/v1/volume/connectors', connector(node))).body.uuid
    await s.door.release(node, lease)
    const left = (await s.call('owner', 'GET', `/v1/nodes/${node}/volume/connectors`)).body.connectors.map((c: any) => c.uuid)
    expect(left.sort()).toEqual([own, during].sort())
    expect((await s.call('owner', 'GET', `/v1/nodes/${node}/volume/targets`)).body.targets).toEqual([])
  })
})
