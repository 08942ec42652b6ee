import { describe, expect, it } from 'vitest'
import { type Boards, judge, type Told } from './replacing.ts'

const told = (more: Partial<Told> = {}): Told => ({ serial: 'S1', uuid: 'u1', macs: [], disks: null, ...more })
const nic = { kind: 'nic', old: '52:54:00:00:00:01', new: '52:54:00:00:00:02', seen: null } as const
const disk = { kind: 'disk', old: 'D1', new: 'D2', seen: null } as const
const board = { kind: 'board', old: 'a', new: 'b', seen: null } as const
const seen = (part: typeof nic | typeof disk | typeof board, more: Partial<Told>, boards: Boards | null = null) => {
  const { parts, missing } = judge([part], boards, told(more))
  return [parts[0]!.seen, missing]
}

describe('a part is there', () => {
  it('when the new one is listed and the old one is not', () => {
    expect(seen(nic, { macs: [nic.new] })).toEqual(['there', undefined])
    expect(seen(disk, { disks: ['d2'] })).toEqual(['there', undefined])
    expect(seen(nic, { macs: [nic.old] })).toEqual([null, `The BMC shows no network card ${nic.new}.`])
    expect(seen(nic, { macs: [nic.old, nic.new] })).toEqual([null, `The BMC still shows the network card ${nic.old}.`])
  })

  it('as far as the BMC tells of such parts', () => {
    expect(seen(nic, {})).toEqual(['not told', undefined])
    expect(seen(disk, {})).toEqual(['not told', undefined])
    expect(seen(board, { serial: null, uuid: null }, { was: { serial: 'S1', uuid: null }, is: { serial: 'S2', uuid: null } })).toEqual([
      'not told',
      undefined,
    ])
  })

  it('when a board says what it must, or something else than before', () => {
    const was = { serial: 'S0', uuid: 'u1' }
    const none = { serial: null, uuid: null }
    expect(seen(board, {}, { was, is: { serial: 'S1', uuid: null } })).toEqual(['there', undefined])
    expect(seen(board, {}, { was, is: none })).toEqual(['there', undefined])
    expect(seen(board, {}, { was: { serial: 'S1', uuid: 'U1' }, is: none })).toEqual([null, 'The BMC says what it said before: S1.'])
    expect(seen(board, {}, { was, is: { serial: 'S2', uuid: null } })[1]).toContain('has the serial number S1, not S2')
    // A board may be told the number of the old one.
    expect(seen(board, {}, { was: { serial: 'S1', uuid: 'u1' }, is: { serial: 'S1', uuid: null } })).toEqual(['there', undefined])
  })
})
