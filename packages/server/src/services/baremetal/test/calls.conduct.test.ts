import { plus } from '@esi/api/time'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { interruptEverywhere } from '../../../kit/testing/interrupt.ts'
import type { Run } from '../../../kit/work/conductor.ts'
import { conductorsOf } from '../conductors/all.ts'
import { hardwareCalls } from '../conductors/hardware-call.ts'
import { LESSEE, OWNER, type Rig, rig, worldOf } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

const write = async (node: string, what: string, args: object = {}, more: { lease?: string; lessee?: string } = {}): Promise<string> => {
  const id = crypto.randomUUID()
  await r.database.transaction({ at: r.clock.now(), by: {} }, async tx => {
    await r.connections.pool.query(
      `insert into baremetal.hardware_call (id, node, what, args, expires_at, asked_at, lease, lessee) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, node, what, JSON.stringify(args), plus(r.clock.now(), 30_000), r.clock.now(), more.lease ?? null, more.lessee ?? null],
    )
    tx.wake('hardware-call', node)
  })
  return id
}
const answer = async (id: string) =>
  (await r.connections.pool.query('select result, error, done_at from baremetal.hardware_call where id = $1', [id])).rows[0]

describe('calls that the hardware answers', () => {
  test('are made once, whenever their conductor dies', async () => {
    const effects = await interruptEverywhere({
      async start(tap) {
        const { uuid, machine } = await r.enroll()
        const id = await write(uuid, 'nmi')
        const world = await worldOf(r, tap, ['nmi'])
        return { conductor: hardwareCalls(world), key: uuid, database: r.database, clock: r.clock, machine, id }
      },
      async invariant({ machine, id }, moment) {
        // The trial that does everything twice does this twice as well, and the driver is what it is.
        expect(machine.interrupts).toBeLessThanOrEqual(2)
        if (moment === 'finished') expect((await answer(id)).done_at).not.toBeNull()
        if (moment === 'interrupted') expect(machine.interrupts).toBeLessThanOrEqual(1)
      },
    })
    expect(effects).toEqual(['commit', 'nmi', 'commit', 'commit'])
  })

  test('whose answer was lost with the process say so, and readings are made again', async () => {
    const { uuid, machine } = await r.enroll()
    const nmi = await write(uuid, 'nmi')
    const get = await write(uuid, 'boot_device.get')
    await r.connections.pool.query('update baremetal.hardware_call set begun_at = asked_at where node = $1', [uuid])
    await r.conduct()
    expect((await answer(nmi)).error).toEqual({
      fault: 'unreachable',
      message: 'It was asked of the BMC and the answer was lost; whether it was done is not known.',
    })
    expect((await answer(get)).result).toEqual({ device: null, persistent: null })
    expect(machine.interrupts).toBe(0)
  })

  test('are not made for a lessee whose lease has ended, and end at once when it does', async () => {
    const { uuid, machine } = await r.ready()
    const lease = crypto.randomUUID()
    await r.door.assign(uuid, LESSEE, lease)
    const before = await write(uuid, 'nmi', {}, { lease, lessee: LESSEE })
    await r.door.release(uuid, lease)
    expect((await answer(before)).error).toEqual({ fault: 'refused', message: 'The lease has ended.' })
    const after = await write(uuid, 'boot_device.set', { device: 'cdrom', persistent: true }, { lease, lessee: LESSEE })
    await r.conduct()
    expect((await answer(after)).error).toEqual({
      fault: 'expired',
      message: 'The node has changed hands since it was asked for.',
    })
    expect(machine.interrupts).toBe(0)
    expect(machine.boot.device).toBeNull()
  })

  test('that lose the right between the question and the command give none', async () => {
    const { uuid, machine } = await r.ready()
    const lease = crypto.randomUUID()
    await r.door.assign(uuid, LESSEE, lease)
    const id = await write(uuid, 'boot_device.set', { device: 'cdrom', persistent: true }, { lease, lessee: LESSEE })
    const open = r.driver.open.bind(r.driver)
    r.driver.open = settings => {
      const bmc = open(settings)
      return {
        ...bmc,
        setBootDevice: async (...given) => {
          await r.door.release(uuid, lease)
          return bmc.setBootDevice(...given)
        },
      }
    }
    await r.conduct()
    r.driver.open = open
    expect((await answer(id)).error.fault).toBe('expired')
    expect(machine.boot.device).toBeNull()
    await r.until(uuid, n => n.release?.outcome === 'clean')
  })

  test('that change a clean node end its proof; a light does not', async () => {
    const { uuid } = await r.ready()
    await write(uuid, 'indicator.set', { state: 'on' })
    await r.conduct()
    expect((await r.node(uuid)).clean_proof).not.toBeNull()
    await write(uuid, 'boot_device.set', { device: 'pxe', persistent: true })
    await r.conduct()
    expect((await r.node(uuid)).clean_proof).toBeNull()
  })

  test('end with the BMC’s fault and its sentence', async () => {
    const { uuid, machine } = await r.enroll()
    machine.fault = new BmcError('refused', 'The machine is off.')
    const id = await write(uuid, 'nmi')
    const odd = await write(uuid, 'self destruct')
    await r.conduct()
    expect((await answer(id)).error).toEqual({ fault: 'refused', message: 'The machine is off.' })
    expect((await answer(odd)).error).toEqual({ fault: 'unsupported', message: 'There is no call "self destruct".' })
  })
})

describe('the fence', () => {
  test('nothing that touches hardware runs while things are held', async () => {
    const world = await worldOf(r)
    expect(conductorsOf(world).map(c => [c.name, c.outside])).toEqual([
      ['node', true],
      ['power-sync', true],
      ['hardware-call', true],
      ['node-stuck', false],
      ['allocation', false],
      ['discovery', true],
      ['bmc-password', true],
      ['retirement', true],
      ['replacement', true],
    ])
  })

  test('whoever lost the claim commands nothing', async () => {
    const { uuid, machine } = await r.ready()
    await r.power(uuid, 'power on')
    const call = await write(uuid, 'nmi')
    const lost = (): Run => ({
      now: () => r.clock.now(),
      signal: new AbortController().signal,
      check: async () => {
        throw new Error('the claim was lost')
      },
      transaction: work => r.database.transaction({ at: r.clock.now(), by: {} }, work),
      origin: { at: r.clock.now(), by: {} },
      failures: 0,
      takenOver: false,
      settledAt: null,
    })
    // The power watch only reads, and a discovery is of addresses, not of nodes.
    for (const conductor of conductorsOf(await worldOf(r)).filter(c => c.name === 'node' || c.name === 'hardware-call'))
      await expect(conductor.run(uuid, lost())).rejects.toThrow('the claim was lost')
    expect(machine.log).toEqual([])
    expect((await answer(call)).done_at).toBeNull()
  })
})

describe('a state that takes too long', () => {
  test('is told once, with the reason, and is over when the state is', async () => {
    const { uuid, machine } = await r.enroll()
    machine.silent = true
    await r.provision(uuid, 'manage')
    const conducting = r.conduct()
    await expect.poll(async () => machine.waiting.size, { interval: 10, timeout: 20_000 }).toBe(1)
    await r.clock.advance(121_000)
    await expect.poll(async () => (await r.node(uuid)).stuck_at, { interval: 10, timeout: 20_000 }).not.toBeNull()
    expect(await r.events(uuid, 'baremetal.node.stuck')).toMatchObject([{ data: { state: 'verifying', expected: 120 }, projects: [OWNER] }])
    expect(await r.door.stuck()).toMatchObject([{ uuid, state: 'verifying' }])
    machine.hangUp()
    await conducting
    expect(await r.node(uuid)).toMatchObject({ provision_state: 'enroll', stuck_at: null })
    expect(await r.door.stuck()).toEqual([])
  })
})

describe('a system that was there before', () => {
  test('is adopted as it is, inspected before, and undeployed when asked', async () => {
    const { uuid, machine } = await r.enroll({ inspect_interface: undefined })
    await r.provision(uuid, 'manage')
    await r.until(uuid, n => n.provision_state === 'manageable')
    await r.connections.pool.query(`update baremetal.node set inspect_interface = 'redfish' where uuid = $1`, [uuid])
    machine.macs = ['52:54:00:00:00:01', '52:54:00:00:00:02']
    await r.provision(uuid, 'inspect')
    expect(await r.until(uuid, n => n.provision_state === 'manageable')).toMatchObject({ properties: { cpus: 8 }, last_error: null })
    const ports = await r.ask('admin', 'GET', `/v1/nodes/${uuid}/ports`)
    expect(ports.body.ports.map((p: any) => p.address).sort()).toEqual(machine.macs)
    machine.power = 'on'
    machine.log.length = 0
    await r.provision(uuid, 'adopt')
    expect(await r.until(uuid, n => n.provision_state === 'active')).toMatchObject({ power_state: 'power on' })
    expect(machine.log).toEqual([])
    await r.provision(uuid, 'deleted')
    await r.until(uuid, n => n.provision_state === 'available')
    expect(machine.power).toBe('off')
  })

  test('inspection by what cannot look ends with a sentence', async () => {
    const { uuid } = await r.enroll()
    await r.provision(uuid, 'manage')
    await r.until(uuid, n => n.provision_state === 'manageable')
    await r.provision(uuid, 'inspect')
    expect((await r.until(uuid, n => n.provision_state === 'inspect failed')).last_error).toMatch(/Set inspect_interface/)
  })
})

describe('what a lease left undone', () => {
  test('is seen by the owner, and may be overruled by an administrator, who does not make it leasable', async () => {
    const { uuid, machine } = await r.ready()
    const lease = crypto.randomUUID()
    await r.door.assign(uuid, LESSEE, lease)
    machine.fault = new BmcError('credentials', 'It refuses the password.')
    await r.ask('admin', 'PUT', `/v1/nodes/${uuid}/release`, { reason: 'x' }, 409)
    await r.door.release(uuid, lease)
    await r.until(uuid, n => n.release?.quarantined !== undefined)
    const seen = await r.ask('owner', 'GET', `/v1/nodes/${uuid}/release`, undefined, 200)
    expect(seen.body).toMatchObject({
      clean: null,
      release: { lease, quarantined: 'It refuses the password.' },
      verbs: { manage: true, active: expect.stringMatching(/state "clean failed"/) },
      ends: [{ lease, outcome: 'quarantined' }],
    })
    await r.ask('lessee', 'GET', `/v1/nodes/${uuid}/release`, undefined, 404)
    await r.ask('owner', 'PUT', `/v1/nodes/${uuid}/release`, { reason: 'x' }, 403)
    await r.ask('admin', 'PUT', `/v1/nodes/${uuid}/release`, { reason: 'The disks were shredded.' }, 202)
    expect(await r.node(uuid)).toMatchObject({ maintenance: false, fault: null, clean_proof: null, release: { outcome: 'unclean' } })
    expect(await r.door.release(uuid, lease)).toEqual({ is: 'released', proof: { clean: 'no: released unclean' } })
    const { rows } = await r.connections.pool.query('select outcome, said from baremetal.lease_end where lease = $1', [lease])
    expect(rows).toMatchObject([{ outcome: 'unclean', said: { why: 'The disks were shredded.' } }])
    expect(await r.door.assign(uuid, LESSEE, crypto.randomUUID())).toMatchObject({ is: 'waiting' })
  })
})
