import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { interruptEverywhere, type Tap } from '../../../kit/testing/interrupt.ts'
import { allocationConductor } from '../conductors/allocation.ts'
import { nodeConductor } from '../conductors/node.ts'
import { LESSEE, type Rig, rig, worldOf } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

const WRITES = ['setPower', 'setBootDevice', 'setBootMode', 'setSecureBoot', 'insertMedia', 'ejectMedia', 'baseline'] as const

/** The node's conductor with its effects tapped, on the machines of the rig. */
const conductorOf = async (tap: Tap) => ({ conductor: nodeConductor(await worldOf(r, tap, WRITES)), database: r.database, clock: r.clock })

/** A lessee only for its lease; clean only what is off and has nothing inserted; and no proof of a machine that runs. */
const invariant = async ({ key, machine }: { key: string; machine: ReturnType<Rig['driver']['machine']> }) => {
  const n = await r.node(key)
  expect(n.lessee === null).toBe(n.lease === null)
  if (n.clean_proof !== null) {
    expect(machine).toMatchObject({ power: 'off', boot: { device: null } })
    expect(machine.images.size).toBe(0)
  }
  if (n.provision_state === 'available') expect(n.release === null || n.release.ended_at !== undefined).toBe(true)
  return n
}

describe('stopped anywhere, and everything twice', () => {
  test('verify', async () => {
    const effects = await interruptEverywhere({
      async start(tap) {
        const { uuid, machine } = await r.enroll()
        await r.provision(uuid, 'manage')
        return { ...(await conductorOf(tap)), key: uuid, machine }
      },
      async invariant(trial, moment) {
        const n = await invariant(trial)
        if (moment === 'finished') expect(n).toMatchObject({ provision_state: 'manageable', wanted: {}, last_error: null })
        expect(trial.machine.log).toEqual([])
      },
    })
    expect(effects).toEqual(['commit', 'commit'])
  })

  test('clean', async () => {
    const effects = await interruptEverywhere({
      async start(tap) {
        const { uuid, machine } = await r.enroll()
        await r.provision(uuid, 'manage')
        await r.until(uuid, n => n.provision_state === 'manageable')
        machine.power = 'on'
        machine.images.add('http://somewhere/x.iso')
        await r.provision(uuid, 'provide')
        return { ...(await conductorOf(tap)), key: uuid, machine }
      },
      async invariant(trial, moment) {
        const n = await invariant(trial)
        if (moment === 'finished') expect(n).toMatchObject({ provision_state: 'available', clean_proof: { power: 'off', media: 'none' } })
      },
      goOn: async (trial, outcome) => {
        if (outcome.is === 'again') await trial.clock.advance(outcome.after)
        if (outcome.is === 'wait') await trial.clock.set(outcome.until)
        return true
      },
      most: 100,
    })
    expect(effects.filter(e => e !== 'commit')).toEqual(['setPower', 'baseline'])
  })

  test('power on, and off again', async () => {
    for (const target of ['power on', 'rebooting']) {
      const effects = await interruptEverywhere({
        async start(tap) {
          const { uuid, machine } = await r.ready()
          if (target === 'rebooting') {
            await r.power(uuid, 'power on')
            await r.until(uuid, n => n.power_state === 'power on')
            machine.log.length = 0
          }
          await r.power(uuid, target)
          return { ...(await conductorOf(tap)), key: uuid, machine }
        },
        async invariant(trial, moment) {
          const n = await invariant(trial)
          if (moment !== 'finished') return
          expect(n).toMatchObject({ power_state: 'power on', target_power_state: null, wanted: {}, last_error: null, clean_proof: null })
          expect(trial.machine.power).toBe('on')
          expect(trial.machine.log.filter(what => what === 'power off')).toHaveLength(target === 'rebooting' ? 1 : 0)
          expect(trial.machine.log.filter(what => what === 'power on')).toHaveLength(1)
        },
        goOn: async (trial, outcome) => {
          if (outcome.is === 'again') await trial.clock.advance(outcome.after)
          if (outcome.is === 'wait') await trial.clock.set(outcome.until)
          return true
        },
        most: 100,
      })
      expect(effects.filter(e => e !== 'commit')).toEqual(target === 'rebooting' ? ['setPower', 'setPower'] : ['setPower'])
    }
  })

  test('steps of cleaning, each of them once', async () => {
    const effects = await interruptEverywhere({
      async start(tap) {
        const { uuid, machine } = await r.enroll()
        await r.provision(uuid, 'manage')
        await r.until(uuid, n => n.provision_state === 'manageable')
        const clean_steps = [
          { interface: 'power', step: 'power_on' },
          { interface: 'deploy', step: 'wait', args: { seconds: 60 } },
          { interface: 'power', step: 'reboot' },
          { interface: 'power', step: 'power_off' },
        ]
        await r.provision(uuid, 'clean', { clean_steps })
        return { ...(await conductorOf(tap)), key: uuid, machine, began: r.clock.millis() }
      },
      async invariant(trial, moment) {
        const n = await invariant(trial)
        if (moment !== 'finished') return
        expect(n).toMatchObject({ provision_state: 'manageable', power_state: 'power off', clean_step: null, wanted: {}, last_error: null })
        expect(trial.machine.log).toEqual(['power on', 'power off', 'power on', 'power off'])
        expect(trial.clock.millis() - trial.began).toBeGreaterThanOrEqual(60_000)
      },
      goOn: async (trial, outcome) => {
        if (outcome.is === 'again') await trial.clock.advance(outcome.after)
        if (outcome.is === 'wait') await trial.clock.set(outcome.until)
        return true
      },
      most: 100,
    })
    expect(effects.filter(e => e !== 'commit')).toEqual(['setPower', 'setPower', 'setPower', 'setPower'])
  })

  test('an allocation', async () => {
    let kind = 0
    const effects = await interruptEverywhere({
      async start(tap) {
        const resource_class = `interrupted-${++kind}`
        const { uuid, machine } = await r.ready({ resource_class })
        const { body } = await r.ask('owner', 'POST', '/v1/allocations', { resource_class }, 201)
        const world = await worldOf(r, tap)
        return {
          conductor: allocationConductor(world),
          database: world.database,
          clock: r.clock,
          key: body.uuid as string,
          machine,
          node: uuid,
        }
      },
      async invariant(trial, moment) {
        const { body } = await r.ask('owner', 'GET', `/v1/allocations/${trial.key}`)
        const n = await r.node(trial.node)
        // Both say it, or none.
        expect([body.state, body.node_uuid, n.instance_uuid]).toEqual(
          n.instance_uuid === null ? ['allocating', null, null] : ['active', trial.node, trial.key],
        )
        if (moment === 'finished') expect(n.instance_uuid).toBe(trial.key)
        expect((await r.events(trial.key, 'baremetal.allocation.active')).length).toBe(n.instance_uuid === null ? 0 : 1)
      },
    })
    expect(effects).toEqual(['commit'])
  })

  test('the end of a lease', async () => {
    const effects = await interruptEverywhere({
      async start(tap) {
        const { uuid, machine } = await r.ready({ extra: { rack: '1' } })
        const lease = crypto.randomUUID()
        expect(await r.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
        await r.ask('lessee', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/extra/mine', value: 'x' }], 200)
        await r.power(uuid, 'power on', 'lessee')
        await r.until(uuid, n => n.power_state === 'power on' && n.wanted.power === undefined)
        machine.boot = { device: 'cdrom', persistent: true }
        machine.images.add('http://somewhere/x.iso')
        machine.secure = true
        await r.door.release(uuid, lease)
        machine.log.length = 0
        return { ...(await conductorOf(tap)), key: uuid, machine, lease }
      },
      async invariant(trial, moment) {
        const n = await invariant(trial)
        // From the moment of its end on, whatever happens.
        expect(n).toMatchObject({ lessee: null, lease: null, extra: { rack: '1' }, instance_info: {}, console_enabled: false })
        expect(n.extra.mine).toBeUndefined()
        expect(trial.machine.log.filter(what => what === 'power on')).toEqual([])
        const told = (await r.events(trial.key, 'baremetal.node.released')).length
        if (moment === 'interrupted') expect(told).toBe(n.release.ended_at === undefined ? 0 : 1)
        else {
          expect(n).toMatchObject({ provision_state: 'available', release: { outcome: 'clean' } })
          expect(told).toBe(1)
          expect(trial.machine.secure).toBe(false)
          expect(await r.door.release(trial.key, trial.lease)).toMatchObject({ is: 'released', proof: { power: 'off', media: 'none' } })
        }
      },
      goOn: async (trial, outcome) => {
        if (outcome.is === 'again') await trial.clock.advance(outcome.after)
        if (outcome.is === 'wait') await trial.clock.set(outcome.until)
        return true
      },
      most: 100,
    })
    expect(effects.filter(e => e !== 'commit')).toEqual(['setPower', 'baseline', 'setSecureBoot'])
  })
})

test('a conductor that lost its claim gives no command, and one whose wish was withdrawn neither', async () => {
  const { uuid, machine } = await r.ready()
  const lease = crypto.randomUUID()
  await r.door.assign(uuid, LESSEE, lease)
  await r.power(uuid, 'power on', 'lessee')
  // It is about to switch the machine on when the lease ends.
  const open = r.driver.open.bind(r.driver)
  let released: unknown
  r.driver.open = settings => {
    const bmc = open(settings)
    return {
      ...bmc,
      setPower: async (action, call) => {
        if (action === 'on') released = await r.door.release(uuid, lease)
        return bmc.setPower(action, call)
      },
    }
  }
  await r.until(uuid, n => n.release?.ended_at !== undefined)
  r.driver.open = open
  expect(released).toMatchObject({ is: 'releasing' })
  expect(machine.log).toEqual([])
  expect(machine.power).toBe('off')
})
