import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf, persona } from '../../../kit/testing/personas.ts'
import { at, LESSEE, OWNER, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site({
    callers: {
      'owner-admin': persona('owner-admin', 'admin', 'owner'),
      'owner-manager': persona('owner-manager', 'manager', 'owner'),
      'lessee-reader': persona('lessee-reader', 'reader', 'lessee'),
    },
  })
}, 60_000)
afterAll(() => s?.close())

const HIDDEN = 'could not be found.'
const nowhere = '11111111-2222-4333-8444-555555555555'

describe('enrolling', () => {
  it('an administrator enrolls for any owner; the driver is all that must be said', async () => {
    const node = await s.enroll({ name: 'first', resource_class: 'gpu', properties: { cpus: 4 } })
    expect(node).toMatchObject({
      name: 'first',
      owner: OWNER,
      provision_state: 'enroll',
      power_state: null,
      lessee: null,
      conductor: 'conductor-1',
      network_interface: 'noop',
      power_interface: 'fake',
      traits: [],
      conductor_group: '',
      maintenance: false,
    })
    const seen = await s.call('owner', 'GET', '/v1/nodes/first')
    expect(seen.body).toEqual(node)
    expect(node['links']).toEqual([
      { href: `http://localhost:80/baremetal/v1/nodes/${node['uuid']}`, rel: 'self' },
      { href: `http://localhost:80/baremetal/nodes/${node['uuid']}`, rel: 'bookmark' },
    ])
  })
  it('is owned by the project of whoever enrolls it, or by nobody where there is no project', async () => {
    expect((await s.call('admin', 'POST', '/v1/nodes', { driver: 'fake-hardware' })).body.owner).toBe(idOf('project admin'))
    expect((await s.call('system', 'POST', '/v1/nodes', { driver: 'fake-hardware' })).body.owner).toBeNull()
  })
  it('a project’s administrator enrolls for its own project only, and members do not at all', async () => {
    const mine = await s.call('owner-admin', 'POST', '/v1/nodes', { driver: 'fake-hardware' })
    expect(mine.body.owner).toBe(OWNER)
    const others = await s.call('owner-admin', 'POST', '/v1/nodes', { driver: 'fake-hardware', owner: LESSEE })
    expect(others.status).toBe(400)
    expect(said(others)).toContain('an owner other than your own project')
    expect((await s.call('owner', 'POST', '/v1/nodes', { driver: 'fake-hardware' })).status).toBe(403)
  })
  it('starts as available for clients that know no enroll', async () => {
    const old = await s.call('admin', 'POST', '/v1/nodes', { driver: 'fake-hardware' }, at(10))
    expect(old.body.provision_state).toBe('available')
    expect((await s.call('admin', 'GET', `/v1/nodes/${old.body.uuid}`, undefined, at(1))).body.provision_state).toBeNull()
  })
  it.each<[string, unknown, RegExp]>([
    ['no driver', {}, /'driver' is a required property/],
    ['a driver that is not enabled', { driver: 'ilo' }, /supports driver ilo/],
    ['a field that there is not', { driver: 'fake-hardware', colour: 'red' }, /colour/],
    ['a field of the server', { driver: 'fake-hardware', power_state: 'power on' }, /power_state/],
    ['a bad UUID', { driver: 'fake-hardware', uuid: 'x' }, /Expected UUID for uuid/],
    ['a bad name', { driver: 'fake-hardware', name: 'a b' }, /invalid name 'a b'/],
    ['a UUID as a name', { driver: 'fake-hardware', name: nowhere }, /invalid name/],
    ['a reserved name', { driver: 'fake-hardware', name: 'detail' }, /reserved/],
    [
      'an interface that the driver has not',
      { driver: 'fake-hardware', power_interface: 'ipmitool' },
      /'ironic.hardware.interfaces.power' entrypoint: ipmitool/,
    ],
    ['a chassis that there is not', { driver: 'fake-hardware', chassis_uuid: nowhere }, /Chassis .* could not be found/],
    ['a parent that there is not', { driver: 'fake-hardware', parent_node: nowhere }, /could not be found/],
    ['properties that are no object', { driver: 'fake-hardware', properties: [] }, /"properties" must be an object/],
    ['a mask where there is no secret', { driver: 'fake-hardware', driver_info: { redfish_password: '******' } }, /there is none/],
    ['no object at all', [], /JSON object/],
  ])('refuses %s, and makes nothing', async (_what, body, words) => {
    const before = (await s.call('admin', 'GET', '/v1/nodes')).body.nodes.length
    const refused = await s.call('admin', 'POST', '/v1/nodes', body)
    expect(refused.status).toBe(400)
    expect(said(refused)).toMatch(words)
    expect((await s.call('admin', 'GET', '/v1/nodes')).body.nodes.length).toBe(before)
  })
  it('refuses a UUID and an instance twice, and a name twice for one owner', async () => {
    const node = await s.enroll({ name: 'twice', instance_uuid: nowhere })
    const again = (fields: object) => s.call('admin', 'POST', '/v1/nodes', { driver: 'fake-hardware', owner: OWNER, ...fields })
    expect(said(await again({ uuid: node['uuid'] }))).toBe(`A node with UUID ${node['uuid']} already exists.`)
    const name = await again({ name: 'twice' })
    expect([name.status, said(name)]).toEqual([409, 'A node with name twice already exists.'])
    expect((await again({ instance_uuid: nowhere })).status).toBe(409)
    // What another project calls its nodes is not told.
    expect((await again({ name: 'twice', owner: LESSEE })).status).toBe(201)
    expect((await s.call('admin', 'GET', '/v1/nodes/twice')).status).toBe(409)
    expect((await s.call('owner', 'GET', '/v1/nodes/twice')).body.uuid).toBe(node['uuid'])
    expect((await s.call('lessee', 'GET', '/v1/nodes/twice')).body.owner).toBe(LESSEE)
  })
  it('carries out a request with an Idempotency-Key once', async () => {
    const ask = () => s.call('admin', 'POST', '/v1/nodes', { driver: 'fake-hardware' }, { 'idempotency-key': 'k1' })
    expect((await ask()).body.uuid).toBe((await ask()).body.uuid)
  })
  it('can be tried', async () => {
    const tried = await s.call('admin', 'POST', '/v1/nodes?dry_run=true', { driver: 'fake-hardware', name: 'tried' })
    expect(tried.status).toBe(200)
    expect((await s.call('admin', 'GET', '/v1/nodes/tried')).status).toBe(404)
  })
})

