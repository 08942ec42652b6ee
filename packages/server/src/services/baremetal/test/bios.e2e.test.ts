import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabRig, labRig } from './lab-rig.ts'
import { at } from './site.ts'

let l: LabRig
beforeAll(async () => {
  l = await labRig([
    { name: 'plain', address: '127.78.1.1', disks: [{ gb: 10, os: 'linux' }] },
    { name: 'idrac', flavour: 'idrac', address: '127.78.1.2' },
    { name: 'liar', flavour: 'supermicro', address: '127.78.1.3' },
  ])
}, 60_000)
afterAll(() => l?.stop())

const apply = (settings: object[]) => ({ interface: 'bios', step: 'apply_configuration', args: { settings } })
const reset = { interface: 'bios', step: 'factory_reset' }
const settings = async (uuid: string) =>
  Object.fromEntries((await l.ask('admin', 'GET', `/v1/nodes/${uuid}/bios`, undefined, 200)).body.bios.map((b: any) => [b.name, b.value]))

describe.each(['plain', 'idrac'])('BIOS settings of %s', name => {
  it('are set by a start, read back, and set back; the machine is as it was before', async () => {
    const uuid = await l.manageable(name)
    const { boots } = await l.truth(name)
    await l.clean(
      uuid,
      apply([
        { name: 'PxeRetries', value: '4' },
        { name: 'QuietBoot', value: 'false' },
        { name: 'NumLock', value: 'Off' },
      ]),
    )
    await l.until(uuid, n => [n.provision_state, n.last_error], ['manageable', null])
    const truth = await l.truth(name)
    expect(truth).toMatchObject({
      power: 'Off',
      bios: { PxeRetries: 4, QuietBoot: false, NumLock: 'Off' },
      biosPending: {},
      boots: boots + 1,
    })
    expect(await settings(uuid)).toMatchObject({ PxeRetries: '4', QuietBoot: 'false', NumLock: 'Off' })
    expect((await l.node(uuid)).flash).toBeNull()

    // What is so already costs no start.
    await l.clean(uuid, apply([{ name: 'PxeRetries', value: 4 }]))
    await l.until(uuid, n => [n.provision_state, n.last_error], ['manageable', null])
    expect((await l.truth(name)).boots).toBe(boots + 1)

    await l.clean(uuid, reset)
    await l.until(uuid, n => [n.provision_state, n.last_error], ['manageable', null])
    expect((await l.truth(name)).bios).toMatchObject({ PxeRetries: 1, QuietBoot: true, NumLock: 'On' })
    expect(await settings(uuid)).toMatchObject({ PxeRetries: '1', QuietBoot: 'true', NumLock: 'On' })
  })

  it('that cannot be are refused with what they can be, and nothing is changed', async () => {
    const uuid = await l.manageable(name)
    const { boots } = await l.truth(name)
    await l.clean(
      uuid,
      apply([
        { name: 'PxeRetries', value: 11 },
        { name: 'NumLock', value: 'Maybe' },
        { name: 'MemorySpeed', value: 'fast' },
        { name: 'Colour', value: 'red' },
        { name: 'QuietBoot', value: 'no' },
      ]),
    )
    await l.until(uuid, n => n.provision_state, 'clean failed')
    const { last_error: error } = await l.node(uuid)
    for (const words of [
      '"PxeRetries" must be from 0 to 10',
      '"NumLock" must be one of On, Off',
      '"MemorySpeed" can only be read',
      'no setting "Colour"',
      '"QuietBoot" must be true or false',
    ])
      expect(error).toContain(words)
    expect(await l.truth(name)).toMatchObject({ boots, biosPending: {} })
  })

  it('are shown with what the registry tells of them', async () => {
    const uuid = await l.manageable(name)
    const ask = async (setting: string, minor: number) =>
      (await l.request('admin', 'GET', `/v1/nodes/${uuid}/bios/${setting}`, undefined, at(minor))).body[setting]
    expect(await ask('PxeRetries', 74)).toMatchObject({
      value: '1',
      attribute_type: 'Integer',
      lower_bound: 0,
      upper_bound: 10,
      allowable_values: null,
      read_only: false,
      reset_required: true,
    })
    expect(await ask('NumLock', 74)).toMatchObject({ attribute_type: 'Enumeration', allowable_values: ['On', 'Off'] })
    expect(await ask('AssetTag', 115)).toMatchObject({ attribute_type: 'String', unique: true, min_length: 0, max_length: 16 })
    expect(await ask('NumLock', 73)).not.toHaveProperty('attribute_type')
  })
})

describe('a BIOS that forgets what it was told', () => {
  it('fails the step by a sentence that names the settings, and its power may be changed afterwards', async () => {
    const uuid = await l.manageable('liar')
    await l.fault('liar', 'bios-ignored')
    await l.clean(uuid, apply([{ name: 'PxeRetries', value: '7' }]))
    await l.until(uuid, n => n.provision_state, 'clean failed', 60_000)
    expect(await l.node(uuid)).toMatchObject({
      last_error: expect.stringMatching(/has started, and these settings are not as they were set: PxeRetries/),
      maintenance: true,
    })
    await l.until(uuid, n => n.flash, null)
    await l.power(uuid, 'power off')
    await l.until(uuid, n => [n.power_state, n.wanted], ['power off', {}])
  })

  it('loses no setting by an answer that was lost, and needs no second start', async () => {
    const uuid = await l.manageable('plain')
    const { boots } = await l.truth('plain')
    await l.fault('plain', 'lost-reply', { path: 'Bios/Settings', method: 'PATCH', count: 1 })
    await l.fault('plain', 'lost-reply', { path: 'ComputerSystem.Reset', count: 1 })
    await l.clean(uuid, apply([{ name: 'AssetTag', value: 'rack 7' }]))
    await l.until(uuid, n => [n.provision_state, n.last_error], ['manageable', null])
    expect(await l.truth('plain')).toMatchObject({ power: 'Off', bios: { AssetTag: 'rack 7' }, boots: boots + 1 })
  })
})
