import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { IDENTITY, Rack } from './rack.ts'
import { OWNER, type Rig, rig } from './rig.ts'

let rack: Rack
let r: Rig
beforeEach(async () => {
  rack = new Rack()
  r = await rig(rack)
})
afterEach(() => r.close())

const ACCOUNTS = [
  { username: 'root', password: 'one' },
  { username: 'admin', password: 'zwei-und-zwanzig' },
]
const begin = async (body: object = {}, status = 202) =>
  (await r.ask('admin', 'POST', '/v1/discoveries', { ranges: ['10.0.0.1-10.0.0.40'], accounts: ACCOUNTS, ...body }, status)).body
const look = async (uuid: string) => (await r.ask('admin', 'GET', `/v1/discoveries/${uuid}`, undefined, 200)).body
const found = async (body: object = {}) => {
  const { uuid } = await begin(body)
  await r.conduct()
  return look(uuid)
}
const enrol = async (uuid: string, body: object = {}, status = 202) =>
  (await r.ask('admin', 'POST', `/v1/discoveries/${uuid}/enrol`, body, status)).body
const rows = async (sql: string) => (await r.connections.pool.query(sql)).rows

describe('a search', () => {
  it('finds what answers, counts what does not, and says why it was not let in', async () => {
    rack.at.set('10.0.0.3', {})
    rack.at.set('10.0.0.5', {
      password: 'zwei-und-zwanzig',
      certificate: 'sha256:aa',
      identity: { serial: 'S-2', uuid: null, macs: [], bmcMacs: [] },
    })
    rack.at.set('10.0.0.7', { password: 'three' })
    rack.at.set('10.0.0.9', { fault: new BmcError('settings', 'It manages several systems.') })
    const begun = await begin()
    expect(begun).toMatchObject({ state: 'searching', progress: { addresses: 40, done: 0 }, found: [] })
    await r.conduct()
    const d = await look(begun.uuid)
    expect(d).toMatchObject({ state: 'done', progress: { addresses: 40, done: 40, silent: 36 } })
    expect(d.found).toEqual([
      {
        address: '10.0.0.3',
        driver: 'pretend',
        vendor: 'Contoso',
        model: 'T1000',
        serial: 'S-1',
        uuid: IDENTITY.uuid,
        bmc_version: '6.10',
        cpus: 64,
        memory_mb: 262_144,
        nics: [
          { mac: 'aa:bb:cc:00:00:01', shared_lom: null },
          { mac: 'aa:bb:cc:00:00:02', shared_lom: 'same address' },
        ],
        certificate: null,
        weak: [],
        node: null,
      },
      expect.objectContaining({ address: '10.0.0.5', serial: 'S-2', certificate: 'sha256:aa', weak: ['old'], nics: [] }),
    ])
    expect(d.failed).toEqual([
      { address: '10.0.0.7', driver: 'pretend', fault: 'credentials', message: 'It refuses the password.' },
      { address: '10.0.0.9', driver: 'pretend', fault: 'settings', message: 'It manages several systems.' },
    ])
    // Another account helps only against a refused one.
    expect(rack.tried.filter(t => t.startsWith('10.0.0.9'))).toEqual(['10.0.0.9 root'])
    expect(rack.machine('10.0.0.3').log).toEqual([])
    expect(await r.events(begun.uuid)).toMatchObject([{ type: 'baremetal.discovery.created' }, { type: 'baremetal.discovery.finished' }])
  })

  it('sends no password to whom nobody vouches for, where only what is known is trusted', async () => {
    rack.at.set('10.0.0.3', { certificate: 'sha256:aa' })
    const d = await found({ trust: 'known' })
    expect(d.failed).toMatchObject([{ fault: 'certificate', message: expect.stringContaining('sha256:aa') }])
    expect(rack.tried).toEqual([])
  })

  it('goes on where another process left it', async () => {
    rack.at.set('10.0.0.3', {})
    const { uuid } = await begin()
    await r.connections.pool.query("update baremetal.discovery_address set state = 'silent' where position < 30 and position <> 2")
    await r.conduct()
    expect((await look(uuid)).found).toHaveLength(1)
    expect(rack.asked).toHaveLength(11)
  })

  it.each([
    [{ ranges: ['10.0.0.0/8'] }, /4096/],
    [{ ranges: ['all'] }, /no range of addresses/],
    [{ ranges: [] }, /at least one/],
    [{ accounts: [] }, /one to 3 accounts/],
    [{ accounts: [...ACCOUNTS, ...ACCOUNTS] }, /one to 3 accounts/],
    [{ accounts: [{ username: 'root', passwort: 'zwei-und-zwanzig' }] }, /Account 1/],
    [{ driver: 'redfish' }, /redfish/],
  ])('%j is refused', async (body, words) => {
    const answer = await begin(body, 400)
    expect(answer.error_message).toMatch(words)
    expect(JSON.stringify(answer)).not.toContain('zwei-und-zwanzig')
    expect(await rows('select from baremetal.discovery')).toHaveLength(0)
  })

  it('is for administrators only, and nobody else learns of it', async () => {
    const { uuid } = await begin()
    for (const who of ['owner', 'lessee'])
      for (const [method, path, body] of [
        ['POST', '/v1/discoveries', { ranges: ['10.0.0.1'], accounts: ACCOUNTS }],
        ['GET', `/v1/discoveries/${uuid}`, undefined],
        ['DELETE', `/v1/discoveries/${uuid}`, undefined],
        ['POST', `/v1/discoveries/${uuid}/enrol`, {}],
      ] as const)
        expect((await r.ask(who, method, path, body)).status, `${who} ${method} ${path}`).toBe(403)
    expect((await r.ask('admin', 'GET', '/v1/discoveries/nonesuch')).status).toBe(404)
  })

  it('tried out leaves nothing', async () => {
    await r.ask('admin', 'POST', '/v1/discoveries?dry_run=true', { ranges: ['10.0.0.1'], accounts: ACCOUNTS })
    expect(await rows('select from baremetal.discovery')).toHaveLength(0)
  })
})