describe('who sees what', () => {
  let node: Record<string, any>
  beforeAll(async () => {
    node = await s.enroll({
      name: 'let',
      lessee: LESSEE,
      driver_info: { redfish_address: 'https://10.0.0.1', redfish_password: 'hunter2' },
    })
    await s.put(node['uuid'], { last_error: 'the BMC at 10.0.0.1 said no', reservation: null })
  })
  it('an owner sees all but secrets', async () => {
    const { body } = await s.call('owner', 'GET', '/v1/nodes/let')
    expect(body.last_error).toContain('10.0.0.1')
    expect(body.driver_info).toEqual({ redfish_address: 'https://10.0.0.1', redfish_password: '******' })
  })
  it.each(['lessee', 'lessee-reader'])('a %s sees the node, and not what lies behind it', async who => {
    const { body } = await s.call(who, 'GET', '/v1/nodes/let')
    expect(body).toMatchObject({
      uuid: node['uuid'],
      lessee: LESSEE,
      last_error: '** Value Redacted - Requires baremetal:node:get:last_error permission. **',
      reservation: '** Redacted - requires baremetal:node:get:reservation permission. **',
      driver_info: { content: '** Redacted - requires baremetal:node:get:driver_info permission. **' },
      driver_internal_info: { content: '** Redacted - Requires baremetal:node:get:driver_internal_info permission. **' },
    })
    const list = await s.call(who, 'GET', '/v1/nodes/detail')
    expect(list.body.nodes.map((n: any) => [n.uuid, n.last_error]).filter(([uuid]: any) => uuid === node['uuid'])).toEqual([
      [node['uuid'], body.last_error],
    ])
    expect((await s.call(who, 'GET', '/v1/nodes/let/states')).body.last_error).toBe(body.last_error)
  })
  it('a stranger gets the same answer as for what is not there', async () => {
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', [{ op: 'add', path: '/extra/a', value: 1 }]],
      ['DELETE', ''],
      ['GET', '/states'],
      ['PUT', '/states/power', { target: 'power on' }],
      ['PUT', '/states/provision', { target: 'manage' }],
      ['PUT', '/maintenance', {}],
      ['GET', '/traits'],
      ['GET', '/vifs'],
      ['GET', '/history'],
      ['GET', '/ports'],
      ['GET', '/validate'],
      ['GET', '/management/boot_device'],
    ] as const)
      for (const [ident, missing] of [
        [node['uuid'], nowhere],
        ['let', 'gone'],
      ]) {
        const hidden = await s.call('stranger', method, `/v1/nodes/${ident}${path}`, body)
        const absent = await s.call('stranger', method, `/v1/nodes/${missing}${path}`, body)
        expect([hidden.status, said(hidden)]).toEqual([404, `Node ${ident} ${HIDDEN}`])
        expect([absent.status, said(absent)]).toEqual([404, `Node ${missing} ${HIDDEN}`])
      }
    const { body } = await s.call('stranger', 'GET', '/v1/nodes/detail')
    expect(body.nodes).toEqual([])
    // A marker that may not be seen is answered like one that is not there.
    expect((await s.call('stranger', 'GET', `/v1/nodes?marker=${node['uuid']}`)).status).toBe(404)
  })
  it('secrets lie sealed in the database, and are in no event and no reply', async () => {
    const { rows } = await s.connections.pool.query(
      'select row_to_json(n)::text as t from baremetal.node n union all select row_to_json(e)::text from kit.event e',
    )
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) expect(row.t).not.toContain('hunter2')
    const { rows: sealed } = await s.connections.pool.query('select driver_secrets as t from baremetal.node where name = $1', ['let'])
    expect(JSON.parse(s.kit.secrets.open(sealed[0].t))).toEqual({ '/redfish_password': 'hunter2' })
  })
  it('what a lessee may not read is in no event that it hears of', async () => {
    await s.call('owner', 'PATCH', '/v1/nodes/let', [{ op: 'replace', path: '/driver_info/redfish_address', value: 'https://10.0.0.2' }])
    const { rows } = await s.connections.pool.query('select data from kit.event where object_id = $1 and $2 = any(projects)', [
      node['uuid'],
      LESSEE,
    ])
    expect(rows.map(r => r.data)).toContainEqual({ fields: ['driver_info'], before: {}, after: {} })
    for (const row of rows) expect(JSON.stringify(row.data)).not.toContain('10.0.0.')
  })
  it('nobody reads instance secrets, not even an administrator', async () => {
    const patched = await s.call('lessee', 'PATCH', '/v1/nodes/let', [
      { op: 'add', path: '/instance_info', value: { configdrive: 'H4sI', image_url: 'http://x/?sig=1', root_gb: 10, admin_password: 'p' } },
    ])
    expect(patched.status).toBe(200)
    for (const who of ['admin', 'owner', 'lessee'])
      expect((await s.call(who, 'GET', '/v1/nodes/let')).body.instance_info).toEqual({
        configdrive: '******',
        image_url: '******',
        root_gb: 10,
        admin_password: '******',
      })
    const { rows } = await s.connections.pool.query('select data::text as t from kit.event where object_id = $1', [node['uuid']])
    for (const row of rows) expect(row.t).not.toContain('H4sI')
  })
  it('a lessee does not edit, but for extra and instance info', async () => {
    const patch = (path: string, value: unknown) => s.call('lessee', 'PATCH', '/v1/nodes/let', [{ op: 'add', path, value }])
    expect((await patch('/extra/mine', 1)).status).toBe(200)
    expect((await patch('/instance_info/root_gb', 20)).status).toBe(200)
    for (const [path, value] of [
      ['/properties/cpus', 1],
      ['/driver_info/x', 1],
      ['/description', 'x'],
      ['/resource_class', 'x'],
      ['/maintenance', true],
      ['/protected', true],
      ['/owner', LESSEE],
      ['/lessee', LESSEE],
      ['/name', 'x'],
      ['/retired', true],
      ['/driver', 'redfish'],
      ['/network_interface', 'flat'],
    ] as const)
      expect([path, (await patch(path, value)).status]).toEqual([path, 403])
    // One right that is missing is enough: nothing of a mixed change is done.
    const mixed = await s.call('lessee', 'PATCH', '/v1/nodes/let', [
      { op: 'add', path: '/extra/mine', value: 2 },
      { op: 'add', path: '/description', value: 'x' },
    ])
    expect(mixed.status).toBe(403)
    expect((await s.call('lessee', 'GET', '/v1/nodes/let')).body.extra).toEqual({ mine: 1 })
    expect((await s.call('lessee-reader', 'PATCH', '/v1/nodes/let', [{ op: 'add', path: '/extra/x', value: 1 }])).status).toBe(403)
  })
})

