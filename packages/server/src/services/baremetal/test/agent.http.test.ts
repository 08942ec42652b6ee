import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { at, OWNER, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site()
}, 60_000)
afterAll(() => s?.close())

let count = 0
const machine = async (state = 'deploying', fields: Record<string, unknown> = {}) => {
  const address = `52:54:00:0a:00:${(++count).toString(16).padStart(2, '0')}`
  const { uuid } = await s.enroll(fields)
  await s.call('admin', 'POST', '/v1/ports', { node_uuid: uuid, address })
  await s.put(uuid, { provision_state: state })
  return { uuid: uuid as string, address }
}
/** Without a token: a ramdisk has none. */
const ask = (method: string, path: string, body?: unknown, version = 115) =>
  s.request(undefined, method, path, body, { 'x-openstack-ironic-api-version': `1.${version}` })
const lookup = (query: string, version = 115) => ask('GET', `/v1/lookup?${query}`, undefined, version)
const beat = (node: string, body: object, version = 115) => ask('POST', `/v1/heartbeat/${node}`, body, version)

describe('a ramdisk', () => {
  it('finds the node of its machine while something is done to it, and gets its token once', async () => {
    const { uuid, address } = await machine('deploying', { instance_info: { configdrive: 'hidden', image_source: 'x' } })
    const first = await lookup(`addresses=${address.toUpperCase()},nonsense`)
    expect(first.status).toBe(200)
    expect(first.body.node).toMatchObject({ uuid, instance_info: { configdrive: '******', image_source: 'x' } })
    expect(first.body.config).toMatchObject({ heartbeat_timeout: 300, agent_token_required: true })
    const token = first.body.config.agent_token
    expect(token.length).toBeGreaterThan(40)
    expect((await lookup(`node_uuid=${uuid}`)).body.config.agent_token).toBe('******')
    const { rows } = await s.connections.pool.query('select agent_token from baremetal.node where uuid = $1', [uuid])
    expect(rows[0].agent_token).toMatch(/^[0-9a-f]{64}$/)
    expect(rows[0].agent_token).not.toContain(token)

    expect((await beat(uuid, { callback_url: 'https://10.0.0.1:9999', agent_token: token, agent_version: '9.0' })).status).toBe(202)
    const { driver_internal_info: info } = (await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body
    expect(info).toMatchObject({ agent_url: 'https://10.0.0.1:9999', agent_version: '9.0' })
    const moved = await beat(uuid, { callback_url: 'https://10.0.0.2:9999', agent_token: token })
    expect([moved.status, said(moved)]).toEqual([400, 'Detected change in ramdisk provided "callback_url"'])
  })
  it('is told nothing of other nodes, and of this one nothing once it is done', async () => {
    for (const state of ['available', 'active', 'manageable']) {
      const { uuid, address } = await machine(state)
      expect((await lookup(`addresses=${address}`)).body).toEqual((await lookup('addresses=52:54:00:ff:ff:ff')).body)
      expect((await lookup(`node_uuid=${uuid}`)).status).toBe(404)
    }
    expect(said(await lookup('addresses=nonsense'))).toMatch(/At least one of/)
    expect((await lookup('addresses=52:54:00:ff:ff:ff', 21)).status).toBe(404)
    const { uuid, address } = await machine()
    const token = (await lookup(`addresses=${address}`)).body.config.agent_token
    await s.put(uuid, { wanted: JSON.stringify({ provision: { verb: 'deploy', intent: 0 } }) })
    await s.connections.pool.query("update kit.work set due = '2000-01-01Z' where conductor = 'node' and key = $1", [uuid])
    await s.conduct()
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.provision_state).toBe('active')
    expect(said(await beat(uuid, { callback_url: '', agent_token: token }))).toMatch(/Invalid or missing agent token/)
  })
  it.each<[object, number, number, RegExp]>([
    [{ callback_url: 'ftp://x', agent_token: 'x' }, 115, 400, /callback_url/],
    [{ callback_url: '' }, 115, 400, /Agent token is required/],
    [{ callback_url: '', agent_token: 'wrong' }, 115, 400, /Invalid or missing agent token/],
    [{ callback_url: '', agent_token: 'x', agent_status: 'odd' }, 115, 400, /Valid states are start,end,error/],
    [{ callback_url: '', agent_token: 'x', agent_version: '1' }, 35, 400, /"agent_version" not recognised/],
    [{}, 115, 400, /callback_url/],
  ])('is refused: %j at 1.%i', async (body, version, status, words) => {
    const { uuid, address } = await machine()
    await lookup(`addresses=${address}`)
    const refused = await beat(uuid, body, version)
    expect([refused.status, said(refused)]).toEqual([status, expect.stringMatching(words)])
  })
})

