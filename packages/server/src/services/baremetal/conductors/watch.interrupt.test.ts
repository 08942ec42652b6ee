import { afterAll, beforeAll, expect, test } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import { interruptEverywhere, type Tap, type Trial } from '../../../kit/testing/interrupt.ts'
import type { Conductor } from '../../../kit/work/conductor.ts'
import type { Machine } from '../test/pretend.ts'
import { LESSEE, type Rig, rig, worldOf } from '../test/rig.ts'
import type { World } from '../world.ts'
import { stuckConductor } from './node-stuck.ts'
import { powerSync } from './power-sync.ts'

const WRITES = ['setPower', 'setBootDevice', 'setBootMode', 'setSecureBoot', 'insertMedia', 'ejectMedia', 'nmi', 'baseline'] as const

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

interface Watch extends Trial {
  readonly machine: Machine
  readonly lease?: string
}

const watch = async (tap: Tap, of: (world: World) => Conductor, node: { uuid: string; machine: Machine }): Promise<Watch> => {
  node.machine.log.length = 0
  return { conductor: of(await worldOf(r, tap, WRITES)), key: node.uuid, database: r.database, clock: r.clock, machine: node.machine }
}

/** It comes again every minute; that is no part of this. */
const once = { goOn: async () => false }

const told = async (uuid: string, type: string) => (await r.events(uuid, `baremetal.node.${type}`)).length
const history = async (uuid: string, type: string): Promise<number> =>
  (await r.connections.pool.query('select from baremetal.node_history where node = $1 and event_type = $2', [uuid, type])).rowCount!

test('a machine that somebody switched on may be found out by anybody, any number of times: it is told once, and is clean no more', async () => {
  const effects = await interruptEverywhere<Watch>({
    async start(tap) {
      const node = await r.ready()
      node.machine.power = 'on'
      return watch(tap, powerSync, node)
    },
    ...once,
    async invariant({ key, machine }, moment) {
      const n = await r.node(key)
      const drifts = await told(key, 'drift')
      expect([n.power_state, n.clean_proof === null, drifts, await history(key, 'drift')]).toEqual(
        n.power_state === 'power on' ? ['power on', true, 1, 1] : ['power off', false, 0, 0],
      )
      if (moment === 'finished') expect(n.power_state).toBe('power on')
      // What is read only is not written to, and nobody gets it as it is.
      expect(machine.log).toEqual([])
      if (moment === 'finished') expect(await r.door.assign(key, LESSEE, uuid())).toMatchObject({ is: 'waiting' })
    },
  })
  expect(effects).toEqual(['commit'])
})

test('a BMC that stops answering puts its node into maintenance once, and answering takes it out once', async () => {
  const broken = new BmcError('unreachable', 'It does not answer.')
  const effects = await interruptEverywhere<Watch>({
    async start(tap) {
      const node = await r.ready()
      node.machine.fault = broken
      return watch(tap, powerSync, node)
    },
    async goOn({ key, machine, clock }, outcome) {
      if (outcome.is === 'again') await clock.advance(outcome.after)
      if ((await r.node(key)).fault === 'power failure') machine.fault = undefined
      return (await told(key, 'recovered')) === 0
    },
    async invariant({ key, machine }, moment) {
      const n = await r.node(key)
      const [faults, recoveries] = [await told(key, 'fault'), await told(key, 'recovered')]
      expect([n.maintenance, n.fault]).toEqual(faults > recoveries ? [true, 'power failure'] : [false, null])
      // Not before the third reading in a row that failed.
      if (faults === 0 && moment === 'interrupted') expect(n.power_failures).toBeLessThan(3)
      expect(faults).toBeLessThanOrEqual(1)
      expect(await history(key, 'power')).toBe(faults + recoveries)
      if (moment === 'finished') {
        expect([faults, recoveries]).toEqual([1, 1])
        expect(n).toMatchObject({ power_state: 'power off', power_failures: 0 })
      }
      expect(machine.log).toEqual([])
    },
  })
  expect(effects).toEqual(['commit', 'commit', 'commit', 'commit'])
})

