import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Route } from '../../../kit/http/route.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import {
  ASKERS,
  type Asker,
  type Cell,
  callersOf,
  gaps,
  type Matrix,
  matrix,
  type Question,
  type Things,
} from '../../../kit/testing/matrix.ts'
import type { Answer } from '../../../kit/testing/serve.ts'
import { expected, type Least, type Row } from './deviations.ts'
import { LESSEE, OWNER, type Site, site } from './site.ts'

// Who may do what: every route, asked by everybody, about a node of the owner that the lessee has. A change of a rule shows here; and
// what the reference says of its policies must be what the routes answer.

let s: Site
beforeAll(async () => {
  s = await site({ callers: callersOf(ASKERS) })
}, 60_000)
afterAll(() => s?.close())

let count = 0
const mac = () => `52:54:00:00:${(++count >> 8).toString(16).padStart(2, '0')}:${(count & 255).toString(16).padStart(2, '0')}`

const things = async ({ spec: { name, path } }: Route): Promise<Things> => {
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await s.call('admin', 'POST', path, body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return answer.body.uuid
  }
  const node = (await s.enroll({ lessee: LESSEE, network_interface: 'noop' }))['uuid']
  const event = uuid()
  await s.connections.pool.query(
    "insert into baremetal.node_history (uuid, node, created_at, event_type, severity, event) values ($1, $2, '2030-01-01Z', 'test', 'INFO', 'x')",
    [event, node],
  )
  await s.connections.pool.query("insert into baremetal.node_trait (node, trait) values ($1, 'CUSTOM_A')", [node])
  const on = (what: string) => path.includes(`:${what}`)
  // Volumes change while the machine is off.
  if (on('volume_connector') || on('volume_target')) await s.put(node, { power_state: 'power off' })
  const several = { interface: 'deploy', step: 'x', args: {} }
  return {
    node,
    port: on('port') ? await made('/v1/ports', { node_uuid: node, address: mac() }) : '',
    portgroup: on('portgroup') ? await made('/v1/portgroups', { node_uuid: node }) : '',
    chassis: on('chassis') || name === 'node.update' ? await made('/v1/chassis', {}) : '',
    volume_connector: on('volume_connector')
      ? await made('/v1/volume/connectors', { node_uuid: node, type: 'iqn', connector_id: `iqn.2030-01.test:${++count}` })
      : '',
    volume_target: on('volume_target')
      ? await made('/v1/volume/targets', { node_uuid: node, volume_type: 'iscsi', boot_index: 1, volume_id: `volume-${++count}` })
      : '',
    deploy_template: on('deploy_template')
      ? await made('/v1/deploy_templates', { name: `CUSTOM_${++count}`, steps: [{ ...several, priority: 1 }] })
      : '',
    runbook: on('runbook')
      ? await made('/v1/runbooks', { name: `CUSTOM_${++count}`, owner: OWNER, steps: [{ ...several, order: 1 }] })
      : '',
    inspection_rule: on('inspection_rule') ? await made('/v1/inspection_rules', { actions: [{ op: 'fail', args: { msg: 'x' } }] }) : '',
    allocation: on('allocation') || path.endsWith('/allocation') ? await allocated(node) : '',
    event,
    driver: 'fake-hardware',
    conductor: 'conductor-1',
    trait: 'CUSTOM_A',
    discovery: on('discovery') ? await searched() : '',
    retired_node: on('retired_node') ? await retired(node) : '',
    indicator: 'led@system',
    setting: 'ProcVirtualization',
    vif: 'a-port-of-the-network',
    method: 'erase',
  }
}

/** An allocation of the owner's, of its node. */
const allocated = async (node: string): Promise<string> => {
  const id = uuid()
  await s.connections.pool.query(
    `insert into baremetal.allocation (uuid, owner, resource_class, state, node_uuid, created_at) values ($1, $2, 'x', 'active', $3, '2030-01-01Z')`,
    [id, OWNER, node],
  )
  await s.put(node, { instance_uuid: id })
  return id
}

/** The last record of the owner's node. */
const retired = async (node: string): Promise<string> => {
  const id = uuid()
  await s.connections.pool.query(
    `insert into baremetal.retirement (uuid, node, owner, state, as_of, asked_at) values ($1, $2, $3, 'planned', '2030-01-01Z', '2030-01-01Z')`,
    [id, node, OWNER],
  )
  return id
}

