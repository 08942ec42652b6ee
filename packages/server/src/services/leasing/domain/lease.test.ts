import { FOREVER, plus } from '@esi/api/time'
import { describe, expect, it } from 'vitest'
import { defaultEnd, faultOfSpan, type LeaseFacts, nextStep, tooLong } from './lease.ts'
import { windows } from './windows.ts'

const start = '2030-01-01T00:00:00.000000Z'
const end = '2030-01-02T00:00:00.000000Z'
const during = '2030-01-01T12:00:00.000000Z'
const before = '2029-12-31T00:00:00.000000Z'
const lease: LeaseFacts = { status: 'created', start, end, holds: false, told: null, ready: true, lent: false, children: 0 }

describe('the next step of a lease', () => {
  it.each([
    ['waits for its start', lease, before, { do: 'wait', until: start }],
    ['begins at its start', lease, start, { do: 'assign', first: true }],
    ['ends without beginning when its time is over', lease, end, { do: 'end' }],
    ['is tried again while it waits to begin', { ...lease, status: 'wait fulfill' }, during, { do: 'assign', first: true }],
    ['gives back what it may have when its time is over', { ...lease, status: 'wait fulfill' }, end, { do: 'release' }],
    ['waits for its end', { ...lease, status: 'active', holds: true, told: end }, during, { do: 'wait', until: end }],
    [
      'tells of another end than was told',
      { ...lease, status: 'active', holds: true, told: start },
      during,
      { do: 'assign', first: false },
    ],
    ['ends exactly at its end', { ...lease, status: 'active', holds: true }, end, { do: 'release' }],
    ['takes the thing back after a sublease', { ...lease, status: 'active' }, during, { do: 'assign', first: false }],
    ['leaves the thing to a sublease', { ...lease, status: 'active', lent: true, children: 1 }, during, { do: 'wait', until: end }],
    [
      'lets what lies in it end first',
      { ...lease, status: 'wait cancel', children: 1 },
      during,
      { do: 'stand by', why: 'a lease within it is ending first' },
    ],
    ['goes on ending', { ...lease, status: 'wait expire', holds: true }, during, { do: 'release' }],
    ['is done when ended and ready', { ...lease, status: 'expired' }, end, { do: 'nothing' }],
    ['is looked at until the thing is ready', { ...lease, status: 'deleted', ready: false }, end, { do: 'see whether ready' }],
    ['is never stuck in error', { ...lease, status: 'error' }, during, { do: 'assign', first: true }],
    ['begins within one that has begun', { ...lease, parent: { status: 'active' } }, during, { do: 'assign', first: true }],
    [
      'waits for the one it lies in',
      { ...lease, parent: { status: 'wait fulfill' } },
      during,
      { do: 'stand by', why: 'the lease it lies in has not begun' },
    ],
  ] as const)('%s', (_name, facts, now, step) => {
    expect(nextStep(facts as LeaseFacts, now)).toEqual(step)
  })
})

describe('spans', () => {
  it('begin before they end, and are not over', () => {
    expect(faultOfSpan('a lease', start, start, before)).toMatch(/strictly less/)
    expect(faultOfSpan('a lease', start, end, end)).toMatch(/already over/)
    expect(faultOfSpan('a lease', start, end, during)).toBeUndefined()
  })

  it('have a longest length, to the microsecond', () => {
    const DAY = 86_400_000
    expect(tooLong(start, plus(start, DAY), DAY)).toBe(false)
    expect(tooLong(start, '2030-01-02T00:00:00.000001Z', DAY)).toBe(true)
    expect(tooLong(start, FOREVER, DAY)).toBe(true)
  })

  it('end as usual, or with the window', () => {
    expect(defaultEnd(start, 3_600_000, end)).toBe(plus(start, 3_600_000))
    expect(defaultEnd(start, 30 * 86_400_000, end)).toBe(end)
  })

  it('are free around what is taken, with room to make ready on both sides', () => {
    const free = windows({ from: start, to: end }, [{ from: plus(start, 7_200_000), to: plus(start, 10_800_000) }], 600_000, before)
    expect(free).toEqual([
      { from: start, to: plus(start, 6_600_000) },
      { from: plus(start, 10_800_000), to: end },
    ])
    expect(windows({ from: start, to: end }, [], 0, end)).toEqual([])
  })
})