describe('a change', () => {
  const patch = (who: string, node: string, ...ops: object[]) => s.call(who, 'PATCH', `/v1/nodes/${node}`, ops)

  it('reaches any depth of a field, by JSON Patch', async () => {
    await s.enroll({ name: 'deep', extra: { a: { b: [1, 2] }, 'x/y': 1 } })
    const { body } = await patch(
      'owner',
      'deep',
      { op: 'add', path: '/extra/a/b/-', value: 3 },
      { op: 'remove', path: '/extra/x~1y' },
      { op: 'add', path: '/extra/a/c', value: { d: null } },
      { op: 'add', path: '/properties/cpus', value: '8' },
    )
    expect(body.extra).toEqual({ a: { b: [1, 2, 3], c: { d: null } } })
    expect(body.properties).toEqual({ cpus: '8' })
  })
  it.each<[string, unknown, RegExp]>([
    ['a body that is no list', {}, /list of JSON Patch/],
    ['an unknown operation', [{ op: 'move', path: '/name', from: '/extra' }], /not one of add, replace, remove/],
    ['an unknown field', [{ op: 'add', path: '/colour', value: 1 }], /no such attribute/],
    ['a field of the server', [{ op: 'replace', path: '/provision_state', value: 'active' }], /cannot be changed/],
    ['the identifier', [{ op: 'replace', path: '/uuid', value: nowhere }], /cannot be changed/],
    ['traits', [{ op: 'add', path: '/traits', value: [] }], /cannot be changed/],
    ['the end of what is mandatory', [{ op: 'remove', path: '/driver' }], /mandatory/],
    ['the end of what is not there', [{ op: 'remove', path: '/extra/none' }], /there is no \/extra\/none/],
    ['a value of the wrong kind', [{ op: 'replace', path: '/extra', value: 'x' }], /"extra" must be an object/],
    ['a bad name', [{ op: 'replace', path: '/name', value: 'ä' }], /Cannot change name to invalid name 'ä'/],
    ['a driver that is not enabled', [{ op: 'replace', path: '/driver', value: 'ipmi' }], /supports driver ipmi/],
    ['a reason without its cause', [{ op: 'add', path: '/retired_reason', value: 'old' }], /only be set when retired is True/],
    ['a path without a slash', [{ op: 'add', path: 'name', value: 'x' }], /must start with "\/"/],
    ['an object’s prototype', '[{"op":"add","path":"/extra/__proto__","value":{"a":1}}]', /there is no/],
  ])('refuses %s', async (_what, body, words) => {
    const node = await s.enroll()
    const refused = await s.call('owner-manager', 'PATCH', `/v1/nodes/${node['uuid']}`, body)
    expect(refused.status).toBe(400)
    expect(said(refused)).toMatch(words)
    expect((await s.call('owner', 'GET', `/v1/nodes/${node['uuid']}`)).body).toEqual(node)
  })
  it('of a secret keeps those that are written back as they were shown', async () => {
    const { uuid } = await s.enroll({ driver_info: { redfish_password: 'one', deploy_secret: 'two', redfish_address: 'a' } })
    const secrets = async () => {
      const { rows } = await s.connections.pool.query('select driver_secrets as t from baremetal.node where uuid = $1', [uuid])
      return rows[0].t === null ? null : JSON.parse(s.kit.secrets.open(rows[0].t))
    }
    await patch('owner', uuid, { op: 'replace', path: '/driver_info/redfish_address', value: 'b' })
    expect(await secrets()).toEqual({ '/redfish_password': 'one', '/deploy_secret': 'two' })
    const shown = await patch('owner', uuid, { op: 'replace', path: '/driver_info/redfish_password', value: 'three' })
    expect(shown.body.driver_info).toEqual({ redfish_password: '******', deploy_secret: '******', redfish_address: 'b' })
    expect(await secrets()).toEqual({ '/redfish_password': 'three', '/deploy_secret': 'two' })
    const { rows } = await s.connections.pool.query(
      "select data from kit.event where object_id = $1 and type = 'baremetal.node.secrets_changed'",
      [uuid],
    )
    expect(rows.map(r => r.data)).toEqual([{ fields: ['driver_info/redfish_password'] }])
    await patch('owner', uuid, { op: 'replace', path: '/driver_info', value: { redfish_address: 'c' } })
    expect(await secrets()).toBeNull()
  })
  it('waits while a conductor holds the node, or while it moves', async () => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { reservation: 'conductor-1' })
    const locked = await patch('owner', uuid, { op: 'add', path: '/extra/a', value: 1 })
    expect([locked.status, said(locked)]).toEqual([
      409,
      `Node ${uuid} is locked by host conductor-1, please retry after the current operation is completed.`,
    ])
    await s.put(uuid, { reservation: null, provision_state: 'cleaning', target_provision_state: 'available' })
    expect(said(await patch('owner', uuid, { op: 'add', path: '/extra/a', value: 1 }))).toContain(
      'can not be updated while a state transition',
    )
    await s.put(uuid, { provision_state: 'clean failed' })
    expect((await patch('owner', uuid, { op: 'add', path: '/extra/a', value: 1 })).status).toBe(200)
  })
  it('of an instance is refused while there is one', async () => {
    const { uuid } = await s.enroll({ instance_uuid: '11111111-2222-4333-8444-000000000001' })
    const other = { op: 'replace', path: '/instance_uuid', value: '11111111-2222-4333-8444-000000000002' }
    expect(said(await patch('owner', uuid, other))).toBe(`Node ${uuid} is associated with instance 11111111-2222-4333-8444-000000000001.`)
    expect((await patch('owner', uuid, { op: 'remove', path: '/instance_uuid' })).status).toBe(200)
    expect((await patch('owner', uuid, other)).status).toBe(200)
  })
  it('of the driver resets its interfaces when it is asked to, and otherwise they must fit', async () => {
    const { uuid } = await s.enroll()
    const driver = [{ op: 'replace', path: '/driver', value: 'redfish' }]
    expect(said(await s.call('admin', 'PATCH', `/v1/nodes/${uuid}`, driver))).toContain('entrypoint: fake')
    const reset = await s.call('admin', 'PATCH', `/v1/nodes/${uuid}?reset_interfaces=true`, driver)
    expect(reset.body).toMatchObject({ driver: 'redfish', power_interface: 'redfish', management_interface: 'redfish' })
    expect(
      (await s.call('admin', 'PATCH', `/v1/nodes/${uuid}?reset_interfaces=true`, [{ op: 'add', path: '/extra/a', value: 1 }])).status,
    ).toBe(400)
  })
  it('of the lessee is the hand’s as long as there is no lease', async () => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { clean_proof: '{"disk":"wiped"}', clean_at: '2030-01-01T00:00:00Z' })
    expect((await patch('owner', uuid, { op: 'add', path: '/lessee', value: LESSEE })).body.lessee).toBe(LESSEE)
    const row = async () => (await s.connections.db.selectFrom('baremetal.node').selectAll().where('uuid', '=', uuid).executeTakeFirst())!
    expect(await row()).toMatchObject({ lessee_by: 'hand', clean_proof: null, clean_at: null })
    await s.put(uuid, { lessee_by: 'lease', lease: nowhere, lease_end: '2030-02-01T00:00:00Z' })
    for (const who of ['owner', 'admin'])
      for (const [field, value] of [
        ['lessee', null],
        ['lessee', OWNER],
        ['owner', LESSEE],
      ] as const) {
        const refused = await s.call(who, 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'replace', path: `/${field}`, value }])
        if (who === 'owner' && field === 'owner') expect(refused.status).toBe(403)
        else {
          expect(refused.status).toBe(409)
          expect(said(refused)).toContain('leased until 2030-02-01T00:00:00Z')
        }
      }
    expect((await s.call('admin', 'DELETE', `/v1/nodes/${uuid}`)).status).toBe(409)
  })
  it('of automated cleaning to no is an administrator’s, to yes an owner’s', async () => {
    const { uuid } = await s.enroll()
    expect((await patch('owner', uuid, { op: 'add', path: '/automated_clean', value: true })).status).toBe(200)
    expect((await patch('owner', uuid, { op: 'add', path: '/automated_clean', value: false })).status).toBe(403)
    expect((await patch('admin', uuid, { op: 'add', path: '/automated_clean', value: false })).status).toBe(200)
  })
})

