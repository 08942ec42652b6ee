import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { compareForeign, type Difference } from '../../../kit/testing/foreign.ts'
import { ASKERS, callersOf, type Question, type Things } from '../../../kit/testing/matrix.ts'
import { idOf } from '../../../kit/testing/personas.ts'
import { LESSEE, OWNER, type Site, site } from './site.ts'

// Whatever a stranger names that is another's is answered as what is not there: in paths, in bodies, in filters, by id and by name.
// The stranger administers a project of its own, and has there a node of its own; what is theirs is hidden from it all the same.

let s: Site
beforeAll(async () => {
  s = await site({ callers: callersOf(ASKERS) })
}, 60_000)
afterAll(() => s?.close())

const STRANGER = idOf('project stranger')
let count = 0
const mac = () => `52:54:00:01:${(++count >> 8).toString(16).padStart(2, '0')}:${(count & 255).toString(16).padStart(2, '0')}`

/** A node with everything that belongs to one. */
const place = async (owner: string, lessee: string | null, name: string) => {
  const made = async (path: string, body: object): Promise<any> => {
    const answer = await s.call('admin', 'POST', path, body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return answer.body
  }
  const chassis = (await made('/v1/chassis', { description: `${name}-chassis` })).uuid
  const instance = uuid()
  const node = (
    await s.enroll({
      owner,
      lessee,
      name: `${name}-node`,
      network_interface: 'noop',
      ...(name.startsWith('own') ? {} : { instance_uuid: instance }),
      instance_name: `${name}-instance`,
      chassis_uuid: chassis,
      description: `${name}-description`,
      resource_class: `${name}-class`,
      shard: `${name}-shard`,
      conductor_group: '',
    })
  )['uuid']
  const event = uuid()
  await s.connections.pool.query(
    "insert into baremetal.node_history (uuid, node, created_at, event_type, severity, event) values ($1, $2, '2030-01-01Z', 'test', 'INFO', 'x')",
    [event, node],
  )
  await s.connections.pool.query('insert into baremetal.node_trait (node, trait) values ($1, $2)', [node, 'CUSTOM_A'])
  const bond = mac()
  const portgroup = (await made('/v1/portgroups', { node_uuid: node, name: `${name}-portgroup`, address: bond })).uuid
  const address = mac()
  const port = (await made('/v1/ports', { node_uuid: node, name: `${name}-port`, address })).uuid
  await s.put(node, { power_state: 'power off' })
  const iqn = `iqn.2030-01.${name}`
  const volume_connector = (await made('/v1/volume/connectors', { node_uuid: node, type: 'iqn', connector_id: iqn })).uuid
  const volume = `${name}-volume`
  const volume_target = (await made('/v1/volume/targets', { node_uuid: node, volume_type: 'iscsi', boot_index: 0, volume_id: volume })).uuid
  const steps = [{ interface: 'deploy', step: 'x', args: {}, order: 1 }]
  const runbook = (await made('/v1/runbooks', { name: `${name}-runbook`, owner, steps })).uuid
  const allocation = (await made('/v1/allocations', { name: `${name}-allocation`, owner, resource_class: 'none' })).uuid
  // What is left of a node that is gone.
  const retired_node = uuid()
  await s.connections.pool.query(
    `insert into baremetal.retirement (uuid, node, name, owner, serial, state, as_of, asked_at)
     values ($1, $2, $3, $4, $5, 'deleted', '2030-01-01Z', '2030-01-01Z')`,
    [retired_node, uuid(), `${name}-retired`, owner, `${name}-serial`],
  )
  return {
    node,
    retired_node,
    port,
    portgroup,
    chassis,
    event,
    instance,
    address,
    bond,
    iqn,
    volume,
    volume_connector,
    volume_target,
    runbook,
    allocation,
  }
}

/** By place: why the two answers cannot be the same. The answer tells then that something is taken, and nothing of what or whose. */
const TAKEN: Readonly<Record<string, RegExp>> = {
  // Identifiers that clients may choose, addresses of cards, and what storage knows a machine by, are unique in the whole site.
  'node.create body uuid': /^409 .*A node with UUID IT already exists/,
  'node.create body instance_uuid': /^409 .*Instance IT is already associated with a node/,
  'node.update body instance_uuid': /^409 .*Instance IT is already associated with a node/,
  'port.create body uuid': /^409 .*A port with UUID IT already exists/,
  'port.create body address': /^409 .*A port with MAC address IT already exists/,
  'port.update body address': /^409 .*A port with MAC address IT already exists/,
  'volume_connector.create body uuid': /^409 .*A volume connector with UUID IT already exists/,
  'volume_connector.create body connector_id': /^409 .*A volume connector with type iqn and connector ID IT already exists/,
  'volume_connector.update body connector_id': /^409 .*A volume connector with type iqn and connector ID IT already exists/,
  'volume_target.create body uuid': /^409 .*A volume target with UUID IT already exists/,
  'runbook.create body uuid': /^409 .*A runbook with UUID IT already exists/,
  'allocation.create body uuid': /^409 .*An allocation with UUID IT already exists/,
  'portgroup.create body uuid': /^409 .*A portgroup with UUID IT already exists/,
  'portgroup.create body address': /^409 .*A portgroup with MAC address IT already exists/,
  'portgroup.update body address': /^409 .*A portgroup with MAC address IT already exists/,
}

const NOTHING = [
  ...['limit', 'sort_key', 'sort_dir', 'detail', 'fields', 'driver', 'driver_info', 'properties', 'extra', 'instance_info', 'network_data'],
  ...['maintenance', 'provision_state', 'fault', 'conductor_group', 'conductor_groups', 'automated_clean', 'protected', 'protected_reason'],
  ...['retired', 'retired_reason', 'disable_power_off', 'associated', 'sharded', 'include_children', 'conductor', 'indicator', 'setting'],
  ...['trait', 'traits', 'type', 'target', 'timeout', 'configdrive', 'clean_steps', 'deploy_steps', 'service_steps', 'rescue_password'],
  ...['disable_ramdisk', 'runbook', 'enabled', 'reason', 'boot_device', 'persistent', 'state', 'device_type', 'image_url', 'device_types'],
  ...['image_download_source', 'vendor', 'category', 'local_link_connection', 'pxe_enabled', 'physical_network', 'is_smartnic', 'mode'],
  ...[
    'volume_type',
    'boot_index',
    'steps',
    'public',
    'phase',
    'priority',
    'sensitive',
    'conditions',
    'actions',
    'deploy_template',
    'inspection_rule',
  ],
  ...['deploy_template.create name', 'deploy_template.update name', 'deploy_template.create uuid', 'inspection_rule.create uuid'],
  ...['deploy_template.list marker', 'inspection_rule.list marker'],
  ...['available_for_dynamic_portgroup', 'standalone_ports_supported', 'rule', 'who', 'vif', 'description', 'chassis', 'id', 'method'],
  // What a ramdisk tells needs its token, or names what is asked about its own machine only.
  ...['addresses', 'callback_url', 'agent_version', 'agent_token', 'agent_verify_ca', 'agent_status', 'agent_status_message'],
  ...['inventory', 'events'],
  // Searches are the administrators' own, who see everything anyway.
  ...['discovery', 'ranges', 'accounts', 'trust', 'manage', 'keep'],
  // What a BMC is told, and to whom a node is given.
  ...['password', 'to', 'as_of', 'delete', 'nics', 'board', 'disks'],
  ...[
    'network',
    'boot',
    'console',
    'deploy',
    'inspect',
    'management',
    'power',
    'raid',
    'vendor',
    'storage',
    'rescue',
    'bios',
    'firmware',
  ].map(kind => `${kind}_interface`),
]

const run = async (by: 'id' | 'name'): Promise<{ differ: readonly Difference[]; told: readonly string[]; asked: number }> => {
  const theirs = await place(OWNER, LESSEE, `their-${by}`)
  // What the stranger makes under a name of theirs is found by that name: further things of theirs are for further questions.
  for (const more of ['also', 'third']) await place(OWNER, LESSEE, `their-${by}-${more}`)
  const name = (what: string) => `their-${by}-${what}`
  const own = async (): Promise<Things> => ({
    ...(await place(STRANGER, null, `own-${++count}`)),
    driver: 'fake-hardware',
    conductor: 'conductor-1',
    trait: 'CUSTOM_A',
    indicator: 'led@system',
    setting: 'x',
    vif: 'x',
    method: 'x',
  })
  return compareForeign({
    routes: s.routes.filter(r => !r.spec.name.startsWith('rules.')),
    kinds: {
      ...Object.fromEntries(NOTHING.map(field => [field, null])),
      node: 'node',
      uuid: 'node id',
      'port.create uuid': 'port id',
      'portgroup.create uuid': 'portgroup id',
      'chassis.create uuid': 'chassis',
      node_uuid: 'node id',
      parent_node: 'node in a body',
      'node.list parent_node': 'node',
      'node.list.detail parent_node': 'node',
      node_ident: 'node in a body',
      port: 'port',
      candidate_nodes: 'node in a body',
      'allocation.create node': 'node in a body',
      'node.update name': 'third node name',
      'node.create owner': 'party',
      'node.create lessee': 'party',
      'node.update owner': 'party',
      'node.update lessee': 'party',
      'runbook.create owner': 'party',
      'runbook.update owner': 'party',
      'allocation.create owner': 'party',
      volume_connector: 'connector id',
      volume_target: 'target id',
      connector_id: 'iqn',
      volume_id: 'volume',
      runbook: 'runbook',
      allocation: 'allocation',
      retired_node: 'retired_node',
      serial: 'serial',
      'retired_node.list marker': 'retired_node id',
      'volume_connector.create uuid': 'connector id',
      'volume_target.create uuid': 'target id',
      'runbook.create uuid': 'runbook id',
      'allocation.create uuid': 'allocation id',
      'volume_connector.list marker': 'connector id',
      'volume_target.list marker': 'target id',
      'runbook.list marker': 'runbook id',
      'allocation.list marker': 'allocation id',
      'runbook.create name': 'runbook name',
      'runbook.update name': 'third runbook name',
      'allocation.create name': 'allocation name',
      'allocation.update name': 'third allocation name',
      port_uuid: 'port id',
      portgroup: 'portgroup',
      portgroup_uuid: 'portgroup id',
      chassis_uuid: 'chassis',
      event: 'event',
      instance_uuid: 'instance',
      instance_name: 'instance name',
      address: 'address',
      'portgroup.list address': 'portgroup address',
      'portgroup.list.detail address': 'portgroup address',
      'portgroup.create address': 'portgroup address',
      'portgroup.update address': 'portgroup address',
      name: 'node name',
      'port.create name': 'port name',
      'port.update name': 'port name',
      'portgroup.create name': 'portgroup name',
      'portgroup.update name': 'portgroup name',
      owner: 'project',
      lessee: 'project',
      project: 'project',
      shard: 'shard',
      resource_class: 'class',
      description_contains: 'description',
      marker: 'node id',
      'port.list marker': 'port id',
      'portgroup.list marker': 'portgroup id',
      'chassis.list marker': 'chassis',
      'node.history.list marker': 'event',
      'conductor.list marker': null,
    },
    foreign: {
      node: by === 'id' ? theirs.node : name('node'),
      'node id': theirs.node,
      'node name': name('node'),
      'node in a body': by === 'id' ? theirs.node : name('also-node'),
      'third node name': name('third-node'),
      'third runbook name': name('third-runbook'),
      'third allocation name': name('third-allocation'),
      party: idOf('project third'),
      port: by === 'id' ? theirs.port : name('port'),
      'port id': theirs.port,
      'port name': name('port'),
      portgroup: by === 'id' ? theirs.portgroup : name('portgroup'),
      'portgroup id': theirs.portgroup,
      'portgroup name': name('portgroup'),
      runbook: by === 'id' ? theirs.runbook : name('runbook'),
      allocation: by === 'id' ? theirs.allocation : name('allocation'),
      retired_node: by === 'id' ? theirs.retired_node : name('retired'),
      'retired_node id': theirs.retired_node,
      serial: name('serial'),
      'runbook id': theirs.runbook,
      'runbook name': name('runbook'),
      'allocation id': theirs.allocation,
      'allocation name': name('allocation'),
      'connector id': theirs.volume_connector,
      'target id': theirs.volume_target,
      iqn: theirs.iqn,
      volume: theirs.volume,
      chassis: theirs.chassis,
      event: theirs.event,
      instance: theirs.instance,
      'instance name': name('instance'),
      address: theirs.address,
      'portgroup address': theirs.bond,
      project: OWNER,
      shard: name('shard'),
      class: name('class'),
      description: name('description'),
    },
    absent: kind => {
      if (kind.endsWith('address')) return mac()
      const named = / name$|^(shard|class|description|iqn|volume|serial)$/.test(kind)
      const either = ['node', 'node in a body', 'port', 'portgroup', 'runbook', 'allocation', 'retired_node'].includes(kind)
      return named || (either && by === 'name') ? `no-such-${kind.replaceAll(' ', '-')}-${++count}` : uuid()
    },
    secret: [
      ...Object.values(theirs),
      ...['node', 'port', 'portgroup', 'chassis', 'instance', 'description', 'class', 'shard'].map(name),
      OWNER,
      LESSEE,
    ],
    own,
    more: { 'port.create': { body: ['node_ident'] }, 'allocation.create': { body: ['node'] } },
    questions: QUESTIONS,
    fill: ({ spec, of }, body = {}, field, value) => {
      if (of?.operation === 'update') return [{ op: 'add', path: `/${field}`, value }]
      if (field === 'candidate_nodes') return { ...(body as object), candidate_nodes: [value] }
      const { node_uuid, ...rest } = body as Record<string, unknown>
      return spec.name === 'port.create' && field === 'node_ident'
        ? { ...rest, node_ident: value }
        : { ...(body as object), [field]: value }
    },
    ask: async ({ spec }, path, { body, headers }) => {
      const asked = s.call('x.adm', spec.method, path, body, headers)
      let over = false
      void asked.finally(() => {
        over = true
      })
      while (spec.hardware && !over) {
        const { rows } = await s.connections.pool.query('select from baremetal.hardware_call where done_at is null limit 1')
        if (rows.length > 0) await s.conduct()
        else await new Promise(resolve => setImmediate(resolve))
      }
      return asked
    },
  })
}

const QUESTIONS: Readonly<Record<string, (own: Things) => Question>> = {
  'node.create': () => ({ body: { driver: 'fake-hardware' } }),
  'port.create': t => ({ body: { node_uuid: t['node'], address: mac() } }),
  'portgroup.create': t => ({ body: { node_uuid: t['node'] } }),
  'volume_connector.create': t => ({ body: { node_uuid: t['node'], type: 'iqn', connector_id: `iqn.2030-01.new:${++count}` } }),
  'volume_target.create': t => ({
    body: { node_uuid: t['node'], volume_type: 'iscsi', boot_index: 1, volume_id: `new-volume-${++count}` },
  }),
  'runbook.create': () => ({ body: { name: `new-${++count}`, steps: [{ interface: 'deploy', step: 'x', args: {}, order: 1 }] } }),
  'runbook.traits.replace': () => ({ body: { traits: ['CUSTOM_B'] } }),
  'allocation.create': () => ({ body: { resource_class: 'none' } }),
  'node.power.set': () => ({ body: { target: 'power on' } }),
  'node.provision.set': () => ({ body: { target: 'manage' } }),
  'node.boot_mode.set': () => ({ body: { target: 'uefi' } }),
  'node.secure_boot.set': () => ({ body: { target: true } }),
  'node.raid.set': () => ({ body: {} }),
  'node.console.set': () => ({ body: { enabled: false } }),
  'node.maintenance.set': () => ({ body: { reason: 'x' } }),
  'node.release.unclean': () => ({ body: { reason: 'x' } }),
  'node.transfer': () => ({ body: { to: 'x' } }),
  'node.replace': () => ({ body: { disks: [{ old: 'a', new: 'b' }] } }),
  'node.boot_device.set': () => ({ body: { boot_device: 'disk' } }),
  'node.indicators.set': () => ({ body: { state: 'ON' } }),
  'node.vmedia.attach': () => ({ body: { device_type: 'cdrom', image_url: 'http://images.test/x.iso' } }),
  'node.traits.replace': () => ({ body: { traits: ['CUSTOM_B'] } }),
  'node.vifs.attach': () => ({ body: { id: 'x' } }),
  'agent.heartbeat': () => ({ body: { callback_url: '', agent_token: 'x' } }),
  'agent.continue_inspection': () => ({ body: { inventory: { interfaces: [{ mac_address: mac() }] } } }),
  'events.post': () => ({ body: { events: [{ event: 'network.bind_port', port_id: 'p', mac_address: 'm', status: 'ACTIVE' }] } }),
}

it.each(['id', 'name'] as const)(
  'by %s',
  async by => {
    const { differ, told, asked } = await run(by)
    expect(told).toEqual([])
    expect(asked).toBeGreaterThan(90)
    expect(differ.filter(d => !TAKEN[d.place]?.test(d.foreign))).toEqual([])
    // Nothing is listed as taken that is not.
    expect(Object.keys(TAKEN).filter(text => !differ.some(d => d.place === text))).toEqual([])
  },
  300_000,
)
