import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { interruptEverywhere, type Tap, type Trial } from '../../../../kit/testing/interrupt.ts'
import { again } from '../../../../kit/work/conductor.ts'
import { PART_WRITES, type Parts, Workshop } from '../../test/parts.ts'
import { LESSEE, type Rig, rig, worldOf } from '../../test/rig.ts'
import { nodeConductor } from '../node.ts'

/** ESI_TEST_DEATHS=1,2 has whoever takes over die as well, after so many effects, and who comes then. */
const DEATHS = process.env['ESI_TEST_DEATHS']?.split(',').map(Number)

const workshop = new Workshop()
let r: Rig
beforeAll(async () => {
  r = await rig(workshop)
  workshop.now = () => r.clock.millis()
}, 60_000)
afterAll(async () => r?.close())

interface Work extends Trial {
  readonly machine: Parts
}

type Way = 'clean' | 'service'

/** A BMC takes none of these a second time while it is at the first, so no lower layer sends them again. */
const ONCE = ['updateFirmware', 'createVolume']

/** A node that is about to do those steps: one of its owner's, or one that somebody has. */
const begin = async (tap: Tap, way: Way, steps: readonly object[], prepare: (machine: Parts) => void, target?: object): Promise<Work> => {
  const { uuid } = await r.enroll()
  await r.provision(uuid, 'manage')
  await r.until(uuid, n => n.provision_state === 'manageable')
  const machine = workshop.machine((await r.node(uuid)).driver_info.address)
  prepare(machine)
  await r.connections.pool.query(
    `update baremetal.node set bios_interface = 'redfish', firmware_interface = 'redfish', raid_interface = 'redfish', power_state = $2,
       provision_state = $3, target_raid_config = $4 where uuid = $1`,
    [uuid, `power ${machine.power}`, way === 'service' ? 'active' : 'manageable', target ?? {}],
  )
  await r.provision(uuid, way, { [`${way}_steps`]: steps })
  const world = await worldOf(r, tap, PART_WRITES, ONCE)
  return { conductor: nodeConductor(world), database: r.database, clock: r.clock, key: uuid, machine, stop: () => forget(uuid) }
}

/** Nothing more is due for it, so that later trials do not look at it each time that they move the clock. */
const forget = async (uuid: string) => void (await r.connections.pool.query('delete from kit.work where key = $1', [uuid]))

const onwards = {
  async goOn({ clock }: Work, outcome: { is: string; after?: number; until?: any }) {
    if (outcome.is === 'again') await clock.advance(outcome.after!)
    if (outcome.is === 'wait') await clock.set(outcome.until)
    return true
  },
  most: 1500,
  ...(DEATHS === undefined ? {} : { deaths: DEATHS }),
}

const told = async (uuid: string) => {
  const { rows } = await r.connections.pool.query(
    `select severity, event_type, event from baremetal.node_history where node = $1 and event_type <> 'provisioning' order by created_at`,
    [uuid],
  )
  return rows
}

/** Arrived where it was sent, told once, and nothing left behind. */
const arrived = async ({ key, machine }: Work, way: Way, words: string, power: 'on' | 'off') => {
  const n = await r.node(key)
  expect(n).toMatchObject({
    provision_state: way === 'service' ? 'active' : 'manageable',
    target_provision_state: null,
    power_state: `power ${power}`,
    wanted: {},
    flash: null,
    notes: null,
    clean_step: null,
    service_step: null,
    last_error: null,
    maintenance: false,
    fault: null,
    clean_proof: null,
  })
  expect(machine.power).toBe(power)
  expect(await told(key)).toEqual([{ severity: 'INFO', event_type: way === 'service' ? 'service' : 'cleaning', event: `Did ${words}.` }])
  for (const type of ['quarantined', 'service_failed', 'power_failed', 'provision_failed'])
    expect(await r.events(key, `baremetal.node.${type}`)).toEqual([])
}

/** Nobody takes the power of a machine that is written to, and nothing is called done that is not. */
const never = async ({ key, machine }: Work) => {
  expect(machine.bricked).toBe(false)
  const n = await r.node(key)
  expect(['cleaning', 'servicing', 'manageable', 'active']).toContain(n.provision_state)
  if (machine.writing !== undefined) expect(n.flash).not.toBeNull()
  expect((await told(key)).length).toBe(['cleaning', 'servicing'].includes(n.provision_state) ? 0 : 1)
}

const image = (component: string, version: string, more: object = {}) => ({
  component,
  url: `http://images.example/${component}-${version}.bin`,
  ...more,
})
const step = (kind: string, name: string, args?: object) => ({ interface: kind, step: name, ...(args ? { args } : {}) })