describe('the end of a node', () => {
  it('is an administrator’s, or of its project’s administrator', async () => {
    const { uuid } = await s.enroll()
    expect((await s.call('owner', 'DELETE', `/v1/nodes/${uuid}`)).status).toBe(403)
    expect((await s.call('owner-admin', 'DELETE', `/v1/nodes/${uuid}`)).status).toBe(204)
    expect((await s.call('admin', 'GET', `/v1/nodes/${uuid}`)).status).toBe(404)
  })
  it('is refused while it is used, protected or has children', async () => {
    const { uuid } = await s.enroll({ instance_uuid: '11111111-2222-4333-8444-0000000000aa' })
    const end = () => s.call('admin', 'DELETE', `/v1/nodes/${uuid}`)
    expect(said(await end())).toContain('is associated with instance')
    await s.put(uuid, { instance_uuid: null, provision_state: 'active' })
    expect(said(await end())).toContain('while it is in provision state "active"')
    await s.put(uuid, { protected: true, maintenance: true })
    expect((await end()).status).toBe(403)
    await s.put(uuid, { protected: false })
    const child = await s.enroll({ parent_node: uuid })
    expect((await s.call('admin', 'GET', `/v1/nodes/${uuid}/children`)).body).toMatchObject({ children: [child['uuid']] })
    expect(said(await end())).toContain('has child nodes')
    await s.call('admin', 'DELETE', `/v1/nodes/${child['uuid']}`)
    expect((await end()).status).toBe(204)
  })
})

