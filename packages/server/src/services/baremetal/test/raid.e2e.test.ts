import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabRig, labRig } from './lab-rig.ts'

const DISKS = [
  { gb: 240, kind: 'ssd', os: 'linux' },
  { gb: 240, kind: 'ssd' },
  ...Array.from({ length: 4 }, () => ({ gb: 2000, kind: 'hdd' })),
]
let l: LabRig
beforeAll(async () => {
  const names = ['plain', 'idrac', 'lost', 'bad', 'liar']
  l = await labRig(
    names.map((name, i) => ({ name, flavour: name === 'idrac' ? name : 'plain', address: `127.78.3.${i + 1}`, disks: DISKS })),
  )
}, 60_000)
afterAll(() => l?.stop())

const step = (name: string, args: object = {}) => ({ interface: 'raid', step: name, args })
const target = async (uuid: string, ...logical_disks: object[]) =>
  void (await l.ask('admin', 'PUT', `/v1/nodes/${uuid}/states/raid`, { logical_disks }, 204))
const done = (uuid: string) => l.until(uuid, n => [n.provision_state, n.last_error], ['manageable', null])
const config = async (uuid: string) => (await l.ask('admin', 'GET', `/v1/nodes/${uuid}`, undefined, 200)).body.raid_config
const ROOT = { raid_level: '1', size_gb: 100, is_root_volume: true, volume_name: 'root' }
const DATA = { raid_level: '5', size_gb: 'MAX', disk_type: 'hdd' }

describe.each(['plain', 'idrac'])('disks of %s', name => {
  it('are joined as wanted, shown, and parted again; the machine is as it was before', async () => {
    const uuid = await l.manageable(name)
    await target(uuid, DATA, ROOT)
    await l.clean(uuid, step('create_configuration'))
    await done(uuid)
    const truth = await l.truth(name)
    expect(truth.power).toBe('Off')
    expect(truth.volumes.map((v: any) => [v.level, v.disks])).toEqual(
      expect.arrayContaining([
        ['RAID1', [0, 1]],
        ['RAID5', [2, 3, 4, 5]],
      ]),
    )
    expect(truth.disks[0]).toBeNull()
    expect(await config(uuid)).toMatchObject({
      last_updated: expect.any(String),
      logical_disks: expect.arrayContaining([
        expect.objectContaining({ raid_level: '1', name: 'root', size_gb: 100, controller: '1', is_root_volume: true }),
        expect.objectContaining({ raid_level: '5', size_gb: Math.floor((6000 * 1e9) / 1024 ** 3) }),
      ]),
    })

    // Only what is not the root, after all that was there has been taken away.
    await l.clean(uuid, step('create_configuration', { create_root_volume: false, delete_existing: true }))
    await done(uuid)
    expect((await l.truth(name)).volumes.map((v: any) => v.level)).toEqual(['RAID5'])

    await l.clean(uuid, step('delete_configuration'))
    await done(uuid)
    expect((await l.truth(name)).volumes).toEqual([])
    expect((await config(uuid)).logical_disks).toEqual([])
  })

  it('that do not suffice are left as they are, with a sentence', async () => {
    const uuid = await l.manageable(name)
    await target(uuid, ROOT, { raid_level: '6', size_gb: 9000 })
    await l.clean(uuid, step('create_configuration', { delete_existing: true }))
    await l.until(uuid, n => n.provision_state, 'clean failed')
    expect((await l.node(uuid)).last_error).toMatch(/No disks are free for logical disk 2 \(RAID 6, 9000 GiB\)/)
    expect((await l.truth(name)).volumes).toEqual([])
  })
})

describe('a storage controller', () => {
  it('whose answer got lost is looked at, and makes no second volume', async () => {
    const uuid = await l.manageable('lost')
    await target(uuid, { raid_level: '1', size_gb: 10, share_physical_disks: true })
    await l.fault('lost', 'lost-reply', { path: 'Volumes', method: 'POST', count: 1 })
    await l.clean(uuid, step('create_configuration'))
    await done(uuid)
    expect((await l.truth('lost')).volumes).toHaveLength(1)
  })

  it('that cannot says so in its own words', async () => {
    const uuid = await l.manageable('bad')
    await target(uuid, ROOT)
    await l.fault('bad', 'raid-fails')
    await l.clean(uuid, step('create_configuration'))
    await l.until(uuid, n => n.provision_state, 'clean failed')
    expect((await l.node(uuid)).last_error).toMatch(/could not make a volume. It says: "The controller could not do it/)
  })

  it('that says yes and does nothing is not believed', async () => {
    const uuid = await l.manageable('liar')
    await target(uuid, ROOT)
    await l.fault('liar', 'raid-ignored')
    await l.clean(uuid, step('create_configuration'))
    await l.until(uuid, n => n.provision_state, 'clean failed', 60_000)
    expect((await l.node(uuid)).last_error).toMatch(
      /says that it was done, also after a restart of the machine, and the disks are as they were/,
    )
    expect((await config(uuid)).logical_disks ?? []).toEqual([])
  })

  it('is given a configuration of a step’s own', async () => {
    const uuid = await l.manageable('lost')
    await l.clean(uuid, step('apply_configuration', { raid_config: { logical_disks: [ROOT] }, delete_existing: true }))
    await done(uuid)
    expect((await l.truth('lost')).volumes).toMatchObject([{ name: 'root', level: 'RAID1' }])
    await l.clean(uuid, step('apply_configuration', { raid_config: { logical_disks: [] } }))
    await l.until(uuid, n => n.provision_state, 'clean failed')
    expect((await l.node(uuid)).last_error).toMatch(/RAID configuration is wrong/)
  })
})