describe.each<Way>(['clean', 'service'])('stopped anywhere, %s', way => {
  test.each([undefined, [1, 1, 1]])('BIOS settings come after the reset, and stay; further deaths after %j', async deaths => {
    const steps = [step('bios', 'factory_reset'), step('bios', 'apply_configuration', { settings: [{ name: 'Boots', value: '7' }] })]
    const effects = await interruptEverywhere<Work>({
      start: tap =>
        begin(tap, way, steps, machine => {
          machine.power = way === 'service' ? 'on' : 'off'
        }),
      ...onwards,
      ...(deaths ? { deaths } : {}),
      async invariant(trial, moment) {
        await never(trial)
        const { machine } = trial
        const set = machine.log.indexOf('set {"Boots":7}')
        if (set >= 0) expect(machine.log.lastIndexOf('reset')).toBeLessThan(set)
        if (moment !== 'finished') return
        await arrived(trial, way, 'bios.factory_reset, bios.apply_configuration', way === 'service' ? 'on' : 'off')
        expect([machine.bios, machine.pending, machine.starts]).toEqual([{ Boots: 7, Quiet: true }, {}, 2])
      },
    })
    expect(effects.filter(e => e !== 'commit' && e !== 'setPower')).toEqual(['resetBios', 'setBios'])
  })

  test.each([
    { staged: false, mute: false },
    { staged: false, mute: true },
    { staged: true, mute: false },
  ])(
    'every image is written once: %j',
    async kind => {
      const steps = [step('firmware', 'update', { settings: [image('bios', '2.0.0'), image('bmc', '3.0.0', { wait: 5 })] })]
      const effects = await interruptEverywhere<Work>({
        start: tap =>
          begin(tap, way, steps, machine => {
            machine.power = way === 'service' ? 'on' : 'off'
            Object.assign(machine, kind)
          }),
        ...onwards,
        async invariant(trial, moment) {
          await never(trial)
          const { machine, key } = trial
          if (moment !== 'finished') return
          await arrived(trial, way, 'firmware.update', way === 'service' ? 'on' : 'off')
          expect(machine.flashed).toEqual(['bios 2.0.0', 'bmc 3.0.0'])
          const { rows } = await r.connections.pool.query(
            'select component, current_version, last_version_flashed from baremetal.firmware_component where node = $1 order by 1',
            [key],
          )
          expect(rows).toEqual([
            { component: 'bios', current_version: '2.0.0', last_version_flashed: '2.0.0' },
            { component: 'bmc', current_version: '3.0.0', last_version_flashed: '3.0.0' },
          ])
        },
      })
      expect(effects.filter(e => e !== 'commit' && e !== 'setPower')).toEqual(['updateFirmware', 'updateFirmware'])
    },
    240_000,
  )

  test.each([
    { staged: false, mute: false },
    { staged: false, mute: true },
    { staged: true, mute: false },
    { staged: true, mute: true, single: true },
  ])(
    'volumes are parted and joined once: %j',
    async kind => {
      const logical = (name: string) => ({ raid_level: '1', size_gb: 'MAX', volume_name: name, number_of_physical_disks: 2 })
      const target = { logical_disks: [{ ...logical('root'), is_root_volume: true }, logical('data')] }
      const steps = [step('raid', 'create_configuration', { delete_existing: true })]
      const effects = await interruptEverywhere<Work>({
        start: tap =>
          begin(
            tap,
            way,
            steps,
            machine => {
              machine.power = way === 'service' ? 'on' : 'off'
              machine.volumes = [{ id: 'old', name: null, level: 'RAID0', bytes: 1e9, drives: ['d1', 'd2', 'd3'] }]
              Object.assign(machine, kind)
            },
            target,
          ),
        ...onwards,
        async invariant(trial, moment) {
          await never(trial)
          const { machine, key } = trial
          if (moment !== 'finished') return
          await arrived(trial, way, 'raid.create_configuration', way === 'service' ? 'on' : 'off')
          expect(machine.parted).toEqual(['old'])
          expect([...machine.joined].sort()).toEqual(['RAID1 d1+d2', 'RAID1 d3+d4'])
          const { raid_config: config } = await r.node(key)
          expect(config.logical_disks.map((disk: any) => [disk.name, disk.is_root_volume === true]).sort()).toEqual([
            ['data', false],
            ['root', true],
          ])
        },
      })
      expect(effects.filter(e => e !== 'commit' && e !== 'setPower')).toEqual(['deleteVolume', 'createVolume', 'createVolume'])
    },
    240_000,
  )
})