describe('versions', () => {
  it('a field is unknown before its version, to read, to choose, to filter by and to write', async () => {
    const { uuid } = await s.enroll({ name: 'old' })
    const shown = await s.call('admin', 'GET', `/v1/nodes/${uuid}`, undefined, at(64))
    expect(shown.body).not.toHaveProperty('lessee')
    expect(shown.body).toHaveProperty('owner')
    for (const [method, path, body] of [
      ['GET', '/v1/nodes?fields=lessee'],
      ['GET', `/v1/nodes?lessee=${LESSEE}`],
      ['GET', '/v1/nodes?sort_key=lessee'],
      ['PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/lessee', value: LESSEE }]],
      ['POST', '/v1/nodes', { driver: 'fake-hardware', lessee: LESSEE }],
    ] as const)
      expect([path, (await s.call('admin', method, path, body, at(64))).status]).toEqual([path, 406])
  })
  it('every reply says which there are', async () => {
    const { headers, status } = await s.call('admin', 'GET', '/v1/nodes', undefined, { 'x-openstack-ironic-api-version': '1.116' })
    expect(status).toBe(406)
    expect(headers['x-openstack-ironic-api-minimum-version']).toBe('1.1')
    expect(headers['x-openstack-ironic-api-maximum-version']).toBe('1.115')
  })
  it('documents need no token', async () => {
    const root = await s.request(undefined, 'GET', '/')
    expect(root.body.versions).toMatchObject([{ id: 'v1', status: 'CURRENT', min_version: '1.1', version: '1.115' }])
    const old = await s.request(undefined, 'GET', '/v1')
    expect(old.body).toHaveProperty('nodes')
    expect(old.body).not.toHaveProperty('portgroups')
    expect((await s.request(undefined, 'GET', '/v1', undefined, at(23))).body).toHaveProperty('portgroups')
  })
})