describe('inspection', () => {
  const tell = (data: object, query = '') => ask('POST', `/v1/continue_inspection${query}`, data)
  const data = (address: string, more: object = {}) => ({
    inventory: { interfaces: [{ name: 'eno1', mac_address: address }, { mac_address: '52:54:00:0b:00:01' }], cpu: { count: 8 } },
    ...more,
  })

  it('from within ends with what the agent tells: ports, the inventory, and what rules make of it', async () => {
    const { body: rule } = await s.call('admin', 'POST', '/v1/inspection_rules', {
      conditions: [
        { op: 'gt', args: { values: ['{inventory[cpu][count]}', 4] } },
        { op: 'contains', args: { value: '{item}', regex: '^eno' }, loop: ['{inventory[interfaces][0][name]}', 'x'], multiple: 'first' },
      ],
      actions: [
        { op: 'set-attribute', args: { path: '/properties/cpus', value: '{inventory[cpu][count]}' } },
        { op: 'set-attribute', args: { path: '/driver_info/password', value: 'found' } },
        { op: 'set-capability', args: { name: 'fast', value: 'yes' } },
        { op: 'add-trait', args: { name: 'CUSTOM_FAST' } },
        { op: 'extend-attribute', args: { path: 'extra.seen', value: '{node.uuid}', unique: true } },
        { op: 'log', args: { msg: 'It has {inventory[cpu][count]} processors' } },
      ],
    })
    const { uuid, address } = await machine('inspect wait')
    const done = await tell(data(address, { lldp: { eno1: 'x' } }))
    expect([done.status, done.body]).toEqual([202, { uuid }])
    const node = (await s.call('admin', 'GET', `/v1/nodes/${uuid}`)).body
    expect(node).toMatchObject({
      provision_state: 'manageable',
      properties: { cpus: 8, capabilities: 'fast:yes' },
      driver_info: { password: '******' },
      extra: { seen: [uuid] },
      traits: ['CUSTOM_FAST'],
      last_error: null,
    })
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/inventory`)).body).toMatchObject({
      inventory: { cpu: { count: 8 } },
      plugin_data: { lldp: { eno1: 'x' } },
    })
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/ports`)).body.ports.map((p: any) => p.address)).toContain('52:54:00:0b:00:01')
    const history = (await s.call('owner', 'GET', `/v1/nodes/${uuid}/history`)).body.history.map((h: any) => h.event)
    expect(history).toContain(`Inspection rules that fitted: ${rule.uuid}. info: It has 8 processors.`)
    await s.call('admin', 'DELETE', `/v1/inspection_rules/${rule.uuid}`)
  })

  it('fails where a rule says so or cannot be done, and keeps nothing', async () => {
    for (const [action, words] of [
      [{ op: 'fail', args: { msg: 'Too few disks' } }, /Too few disks/],
      [{ op: 'set-attribute', args: { path: '/owner', value: OWNER } }, /cannot change "\/owner"/],
      [{ op: 'set-attribute', args: { path: '/resource_class', value: 7 } }, /resource_class/],
      [{ op: 'add-trait', args: { name: 'low' } }, /trait/],
    ] as const) {
      const { body: rule } = await s.call('admin', 'POST', '/v1/inspection_rules', {
        actions: [{ op: 'set-attribute', args: { path: '/extra/kept', value: 1 } }, action],
      })
      const { uuid, address } = await machine('inspect wait')
      expect((await tell(data(address), `?node_uuid=${uuid}`)).status).toBe(202)
      expect((await s.call('admin', 'GET', `/v1/nodes/${uuid}`)).body).toMatchObject({
        provision_state: 'inspect failed',
        last_error: expect.stringMatching(words),
        extra: {},
      })
      expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/inventory`)).status).toBe(404)
      await s.call('admin', 'DELETE', `/v1/inspection_rules/${rule.uuid}`)
    }
  })

  it('is told of no node that does not wait for it', async () => {
    const { uuid, address } = await machine('inspecting')
    expect((await tell(data(address))).status).toBe(404)
    expect((await tell(data(address), `?node_uuid=${uuid}`)).status).toBe(404)
    expect((await tell({ inventory: { interfaces: [] } })).status).toBe(400)
    expect((await tell({})).status).toBe(400)
  })

  it('over the BMC keeps what it says of the machine', async () => {
    const { uuid } = await s.enroll()
    await s.call('owner', 'PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' })
    await s.conduct()
    await s.call('owner', 'PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'inspect' })
    await s.conduct()
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.provision_state).toBe('manageable')
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/inventory`)).body.inventory.system_vendor).toMatchObject({
      manufacturer: 'ESI',
    })
  })
})

describe('events of the network', () => {
  const event = { event: 'network.bind_port', port_id: 'x', mac_address: '52:54:00:00:00:01', status: 'ACTIVE' }
  it('are taken from administrators', async () => {
    expect((await s.call('admin', 'POST', '/v1/events', { events: [event] })).status).toBe(204)
    expect((await s.call('owner', 'POST', '/v1/events', { events: [event] })).status).toBe(403)
    expect((await s.call('admin', 'POST', '/v1/events', { events: [{ ...event, event: 'x' }] })).status).toBe(400)
    expect((await s.call('admin', 'POST', '/v1/events', { events: [{ event: 'network.bind_port' }] })).status).toBe(400)
    expect((await s.call('admin', 'POST', '/v1/events', { events: [event] }, at(53))).status).toBe(404)
  })
})