describe.each<Way>(['clean', 'service'])('held between two steps, and stopped anywhere, %s', way => {
  test('goes on with the second one, and where it was to go', async () => {
    const steps = [
      step('bios', 'apply_configuration', { settings: [{ name: 'Boots', value: '7' }] }),
      step('deploy', 'hold'),
      step('firmware', 'update', { settings: [image('bios', '2.0.0')] }),
    ]
    let held = 0
    await interruptEverywhere<Work>({
      async start(tap) {
        held = 0
        const trial = await begin(tap, way, steps, machine => {
          machine.power = 'on'
        })
        const { conductor, machine } = trial
        return {
          ...trial,
          conductor: {
            ...conductor,
            async run(key, run) {
              const outcome = await conductor.run(key, run)
              if (outcome.is !== 'done' || (await r.node(key)).provision_state !== `${way} hold`) return outcome
              // Somebody looks at it, and tells it to go on.
              held++
              expect([machine.bios['Boots'], machine.flashed]).toEqual([7, []])
              await r.provision(key, 'unhold')
              return again(0, 'it may go on')
            },
          },
        }
      },
      ...onwards,
      async invariant(trial, moment) {
        const { key, machine } = trial
        expect(machine.bricked).toBe(false)
        const n = await r.node(key)
        if (moment !== 'finished') return expect(['manageable', 'active']).toContain(n.target_provision_state ?? n.provision_state)
        await arrived(trial, way, 'bios.apply_configuration, deploy.hold, firmware.update', 'on')
        expect([held, machine.flashed]).toEqual([1, ['bios 2.0.0']])
        // One for the settings, and one each time that somebody died before the image was asked for: whether it waits for a start shows
        // after one.
        expect(machine.starts).toBeLessThanOrEqual(2 + (DEATHS?.length ?? 0))
      },
    })
  })
})

describe.each<Way>(['clean', 'service'])('a step that fails, and stopped anywhere, %s', way => {
  test('fails once and with its reason, and no step after it is done', async () => {
    const steps = [step('firmware', 'update', { settings: [image('bios', '2.0.0')] }), step('bios', 'factory_reset')]
    const why =
      'firmware.update: The BMC could not write the bios, which stays as it was. It says: "The image does not verify." Check the image and its address.'
    let asked = 0
    await interruptEverywhere<Work>({
      async start(tap) {
        asked++
        return begin(tap, way, steps, machine => {
          machine.power = 'on'
          machine.spoilt = true
        })
      },
      ...onwards,
      async invariant({ key, machine }, moment) {
        const n = await r.node(key)
        const failed = n.provision_state === `${way} failed`
        const type = way === 'clean' ? 'quarantined' : 'service_failed'
        expect(await r.events(key, `baremetal.node.${type}`)).toHaveLength(failed ? 1 : 0)
        expect(machine.log.filter(what => !what.startsWith('flash') && !what.startsWith('power'))).toEqual([])
        if (moment !== 'finished') return
        expect(n).toMatchObject({
          provision_state: `${way} failed`,
          target_provision_state: way === 'clean' ? 'manageable' : 'active',
          maintenance: way === 'clean',
          fault: `${way} failure`,
          wanted: {},
          flash: null,
          clean_step: null,
          service_step: null,
        })
        expect(n.last_error).toMatch(/could not write the bios|still version 1\.0\.0/)
        if (asked === 1)
          expect(n.last_error).toBe(
            way === 'clean' ? `Cleaning failed at "${why.replace(': ', '". Error: ')}` : `Failed to service the node. Error: ${why}`,
          )
        expect([machine.flashed, machine.versions['bios']]).toEqual([[], '1.0.0'])
      },
    })
  })
})

describe('a lease that ends while firmware is written', () => {
  test('waits with the power, whoever dies over it, and ends clean', async () => {
    const effects = await interruptEverywhere<Work>({
      async start(tap) {
        const { uuid } = await r.ready()
        const machine = workshop.machine((await r.node(uuid)).driver_info.address)
        const lease = crypto.randomUUID()
        expect(await r.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
        machine.power = 'on'
        await r.connections.pool.query(
          `update baremetal.node set provision_state = 'active', power_state = 'power on', firmware_interface = 'redfish' where uuid = $1`,
          [uuid],
        )
        await r.provision(uuid, 'service', { service_steps: [step('firmware', 'update', { settings: [image('bios', '2.0.0')] })] })
        await r.until(uuid, n => n.flash !== null && n.flash.job !== null)
        expect(machine.writing).toBe('bios')
        await r.door.release(uuid, lease)
        const world = await worldOf(r, tap, PART_WRITES, ONCE)
        return { conductor: nodeConductor(world), database: r.database, clock: r.clock, key: uuid, machine, stop: () => forget(uuid) }
      },
      ...onwards,
      async invariant({ key, machine }, moment) {
        expect(machine.bricked).toBe(false)
        const n = await r.node(key)
        expect([n.lessee, n.lease]).toEqual([null, null])
        if (n.release.ended_at !== undefined) expect(machine.flashed).toEqual(['bios 2.0.0'])
        if (moment !== 'finished') return
        expect(n).toMatchObject({ provision_state: 'available', release: { outcome: 'clean' }, flash: null, wanted: {} })
        expect(machine.power).toBe('off')
        expect((await r.events(key, 'baremetal.node.released')).length).toBe(1)
        expect((await told(key)).filter(({ event_type }: any) => event_type === 'firmware')).toHaveLength(1)
      },
    })
    expect(effects.filter(e => e !== 'commit')).toEqual(['setPower', 'baseline'])
  })
})
