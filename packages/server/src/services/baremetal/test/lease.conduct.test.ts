import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { states } from '../domain/provision.ts'
import { LESSEE, OWNER, type Rig, rig } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

const lease = () => crypto.randomUUID()
const ended = (n: any) => n.release?.ended_at !== undefined
const set = (uuid: string, column: string, value: unknown) =>
  r.connections.pool.query(`update baremetal.node set ${column} = $2 where uuid = $1`, [uuid, value])
const end = async (uuid: string, id: string) =>
  (await r.connections.pool.query('select * from baremetal.lease_end where node = $1 and lease = $2', [uuid, id])).rows[0]

describe('the beginning of a lease', () => {
  test('gives the project its rights, once, and consumes the proof', async () => {
    const { uuid } = await r.ready()
    await r.ask('lessee', 'GET', `/v1/nodes/${uuid}`, undefined, 404)
    const id = lease()
    expect(await r.door.assign(uuid, LESSEE, id, '2030-02-01T00:00:00.000000Z')).toEqual({ is: 'assigned' })
    expect(await r.door.assign(uuid, LESSEE, id)).toEqual({ is: 'assigned' })
    expect(await r.node(uuid)).toMatchObject({ lessee: LESSEE, lessee_by: 'lease', lease: id, clean_proof: null })
    await r.ask('lessee', 'GET', `/v1/nodes/${uuid}`, undefined, 200)
    expect(await r.events(uuid, 'baremetal.node.assigned')).toHaveLength(1)
    expect(await r.door.assign(uuid, OWNER, lease())).toEqual({
      is: 'waiting',
      why: 'it is leased until 2030-02-01T00:00:00Z to somebody else',
    })
  })

  test('waits while nothing is proven, and has it proven', async () => {
    const { uuid, machine } = await r.ready()
    await r.power(uuid, 'power on')
    await r.until(uuid, n => n.power_state === 'power on' && n.wanted.power === undefined)
    const id = lease()
    expect(await r.door.assign(uuid, LESSEE, id)).toEqual({ is: 'waiting', why: 'it is being proven clean' })
    expect(await r.node(uuid)).toMatchObject({ provision_state: 'cleaning', lessee: null })
    await r.until(uuid, n => n.clean_proof !== null)
    expect(machine.power).toBe('off')
    expect(await r.door.assign(uuid, LESSEE, id)).toEqual({ is: 'assigned' })
  })

  test('says why, and changes nothing', async () => {
    const { uuid } = await r.ready()
    const why = async (project = LESSEE) => {
      const before = await r.node(uuid)
      const answer = await r.door.assign(uuid, project, lease())
      expect(await r.node(uuid)).toEqual(before)
      return answer.is === 'waiting' ? answer.why : answer.is
    }
    await set(uuid, 'maintenance', true)
    expect(await why()).toBe('it is in maintenance')
    await set(uuid, 'maintenance', false)
    await set(uuid, 'retired', true)
    expect(await why()).toBe('it is retired')
    await set(uuid, 'retired', false)
    await set(uuid, 'provision_state', 'active')
    expect(await why()).toBe('its owner uses it (active)')
    await set(uuid, 'provision_state', 'manageable')
    expect(await why()).toBe('its owner has not made it available (manageable)')
    await set(uuid, 'provision_state', 'available')
    await set(uuid, 'wanted', '{"power":{"action":"on","timeout":null,"intent":1}}')
    expect(await why()).toBe('it is just being changed')
    await set(uuid, 'wanted', '{}')
    await set(uuid, 'properties', '{}')
    expect(await why()).toBe('its disks cannot be wiped here, and its owner has not said that they need no wiping (erase: none)')
    expect((await r.door.find(uuid))?.notLeasable).toMatch(/^its disks cannot be wiped/)
    // To its owner's own project it may be leased: nobody else's data is on it, and nobody else sees its own.
    expect(await r.door.assign(uuid, OWNER, lease())).toEqual({ is: 'assigned' })
    expect(await r.door.assign(crypto.randomUUID(), LESSEE, lease())).toEqual({ is: 'waiting', why: 'there is no such node' })
  })

  test('removes its owner’s running system only where the owner said so', async () => {
    const { uuid, machine } = await r.ready({ properties: { erase: 'none', reclaim: 'undeploy' } })
    await set(uuid, 'provision_state', 'active')
    machine.power = 'on'
    const id = lease()
    expect(await r.door.assign(uuid, LESSEE, id)).toEqual({ is: 'waiting', why: 'its owner’s system is being removed' })
    await r.until(uuid, n => n.clean_proof !== null)
    expect(machine.power).toBe('off')
    expect(await r.door.assign(uuid, LESSEE, id)).toEqual({ is: 'assigned' })
  })

  test('stands before a lessee by hand, who may not take it back', async () => {
    const { uuid } = await r.ready()
    await r.ask('admin', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/lessee', value: OWNER }], 200)
    await r.door.assign(uuid, LESSEE, lease())
    await r.until(uuid, n => n.clean_proof !== null || n.lease !== null)
    expect(await r.door.assign(uuid, LESSEE, lease())).toMatchObject({ is: 'assigned' })
    await r.ask('admin', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/lessee', value: OWNER }], 409)
    await r.ask('admin', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/owner', value: LESSEE }], 409)
    await r.ask('admin', 'DELETE', `/v1/nodes/${uuid}`, undefined, 409)
  })
})

describe('the end of a lease', () => {
  test('takes the rights at once, leaves nothing of the lessee, and keeps what is the owner’s', async () => {
    const { uuid, machine } = await r.ready({ extra: { rack: 'r1', shared: 'a' } })
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    const extra = (who: string, op: string, key: string, value?: unknown) =>
      r.ask(who, 'PATCH', `/v1/nodes/${uuid}`, [{ op, path: `/extra/${key}`, ...(value === undefined ? {} : { value }) }], 200)
    await extra('lessee', 'add', 'mine', 'secret')
    await extra('lessee', 'add', 'shared', 'b')
    await extra('lessee', 'remove', 'rack')
    await extra('admin', 'add', 'asset', '42')
    await r.ask('lessee', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info/note', value: 'x' }], 200)
    await r.power(uuid, 'power on', 'lessee')
    await r.until(uuid, n => n.power_state === 'power on')
    machine.boot = { device: 'cdrom', persistent: true }
    machine.images.add('http://evil/x.iso')
    await r.ask('lessee', 'PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'mine' }, 202)
    await r.power(uuid, 'rebooting', 'lessee')

    expect(await r.door.release(uuid, id)).toMatchObject({ is: 'releasing' })
    expect(await r.node(uuid)).toMatchObject({
      lessee: null,
      lessee_by: null,
      lease: null,
      lent: null,
      console_enabled: false,
      target_power_state: null,
      wanted: { provision: { verb: 'release' } },
      provision_state: 'cleaning',
      instance_info: {},
      extra: { rack: 'r1', shared: 'a', asset: '42' },
      maintenance: false,
    })
    expect((await r.node(uuid)).wanted).toEqual({ provision: { verb: 'release', intent: expect.any(Number) } })
    await r.ask('lessee', 'GET', `/v1/nodes/${uuid}`, undefined, 404)
    expect(await r.door.assign(uuid, OWNER, lease())).toMatchObject({
      is: 'waiting',
      why: expect.stringMatching(/^it is being made ready/),
    })

    machine.log.length = 0
    await r.until(uuid, ended)
    expect(machine).toMatchObject({ power: 'off', boot: { device: null } })
    expect(machine.images.size).toBe(0)
    expect(machine.log).toEqual(['power off', 'baseline'])
    const proof = {
      power: 'off',
      ports: 'unknown',
      isolation: 'not isolated',
      disk: 'not wiped, as its owner says (erase: none)',
      boot: 'no override',
      media: 'none',
      bmc: 'baseline',
      'boot mode': 'uefi',
      'secure boot': 'off',
    }
    expect(await r.door.release(uuid, id)).toEqual({ is: 'released', proof })
    expect(await end(uuid, id)).toMatchObject({ outcome: 'clean', proof, project: LESSEE, failures: [] })
    expect(await r.events(uuid, 'baremetal.node.released')).toMatchObject([{ data: { lease: id, proof }, projects: [OWNER, LESSEE] }])
    expect(await r.door.assign(uuid, LESSEE, lease())).toEqual({ is: 'assigned' })
  })

  test('gives ports back as their owner would have them', async () => {
    const { uuid } = await r.ready()
    const made = await r.ask('admin', 'POST', '/v1/ports', { node_uuid: uuid, address: '52:54:00:aa:00:01', extra: { cable: 'red' } }, 201)
    const port = `/v1/ports/${made.body.uuid}`
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    const patch = (who: string, path: string, value: unknown) => r.ask(who, 'PATCH', port, [{ op: 'add', path, value }], 200)
    // In maintenance, which a lessee may declare, even a cable's other end may be changed.
    await r.ask('lessee', 'PUT', `/v1/nodes/${uuid}/maintenance`, {}, 202)
    await patch('lessee', '/extra/mine', 'x')
    await patch('admin', '/physical_network', 'physnet1')
    await patch('lessee', '/physical_network', 'physnet9')
    await patch('lessee', '/pxe_enabled', false)
    await r.door.release(uuid, id)
    expect((await r.ask('admin', 'GET', port)).body).toMatchObject({
      address: '52:54:00:aa:00:01',
      extra: { cable: 'red' },
      physical_network: 'physnet1',
      pxe_enabled: true,
    })
    await r.until(uuid, ended)
  })

  test('leaves maintenance that its owner declared', async () => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    await r.ask('admin', 'PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'a new fan' }, 202)
    await r.door.release(uuid, id)
    machine.fault = new BmcError('unreachable', 'Nobody answers.')
    await r.until(uuid, n => n.release?.quarantined !== undefined)
    machine.fault = undefined
    await r.until(uuid, ended)
    expect(await r.node(uuid)).toMatchObject({ maintenance: true, maintenance_reason: 'a new fan', fault: null })
  })

  test('does not forgive secure boot that the lessee switched off', async () => {
    const { uuid, machine } = await r.enroll({ properties: { erase: 'none' } })
    machine.secure = true
    await r.provision(uuid, 'manage')
    await r.until(uuid, n => n.provision_state === 'manageable')
    await r.provision(uuid, 'provide')
    await r.until(uuid, n => n.provision_state === 'available')
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    machine.secure = false
    machine.mode = 'bios'
    await r.door.release(uuid, id)
    await r.until(uuid, ended)
    expect(machine).toMatchObject({ secure: true, mode: 'uefi' })
  })

  test.each(states)('comes to its end from "%s"', async state => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    machine.power = 'on'
    await set(uuid, 'provision_state', state)
    expect(await r.door.release(uuid, id)).toMatchObject({ is: 'releasing' })
    const n = await r.until(uuid, ended)
    expect(n).toMatchObject({ provision_state: 'available', lessee: null, release: { outcome: 'clean' } })
    expect(n.clean_proof).toMatchObject({ power: 'off' })
    expect(machine.power).toBe('off')
  })

  test('of a machine that is dead is a quarantine, which holds neither lease nor lessee, and ends by itself when it answers', async () => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    machine.fault = new BmcError('unreachable', 'Nobody answers at 10.0.0.1.')
    await r.door.release(uuid, id)
    const n = await r.until(uuid, n => n.release?.quarantined !== undefined)
    expect(n).toMatchObject({
      provision_state: 'clean failed',
      fault: 'clean failure',
      maintenance: true,
      maintenance_reason: 'It could not be proven clean; its owner finds the reason in last_error.',
      last_error: 'Cleaning failed at "power off". Error: Nobody answers at 10.0.0.1.',
      lease: null,
      lessee: null,
    })
    expect(await r.door.release(uuid, id)).toEqual({ is: 'quarantined', reason: 'its hardware does not answer; its owner sees why' })
    // The next one is not told of the owner's addresses.
    expect(await r.door.assign(uuid, LESSEE, lease())).toEqual({
      is: 'waiting',
      why: 'it could not be proven clean after its last use; its owner has to see to it',
    })
    expect((await end(uuid, id)).failures.length).toBeGreaterThan(1)
    await r.ask('admin', 'DELETE', `/v1/nodes/${uuid}`, undefined, 409)
    machine.fault = undefined
    expect(await r.until(uuid, ended)).toMatchObject({ provision_state: 'available', maintenance: false, fault: null, last_error: null })
    expect(await end(uuid, id)).toMatchObject({ outcome: 'clean' })
  })

  test('of a machine that lies is a quarantine that waits for a person, who repairs it and has it cleaned', async () => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    machine.power = 'on'
    machine.lies = true
    await r.door.release(uuid, id)
    const n = await r.until(uuid, n => n.release?.quarantined !== undefined)
    expect(n.release.quarantined).toMatch(/asked 3 times to switch the machine off, and after 60 s it is still on/)
    machine.lies = false
    await r.clock.advance(600_000)
    await r.conduct()
    expect(await r.node(uuid)).toMatchObject({ provision_state: 'clean failed' })
    await r.provision(uuid, 'manage')
    await r.provision(uuid, 'provide')
    expect(await r.until(uuid, ended)).toMatchObject({ provision_state: 'available', maintenance: false, release: { outcome: 'clean' } })
  })

  test('of a BMC that only says that it did its baseline is none', async () => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    machine.images.add('http://somewhere/x.iso')
    machine.stubborn = true
    await r.door.release(uuid, id)
    const n = await r.until(uuid, n => n.release?.quarantined !== undefined)
    expect(n.release.quarantined).toBe('There is still virtual media inserted (1) although all was ejected.')
    expect(n.last_error).toMatch(/^Cleaning failed at "read back"/)
  })

  test('is proven only when a command whose answer was lost can act no more', async () => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    machine.power = 'on'
    machine.loseReplies = 1
    await r.door.release(uuid, id)
    const began = r.clock.millis()
    await r.until(uuid, ended)
    expect(machine.log).toEqual(['power off'])
    expect(r.clock.millis() - began).toBeGreaterThanOrEqual(60_000)
  })

  test('is not proven by what was read before somebody else asked the hardware for something', async () => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    await r.door.release(uuid, id)
    const open = r.driver.open.bind(r.driver)
    let reads = 0
    r.driver.open = settings => {
      const bmc = open(settings)
      return {
        ...bmc,
        bootDevice: async call => {
          const read = await bmc.bootDevice(call)
          if (reads++ > 0) return read
          // Right after the reading, a call of an administrator's is carried out.
          machine.boot = { device: 'cdrom', persistent: true }
          const now = r.clock.now()
          await r.connections.pool.query(
            `insert into baremetal.hardware_call (id, node, what, expires_at, asked_at, begun_at, done_at) values ($1, $2, 'boot_device.set', $3, $3, $3, $3)`,
            [crypto.randomUUID(), uuid, now],
          )
          return read
        },
      }
    }
    await r.until(uuid, ended)
    r.driver.open = open
    expect(reads).toBe(2)
    expect(machine.boot.device).toBeNull()
  })

  test('is not held up by a call that nobody ended', async () => {
    const { uuid } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    await r.connections.pool.query(
      `insert into baremetal.hardware_call (id, node, what, expires_at, asked_at, begun_at) values ($1, $2, 'boot_device.set', $3, $3, $3)`,
      [crypto.randomUUID(), uuid, r.clock.now()],
    )
    await r.door.release(uuid, id)
    await r.conduct()
    expect(ended(await r.node(uuid))).toBe(false)
    await r.until(uuid, ended, 90)
  })

  test('never takes the power in the midst of a firmware update', async () => {
    const { uuid, machine } = await r.ready()
    const id = lease()
    await r.door.assign(uuid, LESSEE, id)
    machine.power = 'on'
    machine.flashing = true
    await set(uuid, 'flash', JSON.stringify({ what: 'firmware', component: 'bios', since: r.clock.now(), job: null }))
    await r.door.release(uuid, id)
    await r.clock.advance(60_000)
    await r.conduct()
    expect(machine.log).toEqual([])
    machine.flashing = false
    await r.until(uuid, ended)
    expect(machine.log).toEqual(['power off'])
  })

  test('of a lease that never was the node’s says so', async () => {
    const { uuid } = await r.ready()
    const before = await r.node(uuid)
    expect(await r.door.release(uuid, lease())).toEqual({ is: 'released', proof: {} })
    expect(await r.node(uuid)).toEqual(before)
  })

  test('takes five minutes where nothing is known, and what it took where it is', async () => {
    const { uuid } = await r.ready()
    expect(await r.door.find(uuid)).toMatchObject({ turnAround: 300_000 })
    for (let i = 1; i <= 20; i++)
      await r.connections.pool.query(
        `insert into baremetal.lease_end (lease, node, began_at, ended_at, outcome)
         values ($1, $2, '2030-01-01', timestamptz '2030-01-01' + $3 * interval '10 seconds', 'clean')`,
        [lease(), uuid, i],
      )
    expect(await r.door.find(uuid)).toMatchObject({ turnAround: 190_000 })
  })
})

test('ten dead machines among fifty keep nobody waiting', async () => {
  const fleet = []
  for (let i = 0; i < 50; i++) fleet.push(await r.enroll())
  for (const [i, { machine }] of fleet.entries()) if (i % 5 === 0) machine.silent = true
  for (const { uuid } of fleet) await r.provision(uuid, 'manage')
  const alive = fleet.filter(({ machine }) => !machine.silent).map(n => n.uuid)
  const conducting = r.conduct()
  const verified = async () =>
    (
      await r.connections.pool.query(
        `select count(*)::int as n from baremetal.node where provision_state = 'manageable' and uuid = any($1)`,
        [alive],
      )
    ).rows[0].n
  // The dead ones hold their places for as long as a call may take, which is longer than this test may.
  await expect.poll(verified, { timeout: 20_000, interval: 50 }).toBe(40)
  const held = `select count(*)::int as n from kit.work where claimed_by is not null and conductor = 'node'`
  await expect.poll(async () => (await r.connections.pool.query(held)).rows[0].n, { timeout: 20_000, interval: 50 }).toBe(10)
  for (const { machine } of fleet) machine.hangUp()
  await conducting
}, 60_000)
