import { describe, expect, it } from 'vitest'
import { type Controller, configOf, matched, plan } from './raid-plan.ts'

const GB = 1_000_000_000
const drives = (...sizes: (readonly [number, ('hdd' | 'ssd')?])[]): Controller['drives'] =>
  sizes.map(([gb, media = 'ssd'], i) => ({ id: `D${i}`, bytes: gb * GB, media, protocol: 'SAS', healthy: true }))
const controller = (more: Partial<Controller> = {}): Controller => ({
  id: 'C1',
  levels: null,
  drives: drives([500], [500], [1000], [1000], [1000], [1000]),
  volumes: [],
  ...more,
})
const disk = (raid_level: string, size_gb: number | 'MAX', more: object = {}) => ({ raid_level, size_gb, ...more })

describe('a plan for disks', () => {
  it('takes as few and as small ones as will do', () => {
    expect(plan([disk('1', 100)], [controller()])).toMatchObject([{ level: 'RAID1', drives: ['D0', 'D1'], bytes: 100 * 1024 ** 3 }])
    expect(plan([disk('5', 1500)], [controller()])).toMatchObject([{ level: 'RAID5', drives: ['D2', 'D3', 'D4'] }])
    expect(plan([disk('1', 600)], [controller()])).toMatchObject([{ drives: ['D2', 'D3'] }])
  })

  it('gives the largest its disks first, and what is left to who takes what there is', () => {
    const made = plan([disk('0', 'MAX'), disk('1', 100, { is_root_volume: true, volume_name: 'root' })], [controller()])
    expect(made[1]).toMatchObject({ drives: ['D0', 'D1'], name: 'root', root: true })
    expect(made[0]).toMatchObject({ bytes: null, drives: ['D2', 'D3', 'D4', 'D5'] })
  })

  it('lets two be on the same disks only where both say so', () => {
    const two = { share_physical_disks: true }
    const small = controller({ drives: drives([500], [500]) })
    expect(plan([disk('1', 100, two), disk('1', 200, two)], [small]).map(p => p.drives)).toEqual([
      ['D0', 'D1'],
      ['D0', 'D1'],
    ])
    expect(() => plan([disk('1', 100, two), disk('1', 200)], [small])).toThrow(/logical disk 1 \(RAID 1, 100 GiB\)/)
    expect(() => plan([disk('1', 300, two), disk('1', 300, two)], [small])).toThrow(/large enough/)
  })

  it('leaves alone what is part of a volume, ill, of another kind or of a controller that cannot', () => {
    const volumes = [{ id: 'V1', name: null, level: 'RAID1', bytes: 1, drives: ['D0', 'D1'] }]
    expect(plan([disk('1', 100)], [controller({ volumes })])).toMatchObject([{ drives: ['D2', 'D3'] }])
    expect(() => plan([disk('6', 100)], [controller({ levels: ['RAID0', 'RAID1'] })])).toThrow(/RAID 6/)
    const mixed = controller({ drives: drives([500, 'hdd'], [500], [500, 'hdd'], [900]) })
    expect(plan([disk('1', 100, { disk_type: 'hdd' })], [mixed])).toMatchObject([{ drives: ['D0', 'D2'] }])
    expect(() => plan([disk('5', 100)], [mixed])).toThrow(/one kind/)
    expect(() => plan([disk('1', 100, { interface_type: 'scsi' })], [controller()])).toThrow(/SCSI/)
    expect(() => plan([disk('2', 100)], [controller()])).toThrow(/RAID 2/)
  })

  it('takes the disks that are named, or says which are not to be had', () => {
    const by = (physical_disks: string[], level = '1') => [disk(level, 100, { controller: 'C1', physical_disks })]
    expect(plan(by(['D5', 'D0']), [controller()])).toMatchObject([{ drives: ['D5', 'D0'] }])
    expect(() => plan(by(['D9', 'D0']), [controller()])).toThrow(/not there, not free, or not fit: D9/)
    expect(() => plan(by(['D1', 'D0'], '5'), [controller()])).toThrow(/2 disks make no RAID5/)
    expect(() => plan([disk('1', 900, { controller: 'C1', physical_disks: ['D0', 'D1'] })], [controller()])).toThrow(
      /only room for 465 GiB/,
    )
  })

  it('finds what it became by name, or by level and disks, and never what was there before', () => {
    const planned = plan([disk('1', 100), disk('1', 200, { volume_name: 'data' })], [controller()])
    const at = (id: string, name: string, of: readonly string[]) => ({ id, name, level: 'RAID1', bytes: 5 * 1024 ** 3, drives: of })
    const old = at('V0', 'data', planned[1]!.drives)
    const now = [controller({ volumes: [old, at('V1', 'data', planned[1]!.drives), at('V2', 'x', planned[0]!.drives)] })]
    expect(matched(planned, ['C1/V0'], now).map(v => v?.id)).toEqual(['V2', 'V1'])
    expect(matched(planned, ['C1/V0', 'C1/V2'], now).map(v => v?.id)).toEqual([undefined, 'V1'])
    expect(configOf(now, ['C1/V2']).logical_disks[2]).toMatchObject({ id: 'V2', size_gb: 5, raid_level: '1', is_root_volume: true })
  })
})