/** A search that nobody carries out. */
const searched = async (): Promise<string> => {
  const body = { ranges: ['192.0.2.1'], accounts: [{ username: 'x', password: 'x' }], conductor_group: 'nobody' }
  const answer = await s.call('admin', 'POST', '/v1/discoveries', body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return answer.body.uuid
}

/** Requests that the hardware answers wait for its conductor, which runs as soon as there is something to ask. */
const answered = async (asked: Promise<Answer>): Promise<Answer> => {
  let over = false
  void asked.finally(() => {
    over = true
  })
  while (!over) {
    const { rows } = await s.connections.pool.query('select from baremetal.hardware_call where done_at is null limit 1')
    if (rows.length > 0) await s.conduct()
    else await new Promise(resolve => setImmediate(resolve))
  }
  return asked
}

const set = (path: string, value: unknown): Question => ({ body: [{ op: 'add', path, value }] })

const QUESTIONS: Readonly<Record<string, (things: Things, asker: Asker) => Question>> = {
  'node.create': () => ({ body: { driver: 'fake-hardware' } }),
  'node.create#for another': () => ({ body: { driver: 'fake-hardware', owner: 'somebody' } }),
  'node.update': () => set('/description', 'x'),
  'node.update#driver_info': () => set('/driver_info/a', 'x'),
  'node.update#properties': () => set('/properties/a', 'x'),
  'node.update#chassis_uuid': t => set('/chassis_uuid', t['chassis']),
  'node.update#instance_uuid': () => set('/instance_uuid', uuid()),
  'node.update#lessee': () => set('/lessee', 'somebody'),
  'node.update#owner': () => set('/owner', 'somebody'),
  'node.update#driver_interfaces': () => set('/power_interface', 'fake'),
  'node.update#network_data': () => set('/network_data', {}),
  'node.update#conductor_group': () => set('/conductor_group', ''),
  'node.update#name': () => set('/name', `node-${++count}`),
  'node.update#retired': () => set('/retired', true),
  'node.update#shard': () => set('/shard', 'x'),
  'node.update#parent_node': () => ({ body: [{ op: 'remove', path: '/parent_node' }] }),
  'node.update#disable_power_off': () => set('/disable_power_off', false),
  'node.update#no automated_clean': () => set('/automated_clean', false),
  'node.update#extra': () => set('/extra/a', 'x'),
  'node.update#instance_info': () => set('/instance_info/a', 'x'),
  'node.power.set': () => ({ body: { target: 'power on' } }),
  'node.provision.set': () => ({ body: { target: 'manage' } }),
  'node.boot_mode.set': () => ({ body: { target: 'uefi' } }),
  'node.secure_boot.set': () => ({ body: { target: true } }),
  'node.raid.set': () => ({ body: {} }),
  'node.console.set': () => ({ body: { enabled: false } }),
  'node.maintenance.set': () => ({ body: { reason: 'x' } }),
  'node.release.unclean': () => ({ body: { reason: 'x' }, answer: /is not quarantined/ }),
  'node.bmc_password.rotate': () => ({ body: {}, answer: /reached without an account/ }),
  'node.transfer': () => ({ body: { to: `somebody-${++count}` } }),
  'node.replace': () => ({ body: { disks: [{ old: 'a', new: 'b' }] }, answer: /into maintenance first/ }),
  'node.retire': () => ({ body: { reason: 'x' }, answer: /a project has it/ }),
  'node.retire.undo': () => ({ answer: /is not retired/ }),
  'node.boot_device.set': () => ({ body: { boot_device: 'disk' } }),
  'node.nmi.inject': () => ({ answer: /machine is off/ }),
  'node.indicators.set': () => ({ body: { state: 'ON' } }),
  'node.vmedia.attach': () => ({ body: { device_type: 'cdrom', image_url: 'http://images.test/x.iso' } }),
  'node.traits.replace': () => ({ body: { traits: ['CUSTOM_B'] } }),
  'node.vifs.attach': () => ({ body: { id: 'a-port-of-the-network' } }),
  'node.vifs.detach.none': () => ({ answer: /Say which attachment/ }),
  'node.inventory.show': () => ({ answer: /Node inventory record/ }),
  'node.bios.show': () => ({ answer: /doesn't have a BIOS setting/ }),
  ...Object.fromEntries(
    ['node', 'driver'].flatMap(what =>
      ['get', 'post', 'put', 'patch', 'delete'].flatMap(method => [
        [`${what}.vendor.${method}`, () => ({ answer: /Method not specified/ })],
        [`${what}.vendor.${method}.named`, () => ({ answer: /No handler for method erase/ })],
      ]),
    ),
  ),
  'agent.lookup': t => ({ query: `node_uuid=${t['node']}`, answer: /could not be found/ }),
  'agent.heartbeat': () => ({ body: { callback_url: '' }, answer: /Agent token is required/ }),
  'agent.continue_inspection': () => ({
    body: { inventory: { interfaces: [{ mac_address: '52:54:00:ff:ff:ff' }] } },
    answer: /could not be found/,
  }),
  'events.post': () => ({ body: { events: [{ event: 'network.bind_port', port_id: 'p', mac_address: 'm', status: 'ACTIVE' }] } }),
  'port.create': t => ({ body: { node_uuid: t['node'], address: mac() } }),
  'port.update': () => set('/extra/a', 'x'),
  'portgroup.create': t => ({ body: { node_uuid: t['node'] } }),
  'portgroup.update': () => set('/extra/a', 'x'),
  'chassis.create': () => ({ body: {} }),
  'chassis.update': () => set('/extra/a', 'x'),
  'volume_connector.create': t => ({ body: { node_uuid: t['node'], type: 'iqn', connector_id: `iqn.2030-01.test:${++count}` } }),
  'volume_connector.update': () => set('/extra/a', 'x'),
  'volume_target.create': t => ({ body: { node_uuid: t['node'], volume_type: 'iscsi', boot_index: 0, volume_id: `volume-${++count}` } }),
  'volume_target.update': () => set('/extra/a', 'x'),
  'deploy_template.create': () => ({
    body: { name: `CUSTOM_${++count}`, steps: [{ interface: 'deploy', step: 'x', args: {}, priority: 1 }] },
  }),
  'deploy_template.update': () => set('/extra/a', 'x'),
  'runbook.create': () => ({ body: { name: `CUSTOM_${++count}`, steps: [{ interface: 'deploy', step: 'x', args: {}, order: 1 }] } }),
  'runbook.update': () => set('/extra/a', 'x'),
  'runbook.update#public': () => set('/public', true),
  'runbook.update#owner': () => set('/owner', 'somebody'),
  'runbook.traits.replace': () => ({ body: { traits: ['CUSTOM_B'] } }),
  'inspection_rule.create': () => ({ body: { actions: [{ op: 'fail', args: { msg: 'x' } }] } }),
  'inspection_rule.update': () => set('/description', 'x'),
  'discovery.create': () => ({
    body: { ranges: ['192.0.2.1'], accounts: [{ username: 'x', password: 'x' }], conductor_group: 'nobody' },
  }),
  'discovery.enrol': () => ({ body: {} }),
  'allocation.create': () => ({ body: { resource_class: 'x' } }),
  'allocation.create#for another': () => ({ body: { resource_class: 'x', owner: 'somebody' } }),
  'allocation.update': () => set('/extra/a', 'x'),
  'rules.explain': () => ({ body: { rule: 'baremetal:node:get' } }),
  'rules.explain#others': () => ({ body: { rule: 'baremetal:node:get', who: { roles: ['admin'] } } }),
}

let made: Matrix
it('is as it was agreed, and leaves no route out', async () => {
  made = await matrix({
    routes: s.routes,
    things,
    questions: QUESTIONS,
    ask: ({ token, label }, { spec }, path, { body, headers }) => {
      const asked = s.call(token === 'none' ? (undefined as unknown as string) : label, spec.method, path, body, headers)
      return spec.hardware ? answered(asked) : asked
    },
  })
  await expect(made.text).toMatchFileSnapshot('./matrix.txt')
  expect(gaps(made.uncovered, new URL('./uncovered.txt', import.meta.url))).toEqual({ fresh: [], closed: [] })
}, 600_000)

/** The policies that let through; one of them is enough. What a route asks beside its first is for some bodies and lists only. */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  'node.create': ['node:create', 'node:create:self_owned_node'],
  'node.create#for another': ['node:create'],
  'node.delete': ['node:delete', 'node:delete:self_owned_node'],
  'node.update#driver_info': ['node:update:driver_info'],
  'node.update#properties': ['node:update:properties'],
  'node.update#chassis_uuid': ['node:update:chassis_uuid'],
  'node.update#instance_uuid': ['node:update:instance_uuid'],
  'node.update#lessee': ['node:update:lessee'],
  'node.update#owner': ['node:update:owner'],
  'node.update#driver_interfaces': ['node:update:driver_interfaces'],
  'node.update#network_data': ['node:update:network_data'],
  'node.update#conductor_group': ['node:update:conductor_group'],
  'node.update#name': ['node:update:name'],
  'node.update#retired': ['node:update:retired'],
  'node.update#shard': ['node:update:shard'],
  'node.update#parent_node': ['node:update:parent_node'],
  'node.update#disable_power_off': ['node:update:disable_power_off'],
  'node.update#no automated_clean': ['node:disable_cleaning'],
  'runbook.update#public': ['runbook:update:public'],
  'runbook.update#owner': ['runbook:update:owner'],
  'allocation.create#for another': ['allocation:create_restricted'],
  'node.allocation.show': ['allocation:get'],
  'node.allocation.delete': ['allocation:delete'],
  'node.update#extra': ['node:update_extra'],
  'node.update#instance_info': ['node:update_instance_info'],
}
/** Policies that are asked about no node, but about what is the caller's own or everybody's. */
const UNTIED =
  /^(node:(create|list)|(port|portgroup|volume|allocation|runbook|retired_node):list|(allocation|runbook):create|discovery$|(chassis|driver|conductor|shards|deploy_template|inspection_rule|events):)/

const LADDER = ['admin', 'manager', 'member', 'reader']
const has = ({ roles }: Asker, least: Least): boolean =>
  least !== '-' && roles.some(role => LADDER.includes(role) && LADDER.indexOf(role) <= LADDER.indexOf(least))

/** Whether the reference lets somebody through, by whose project it is. */
const lets = (policy: string, asker: Asker): boolean => {
  // A domain is no project: nothing can be its own.
  if (/^(node:create:self_owned_node|allocation:create|runbook:create)$/.test(policy) && asker.of === 'domain') return false
  const row: Row = expected(policy)!
  const scope = asker.of === 'admin' ? 'system' : asker.of
  if (scope === 'system' && (has(asker, row.system) || (UNTIED.test(policy) && has(asker, row.any)))) return true
  if (scope === 'owner' && has(asker, row.owner)) return true
  if (scope === 'lessee' && has(asker, row.lessee)) return true
  return has(asker, row.any)
}

it('is what the reference says', () => {
  const wrong: string[] = []
  for (const { spec } of s.routes) {
    if (spec.name.startsWith('rules.')) continue
    for (const name of [...made.cells.keys()].filter(n => n.split('#')[0] === spec.name))
      for (const asker of ASKERS) {
        const cell: Cell = made.cells.get(name)!.get(asker.label)!
        const policies = POLICIES[name] ?? spec.policies?.slice(0, 1).map(p => p.replace('baremetal:', '')) ?? []
        // No token, or a bad one, is no question of policies.
        const wanted = spec.open || (asker.token === 'good' && (policies.length === 0 || policies.some(policy => lets(policy, asker))))
        const status = wanted ? 'reached' : asker.token !== 'good' ? 401 : hidden(name, policies[0]!, asker)
        const fits = status === 'reached' ? cell.reached : !cell.reached && cell.status === status
        if (!fits) wrong.push(`${name} as ${asker.label}: ${cell.status}, wanted ${status}`)
      }
  }
  expect(wrong).toEqual([])
})

/** Who may not even see the node gets 404; to put something on it, 400 as for a node that is not there, if it could on one of its own. */
const hidden = (name: string, policy: string, asker: Asker): number => {
  // Its own right to enroll is another one; what it may not is to name an owner.
  if (name === 'node.create#for another' && lets('node:create:self_owned_node', asker)) return 400
  if (UNTIED.test(policy)) return 403
  const [noun] = policy.split(':')
  if (lets(noun === 'allocation' || noun === 'runbook' || noun === 'retired_node' ? `${noun}:get` : 'node:get', asker)) return 403
  if (!/^(port|portgroup|volume_connector|volume_target)\.create$/.test(name)) return 404
  return has(asker, expected(policy)!.owner) && !['system', 'domain'].includes(asker.of) ? 400 : 403
}
