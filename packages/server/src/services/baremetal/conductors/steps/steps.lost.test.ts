import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { type Parts, Workshop } from '../../test/parts.ts'
import { type Rig, rig } from '../../test/rig.ts'

const workshop = new Workshop()
let r: Rig
beforeAll(async () => {
  r = await rig(workshop)
  workshop.now = () => r.clock.millis()
}, 60_000)
afterAll(async () => r?.close())

const manageable = async (prepare: (machine: Parts) => void, target: object = {}) => {
  const { uuid } = await r.enroll()
  await r.provision(uuid, 'manage')
  await r.until(uuid, n => n.provision_state === 'manageable')
  const machine = workshop.machine((await r.node(uuid)).driver_info.address)
  machine.power = 'on'
  prepare(machine)
  await r.connections.pool.query(
    `update baremetal.node set bios_interface = 'redfish', firmware_interface = 'redfish', raid_interface = 'redfish',
       power_state = 'power on', target_raid_config = $2 where uuid = $1`,
    [uuid, target],
  )
  return { uuid, machine }
}

const settings = { interface: 'bios', step: 'apply_configuration', args: { settings: [{ name: 'Boots', value: 7 }] } }
const image = (component: string, version: string) => ({ component, url: `http://images.example/${component}-${version}.bin` })
const update = (...images: object[]) => ({ interface: 'firmware', step: 'update', args: { settings: images } })
const raid = { interface: 'raid', step: 'create_configuration', args: { delete_existing: true } }
const target = { logical_disks: [{ raid_level: '1', size_gb: 'MAX', number_of_physical_disks: 2 }] }

/** The steps, done with the answers of so many commands of that kind lost. */
const clean = async (steps: object[], loseRepliesTo: string, more: Partial<Parts> = {}) => {
  const node = await manageable(machine => {
    machine.volumes = [{ id: 'old', name: null, level: 'RAID0', bytes: 1e9, drives: ['d1', 'd2', 'd3'] }]
    Object.assign(machine, more)
  }, target)
  Object.assign(node.machine, { loseReplies: 1, loseRepliesTo })
  await r.provision(node.uuid, 'clean', { clean_steps: steps })
  const n = await r.until(node.uuid, now => now.provision_state !== 'cleaning', 7200)
  expect(n).toMatchObject({ provision_state: 'manageable', power_state: 'power on', last_error: null, flash: null, wanted: {} })
  expect([node.machine.loseReplies, node.machine.bricked]).toEqual([0, false])
  return node.machine
}

describe('a command whose answer is lost', () => {
  test.each(['set', 'power off', 'power on'])('costs no start more and no setting: %s', async lost => {
    const machine = await clean([settings], lost)
    expect([machine.bios['Boots'], machine.starts]).toEqual([7, 1])
  })

  test.each([
    ['flash bios', false, 0],
    ['flash bmc', false, 0],
    ['flash bios', true, 1],
    ['power off', true, 1],
    ['power on', true, 1],
  ])('has no image written twice: %s, staged %j', async (lost, staged, starts) => {
    const machine = await clean([update(image('bios', '2.0.0'), image('bmc', '3.0.0'))], lost, { staged })
    expect([machine.flashed, machine.starts]).toEqual([['bios 2.0.0', 'bmc 3.0.0'], starts])
  })

  test.each([
    ['delete', false, 0],
    ['create', false, 0],
    ['delete', true, 2],
    ['create', true, 2],
    ['power on', true, 2],
  ])('has no volume made twice: %s, staged %j', async (lost, staged, starts) => {
    const machine = await clean([raid], lost, { staged })
    expect([machine.parted, machine.joined, machine.starts]).toEqual([['old'], ['RAID1 d3+d4'], starts])
  })
})

describe('cleaning by hand that cannot be done', () => {
  test('goes back to manageable in the end, as it was asked, and says why once', async () => {
    const { uuid, machine } = await manageable(() => {})
    await r.provision(uuid, 'clean', { clean_steps: [update(image('nic', '1.0.0'))] })
    const n = await r.until(uuid, now => now.provision_state !== 'cleaning')
    expect(n).toMatchObject({
      provision_state: 'clean failed',
      target_provision_state: 'manageable',
      maintenance: true,
      fault: 'clean failure',
      wanted: {},
      last_error: 'Cleaning failed at "firmware.update". Error: The machine has no firmware "nic", only bios, bmc.',
    })
    expect(await r.events(uuid, 'baremetal.node.quarantined')).toHaveLength(1)
    expect(machine.log).toEqual([])
    await r.provision(uuid, 'manage')
    expect(await r.node(uuid)).toMatchObject({ provision_state: 'manageable', target_provision_state: null })
  })

  test.each([0, 1])('because the BMC is away for minutes after %j commands is done when it is back, by as few commands', async commands => {
    const { uuid, machine } = await manageable(() => {})
    const open = workshop.open.bind(workshop)
    const away = new BmcError('unreachable', 'It restarts.')
    if (commands === 0) machine.fault = away
    workshop.open = given => {
      const bmc = open(given)
      const setPower: typeof bmc.setPower = async (action, call) => {
        await bmc.setPower(action, call)
        if (machine.log.filter(what => what.startsWith('power')).length === commands) machine.fault = away
      }
      return { ...bmc, setPower }
    }
    try {
      await r.provision(uuid, 'clean', { clean_steps: [{ interface: 'power', step: 'reboot' }, settings] })
      for (let s = 0; s < 270; s += 5) {
        await r.conduct()
        await r.clock.advance(5000)
      }
      expect(machine.log).toHaveLength(commands)
      machine.fault = undefined
      commands = -1
      const n = await r.until(uuid, now => now.provision_state !== 'cleaning')
      expect(n).toMatchObject({ provision_state: 'manageable', last_error: null })
      expect(machine.log).toEqual(['power off', 'power on', 'set {"Boots":7}', 'power off', 'power on'])
    } finally {
      workshop.open = open
    }
  })

  test('because the BMC stays away fails after five minutes, with its words', async () => {
    const { uuid, machine } = await manageable(() => {})
    machine.fault = new BmcError('unreachable', 'Nobody answers.')
    await r.provision(uuid, 'clean', { clean_steps: [settings] })
    const began = r.clock.millis()
    const n = await r.until(uuid, now => now.provision_state !== 'cleaning')
    expect(n).toMatchObject({
      provision_state: 'clean failed',
      last_error: 'Cleaning failed at "bios.apply_configuration". Error: Nobody answers.',
    })
    expect(r.clock.millis() - began).toBeGreaterThanOrEqual(300_000)
    expect(r.clock.millis() - began).toBeLessThan(360_000)
  })

  test('because the BMC died is tried for a while, and nothing is sent again when it comes back', async () => {
    const { uuid, machine } = await manageable(() => {})
    await r.provision(uuid, 'clean', { clean_steps: [update(image('bios', '2.0.0'))] })
    await r.until(uuid, now => now.flash !== null && machine.writing !== undefined)
    machine.fault = new BmcError('unreachable', 'Nobody answers.')
    await r.clock.advance(600_000)
    await r.conduct()
    machine.fault = undefined
    const n = await r.until(uuid, now => now.provision_state !== 'cleaning')
    expect(n).toMatchObject({ provision_state: 'manageable', last_error: null, flash: null })
    expect(machine.flashed).toEqual(['bios 2.0.0'])
  })
})
