import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabRig, labRig } from './lab-rig.ts'
import { LESSEE } from './rig.ts'

let l: LabRig
beforeAll(async () => {
  const names = ['plain', 'idrac', 'supermicro', 'lost', 'away', 'liar', 'bad', 'leased', 'given-up']
  l = await labRig(
    names.map((name, i) => ({ name, flavour: ['idrac', 'supermicro'].includes(name) ? name : 'plain', address: `127.78.2.${i + 1}` })),
  )
}, 60_000)
afterAll(() => l?.stop())

const update = (...settings: object[]) => ({ interface: 'firmware', step: 'update', args: { settings } })
const image = (component: string, version: string, more: object = {}) => ({
  component,
  url: `http://images.example/${component}-${version}.bin`,
  ...more,
})
const shown = async (uuid: string) =>
  Object.fromEntries(
    (await l.ask('admin', 'GET', `/v1/nodes/${uuid}/firmware`, undefined, 200)).body.firmware.map((f: any) => [f.component, f]),
  )
const over = (uuid: string, ...is: unknown[]) => l.until(uuid, n => [n.provision_state, n.last_error, n.flash], is)
const done = (uuid: string) => over(uuid, 'manageable', null, null)
/** Every command that reached the machine's power while something was written. */
const resets = async (machine: string) => (await l.control('GET', `calls?machine=${machine}&path=ComputerSystem.Reset`)).calls

describe.each(['plain', 'idrac', 'supermicro'])('firmware of %s', name => {
  it('is written part by part, followed across the BMC’s restart, and read back', async () => {
    const uuid = await l.manageable(name)
    const before = await shown(uuid)
    await l.clean(uuid, update(image('bios', '3.1.4'), image('bmc', '7.0.1', { wait: 5 })))
    await done(uuid)
    expect(await l.truth(name)).toMatchObject({ power: 'Off', bricked: false, firmware: { bios: '3.1.4', bmc: '7.0.1' } })
    const after = await shown(uuid)
    for (const component of ['bios', 'bmc'])
      expect(after[component]).toMatchObject({
        initial_version: before[component].initial_version,
        current_version: component === 'bios' ? '3.1.4' : '7.0.1',
        last_version_flashed: component === 'bios' ? '3.1.4' : '7.0.1',
      })
    // A machine that needs no start for it gets none.
    expect((await resets(name)).length > 0).toBe(name !== 'plain')
  })

  it('that there is none of is refused with what there is', async () => {
    const uuid = await l.manageable(name)
    await l.clean(uuid, update({ component: 'nic:1', url: 'http://images.example/nic-1.bin' }))
    await l.until(uuid, n => n.provision_state, 'clean failed')
    expect((await l.node(uuid)).last_error).toMatch(/has no firmware "nic:1", only bios, bmc/)
  })
})

describe('a firmware update', () => {
  it('whose request got lost is found by looking, and not sent again', async () => {
    const uuid = await l.manageable('lost')
    await l.fault('lost', 'lost-reply', { path: 'SimpleUpdate', count: 1 })
    await l.clean(uuid, update(image('bios', '2.0.0')))
    await done(uuid)
    const { calls } = await l.control('GET', 'calls?machine=lost&path=SimpleUpdate')
    expect(calls.map((c: any) => c.outcome)).toEqual(['cut'])
    expect((await l.truth('lost')).firmware.bios).toBe('2.0.0')
  })

  it('goes on while the BMC restarts in its midst and forgets its tasks', async () => {
    const uuid = await l.manageable('away')
    await l.fault('away', 'bmc-restart', { path: 'TaskMonitors', count: 1, seconds: 60 })
    await l.clean(uuid, update(image('bios', '2.0.0')))
    await done(uuid)
    expect(await l.truth('away')).toMatchObject({ firmware: { bios: '2.0.0' }, bricked: false })
  })

  it('that fails says why in the BMC’s words, and leaves the machine as it was', async () => {
    const uuid = await l.manageable('bad')
    await l.fault('bad', 'update-fails')
    await l.clean(uuid, update(image('bios', '2.0.0')))
    await over(
      uuid,
      'clean failed',
      expect.stringMatching(/could not write the bios, which stays as it was. It says: "The image does not verify/),
      null,
    )
    expect((await shown(uuid))['bios']).toMatchObject({ current_version: '1.0.0', last_version_flashed: null })
  })

  it('that is told to be over and was not done is not believed', async () => {
    const uuid = await l.manageable('liar')
    await l.fault('liar', 'update-ignored')
    await l.clean(uuid, update({ component: 'bmc', url: 'http://images.example/bmc-9.9.9.bin' }))
    await l.until(uuid, n => [n.provision_state, n.flash], ['clean failed', null], 30_000)
    expect((await l.node(uuid)).last_error).toMatch(/says that the bmc was written, and it is still version 1.0.0/)
  })

  it('keeps the power on at the end of a lease until it has ended', async () => {
    const uuid = await l.manageable('leased')
    await l.provision(uuid, 'provide')
    await l.until(uuid, n => n.provision_state, 'available')
    const lease = crypto.randomUUID()
    expect(await l.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
    await l.connections.pool.query(`update baremetal.node set provision_state = 'active' where uuid = $1`, [uuid])
    await l.power(uuid, 'power on')
    await l.until(uuid, n => [n.power_state, n.wanted], ['power on', {}])
    await l.provision(uuid, 'service', { service_steps: [update(image('bios', '2.0.0'))] })
    await l.until(uuid, n => n.flash !== null, true)
    await l.door.release(uuid, lease)
    await l.until(uuid, n => n.release?.outcome, 'clean')
    expect(await l.truth('leased')).toMatchObject({ power: 'Off', bricked: false, firmware: { bios: '2.0.0' } })
  })

  it('that was given up for a power command keeps it waiting', async () => {
    const uuid = await l.manageable('given-up')
    await l.power(uuid, 'power on')
    await l.until(uuid, n => [n.power_state, n.wanted], ['power on', {}])
    await l.clean(uuid, update(image('bios', '2.0.0')))
    await l.until(uuid, n => n.flash?.job !== null && n.flash !== null, true)
    // As if whoever conducted it had died and its node been set free by hand.
    await l.connections.pool.query(
      `update baremetal.node set provision_state = 'manageable', wanted = '{}', notes = null where uuid = $1`,
      [uuid],
    )
    await l.power(uuid, 'power off')
    await l.until(uuid, n => [n.power_state, n.wanted, n.flash], ['power off', {}, null])
    expect(await l.truth('given-up')).toMatchObject({ power: 'Off', bricked: false, firmware: { bios: '2.0.0' } })
  })
})