test('a lease that ends goes on when its machine answers again: it is woken once, whoever dies over it', async () => {
  const effects = await interruptEverywhere<Watch>({
    async start(tap) {
      const node = await r.ready()
      const lease = uuid()
      expect(await r.door.assign(node.uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
      node.machine.power = 'on'
      node.machine.fault = new BmcError('unreachable', 'It does not answer.')
      await r.door.release(node.uuid, lease)
      await r.until(node.uuid, n => n.release?.quarantined !== undefined, 7200)
      await r.clock.advance(200_000)
      node.machine.fault = undefined
      return { ...(await watch(tap, powerSync, node)), lease }
    },
    ...once,
    async invariant({ key, lease, machine }, moment) {
      const n = await r.node(key)
      // All along nobody has it.
      expect([n.lessee, n.lease]).toEqual([null, null])
      const { rowCount: woken } = await r.connections.pool.query(
        `select from kit.work where conductor = 'node' and key = $1 and due <= $2`,
        [key, r.clock.now()],
      )
      // Wanted and woken are written together, or the end would wait for ever.
      expect([n.release.quarantined === undefined, n.wanted.provision?.verb === 'release', woken]).toEqual(
        n.release.quarantined === undefined ? [true, true, 1] : [false, false, 0],
      )
      expect(machine.log).toEqual([])
      if (moment !== 'finished') return
      await r.until(key, now => now.release?.ended_at !== undefined)
      expect(await told(key, 'released')).toBe(1)
      expect(machine.power).toBe('off')
      expect(await r.door.release(key, lease!)).toMatchObject({ is: 'released' })
    },
  })
  expect(effects).toEqual(['commit'])
})

test('a node that is stuck is told of once', async () => {
  const effects = await interruptEverywhere<Watch>({
    async start(tap) {
      // Of a class without history.
      const node = await r.enroll({ resource_class: uuid() })
      await r.provision(node.uuid, 'manage')
      return watch(tap, stuckConductor, node)
    },
    async goOn({ clock }, outcome) {
      if (outcome.is === 'wait') await clock.set(outcome.until)
      return outcome.is !== 'done'
    },
    async invariant({ key, clock }, moment) {
      const n = await r.node(key)
      const stuck = n.stuck_at !== null
      expect([await told(key, 'stuck'), await history(key, 'stuck')]).toEqual(stuck ? [1, 1] : [0, 0])
      expect((await r.door.stuck()).map(s => s.uuid).includes(key)).toBe(stuck)
      if (stuck) expect(Date.parse(clock.now()) - Date.parse(n.provision_updated_at)).toBeGreaterThanOrEqual(120_000)
      if (moment === 'finished') expect(stuck).toBe(true)
    },
  })
  expect(effects).toEqual(['commit'])
})

test('a node that got on while it was called stuck is not', async () => {
  await interruptEverywhere<Watch>({
    async start(tap) {
      // Of a class without history.
      const node = await r.enroll({ resource_class: uuid() })
      await r.provision(node.uuid, 'manage')
      const trial = await watch(tap, stuckConductor, node)
      await r.clock.advance(121_000)
      let got: Promise<unknown> | undefined
      const { conductor } = trial
      return {
        ...trial,
        conductor: {
          ...conductor,
          run: (key, run) =>
            conductor.run(key, {
              ...run,
              async transaction(work) {
                got ??= r.connections.pool.query(
                  `update baremetal.node set provision_state = 'manageable', provision_updated_at = $2 where uuid = $1`,
                  [key, r.clock.now()],
                )
                await got
                return run.transaction(work)
              },
            }),
        },
      }
    },
    async invariant({ key }) {
      expect((await r.node(key)).stuck_at).toBeNull()
      expect(await told(key, 'stuck')).toBe(0)
    },
  })
})