describe('passwords', () => {
  it('are sealed in the database, told nowhere, and forgotten in the end', async () => {
    rack.at.set('10.0.0.3', { password: 'zwei-und-zwanzig' })
    const d = await found()
    const dump = async () =>
      JSON.stringify([
        await rows('select * from baremetal.discovery'),
        await rows('select * from baremetal.discovery_address'),
        await rows('select * from kit.event'),
        await rows('select * from kit.work'),
      ])
    expect(await dump()).not.toContain('zwei-und-zwanzig')
    expect(await dump()).toContain('esi1:')
    expect(JSON.stringify(d)).not.toContain('zwei')
    await r.clock.advance(3_600_000)
    await r.conduct()
    expect((await r.ask('admin', 'GET', `/v1/discoveries/${d.uuid}`)).status).toBe(404)
    expect(await rows('select from baremetal.discovery_address')).toHaveLength(0)
  })

  it('go with the search when it is ended by hand', async () => {
    const d = await found()
    await r.ask('admin', 'DELETE', `/v1/discoveries/${d.uuid}`, undefined, 204)
    expect(await rows('select from baremetal.discovery')).toHaveLength(0)
  })
})

describe('enrolling', () => {
  it('makes nodes with ports, has them verified, and forgets the passwords', async () => {
    rack.at.set('10.0.0.3', { certificate: 'sha256:aa' })
    rack.at.set('10.0.0.4', { identity: { serial: null, uuid: null, macs: ['aa:bb:cc:00:00:09'] } })
    const d = await found()
    const answer = await enrol(d.uuid, { owner: OWNER, resource_class: 'big', properties: { rack: '7' } })
    expect(answer).toEqual({
      nodes: [
        { uuid: expect.any(String), name: 's-1', address: '10.0.0.3', ports: 2 },
        { uuid: expect.any(String), name: 'bmc-10-0-0-4', address: '10.0.0.4', ports: 1 },
      ],
      skipped: [],
    })
    const node = (await r.ask('owner', 'GET', '/v1/nodes/s-1', undefined, 200)).body
    expect(node).toMatchObject({
      driver: 'pretend',
      owner: OWNER,
      resource_class: 'big',
      provision_state: 'verifying',
      driver_info: { address: '10.0.0.3', pinned: 'sha256:aa', username: 'root', password: '******' },
      properties: { vendor: 'Contoso', model: 'T1000', cpus: 64, memory_mb: 262_144, rack: '7' },
      extra: { discovered: { address: '10.0.0.3', serial: 'S-1', uuid: IDENTITY.uuid } },
    })
    const { ports } = (await r.ask('admin', 'GET', `/v1/ports/detail?node=${node.uuid}&sort_key=address`, undefined, 200)).body
    expect(ports.map((p: any) => [p.address, p.extra])).toEqual([
      ['aa:bb:cc:00:00:01', {}],
      ['aa:bb:cc:00:00:02', { shared_lom: 'same address' }],
    ])
    await r.until(node.uuid, n => n.provision_state === 'manageable')
    expect(await rows('select from baremetal.discovery')).toHaveLength(0)
  })

  it('leaves what is a node already, however it is known', async () => {
    rack.at.set('10.0.0.3', {})
    const first = await found()
    expect((await enrol(first.uuid)).nodes).toHaveLength(1)
    // The same machine at another address: known by its UUID and its cards.
    rack.at.set('10.0.0.4', {})
    rack.at.delete('10.0.0.3')
    const again = await found()
    expect(again.found).toMatchObject([{ address: '10.0.0.4', node: { name: 's-1' } }])
    expect(await enrol(again.uuid)).toEqual({ nodes: [], skipped: [{ address: '10.0.0.4', why: 'It is the node s-1 already.' }] })
    expect(await rows('select from baremetal.node')).toHaveLength(1)
  })

  it('takes only what it is told, and can go on later', async () => {
    for (const n of [3, 4, 5]) rack.at.set(`10.0.0.${n}`, { identity: { serial: 'SAME', uuid: null, macs: [`aa:bb:cc:00:01:0${n}`] } })
    const d = await found()
    expect(await enrol(d.uuid, { addresses: ['10.0.0.99'] }, 400)).toMatchObject({ error_message: expect.stringContaining('10.0.0.99') })
    const one = await enrol(d.uuid, { addresses: ['10.0.0.4'], keep: true, manage: false, name: 'rack1-{n}' })
    expect(one.nodes).toMatchObject([{ name: 'rack1-1' }])
    expect((await r.ask('admin', 'GET', '/v1/nodes/rack1-1', undefined, 200)).body.provision_state).toBe('enroll')
    const rest = await enrol(d.uuid)
    // Two machines say that they have the same serial number.
    expect(rest.nodes.map((n: any) => n.name)).toEqual(['same', 'same-10-0-0-5'])
    expect(rest.skipped).toEqual([{ address: '10.0.0.4', why: 'It is the node rack1-1 already.' }])
  })

  it('ends what it has begun, and never makes a machine twice', async () => {
    rack.at.set('10.0.0.3', {})
    const d = await found()
    const [a, b] = await Promise.all([enrol(d.uuid, { keep: true }), enrol(d.uuid, { keep: true })])
    expect(a.nodes.length + b.nodes.length).toBeGreaterThanOrEqual(1)
    expect(await rows('select from baremetal.node')).toHaveLength(1)
    // As if the process had died after the node was made.
    await r.connections.pool.query('delete from baremetal.port')
    expect((await enrol(d.uuid)).nodes).toMatchObject([{ name: 's-1', ports: 2 }])
    expect(await rows('select from baremetal.port')).toHaveLength(2)
  })

  it('tried out makes nothing and forgets nothing', async () => {
    rack.at.set('10.0.0.3', {})
    const d = await found()
    const answer = (await r.ask('admin', 'POST', `/v1/discoveries/${d.uuid}/enrol?dry_run=true`, {})).body
    expect(JSON.stringify(answer)).toContain('s-1')
    expect(await rows('select from baremetal.node')).toHaveLength(0)
    expect(await rows('select from baremetal.discovery')).toHaveLength(1)
  })

  it('tried out shows a machine that answers at two addresses once, as carried out', async () => {
    rack.at.set('10.0.0.3', {})
    rack.at.set('10.0.0.4', {})
    rack.at.set('10.0.0.5', { identity: { serial: 'S-2', uuid: null, macs: IDENTITY.macs } })
    rack.at.set('10.0.0.6', { identity: { serial: 'S-3', uuid: null, macs: [] } })
    const d = await found()
    const { nodes, skipped } = (await r.ask('admin', 'POST', `/v1/discoveries/${d.uuid}/enrol?dry_run=true`, {}, 200)).body
    expect(nodes.map((n: any) => n.address)).toEqual(['10.0.0.3', '10.0.0.6'])
    expect(skipped).toEqual([
      { address: '10.0.0.4', why: 'It is the machine at 10.0.0.3 too.' },
      { address: '10.0.0.5', why: 'It is the machine at 10.0.0.3 too.' },
    ])
    const done = await enrol(d.uuid)
    expect(done.nodes.map((n: any) => n.address)).toEqual(['10.0.0.3', '10.0.0.6'])
    expect(done.skipped.map((s: any) => s.address)).toEqual(['10.0.0.4', '10.0.0.5'])
  })

  it('of two searches at once that found one machine makes one node of it, before it has ports as well', async () => {
    const it = { serial: null, uuid: null, macs: ['aa:bb:cc:00:00:21'] }
    rack.at.set('10.0.0.3', { identity: it })
    const one = await found()
    rack.at.delete('10.0.0.3')
    rack.at.set('10.0.0.4', { identity: it })
    const other = await found()
    expect(other.found.map((f: any) => f.address)).toEqual(['10.0.0.4'])
    // The first one is held up between its node and its ports.
    const client = await r.connections.pool.connect()
    try {
      await client.query('begin; lock table baremetal.port in share mode')
      const first = enrol(one.uuid, { keep: true, manage: false })
      await expect.poll(() => rows('select from baremetal.node')).toHaveLength(1)
      expect(await enrol(other.uuid, { keep: true })).toEqual({
        nodes: [],
        skipped: [{ address: '10.0.0.4', why: 'It is the node bmc-10-0-0-3 already.' }],
      })
      await client.query('commit')
      expect((await first).nodes).toHaveLength(1)
    } finally {
      client.release()
    }
    // What it was claimed by is free again with its node.
    await r.ask('admin', 'DELETE', '/v1/nodes/bmc-10-0-0-3', undefined, 204)
    expect((await enrol(other.uuid)).nodes).toMatchObject([{ address: '10.0.0.4', ports: 1 }])
    expect(await rows('select key from baremetal.discovery_claim')).toEqual([])
  })

  it('of many searches at once that found one machine at one address makes one node of it', async () => {
    rack.at.set('10.0.0.3', { identity: { serial: null, uuid: null, macs: [] } })
    const all: any[] = []
    for (let i = 0; i < 6; i++) all.push(await found({ ranges: ['10.0.0.3'] }))
    const answers = await Promise.all(all.map((d, i) => enrol(d.uuid, { keep: true, manage: false, name: `same-${i}` })))
    expect(answers.flatMap(a => a.nodes)).toHaveLength(1)
    expect(await rows('select from baremetal.node')).toHaveLength(1)
    const [node] = answers.flatMap(a => a.nodes)
    expect(answers.flatMap(a => a.skipped)).toEqual(Array(5).fill({ address: '10.0.0.3', why: `It is the node ${node.name} already.` }))
  })

  it('refuses names that mean nothing', async () => {
    const d = await found()
    expect(await enrol(d.uuid, { name: '{host}' }, 400)).toMatchObject({ error_message: expect.stringContaining('{serial}') })
  })
})