describe('identifiers', () => {
  it('that can be none are the client’s mistake', async () => {
    for (const [path, status] of [
      ['/v1/nodes/a%20b', 400],
      ['/v1/nodes/a:b/states', 400],
      ['/v1/nodes/none', 404],
      ['/v1/ports/52:54:00:00:00:01', 400],
      ['/v1/ports/none', 404],
      ['/v1/chassis/none', 400],
      ['/v1/portgroups/a%2Fb', 400],
    ] as const)
      expect([path, (await s.call('admin', 'GET', path)).status]).toEqual([path, status])
    expect((await s.call('admin', 'GET', '/v1/ports/none', undefined, at(87))).status).toBe(400)
    expect((await s.call('admin', 'DELETE', '/v1/ports/none')).status).toBe(400)
  })
  it('may end in .json for clients up to 1.90', async () => {
    const { uuid } = await s.enroll({ name: 'plain' })
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}.json`, undefined, at(90))).body.uuid).toBe(uuid)
    expect((await s.call('owner', 'GET', '/v1/nodes/plain.json', undefined, at(90))).body.uuid).toBe(uuid)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}.json`, undefined, at(91))).status).toBe(404)
    const named = await s.enroll({ name: 'plain.json' })
    expect((await s.call('owner', 'GET', '/v1/nodes/plain.json', undefined, at(90))).body.uuid).toBe(named['uuid'])
  })
})
