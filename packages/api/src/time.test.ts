import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aware, earlier, FOREVER, fromMillis, type Instant, instant, later, naive, plus, toMillis } from './time.ts'

const micros = fc
  .tuple(fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }), fc.nat(999))
  .map(([date, us]): Instant => `${date.toISOString().slice(0, 23)}${String(us).padStart(3, '0')}Z`)

describe('a time that is read', () => {
  it.each([
    ['2027-01-01', '2027-01-01T00:00:00.000000Z'],
    ['2027-01-01T10:20', '2027-01-01T10:20:00.000000Z'],
    ['2027-01-01 10:20:30', '2027-01-01T10:20:30.000000Z'],
    ['2027-01-01T10:20:30.5', '2027-01-01T10:20:30.500000Z'],
    ['2027-01-01T10:20:30,123456', '2027-01-01T10:20:30.123456Z'],
    ['2027-01-01T10:20:30.123456789Z', '2027-01-01T10:20:30.123456Z'],
    ['2027-01-01T10:20:30z', '2027-01-01T10:20:30.000000Z'],
    ['2027-01-01T10:20:30+02:00', '2027-01-01T08:20:30.000000Z'],
    ['2027-01-01T00:20:30.000001+0130', '2026-12-31T22:50:30.000001Z'],
    ['2027-01-01T10:20:30-05', '2027-01-01T15:20:30.000000Z'],
    ['2027-01-01 00:00:00+00', '2027-01-01T00:00:00.000000Z'],
    [' 2027-01-01 ', '2027-01-01T00:00:00.000000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000000Z'],
    ['9999-12-31T23:59:59.999999', FOREVER],
  ])('%s is %s', (text, wanted) => {
    expect(instant(text)).toBe(wanted)
  })
  it.each([
    '',
    'now',
    'tomorrow',
    'infinity',
    '2027',
    '2027-1-1',
    '2027-13-01',
    '2027-00-10',
    '2027-04-31',
    '2027-02-29',
    '2027-01-01T24:00',
    '2027-01-01T23:60',
    '2027-01-01T23:59:60',
    '2027-01-01T10:20:30+24:00',
    '2027-01-01T10:20:30+02:60',
    '2027-01-01T10:20:30 UTC',
    '2027-01-01T10',
    '20270101T000000Z',
    '12027-01-01',
    '-2027-01-01',
    '0000-01-01',
    '0001-01-01T00:00+12:00',
    '9999-12-31T23:59-01:00',
    '2027-01-01T10:20:30.1234567890',
    '１２３４-01-01',
    '2027-01-01\u0000',
  ])('%j is none', text => {
    expect(instant(text)).toBeUndefined()
  })
  it('never fails, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/)),
        text => {
          const at = instant(text)
          if (at !== undefined) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
        },
      ),
      { numRuns: 1000 },
    )
  })
  it('reads back all that it writes, and what Python and PostgreSQL write', () => {
    fc.assert(
      fc.property(micros, at => {
        for (const text of [at, naive(at), aware(at), `${at.slice(0, 10)} ${at.slice(11, 26)}+00`]) expect(instant(text)).toBe(at)
      }),
    )
  })
})

it('text order is time order, to the microsecond', () => {
  fc.assert(
    fc.property(micros, micros, (a, b) => {
      const number = (at: Instant) => BigInt(toMillis(at)) * 1000n + BigInt(at.slice(23, 26))
      expect(a < b).toBe(number(a) < number(b))
      expect(earlier(a, b) <= later(a, b)).toBe(true)
    }),
  )
})

describe('a time that is moved', () => {
  it('and moved back is the same', () => {
    fc.assert(
      fc.property(micros, fc.integer({ min: -1e10, max: 1e10 }), (at, by) => {
        const there = plus(at, by)
        fc.pre(there !== FOREVER && there > '0001-01-01T00:00:00.001')
        expect(plus(there, -by)).toBe(at)
        expect(toMillis(there) - toMillis(at)).toBe(by)
      }),
    )
  })
  it('never leaves the calendar', () => {
    expect(plus('2027-01-01T00:00:00.000001Z', Number.MAX_SAFE_INTEGER)).toBe(FOREVER)
    expect(plus('2027-01-01T00:00:00.000001Z', Number.POSITIVE_INFINITY)).toBe(FOREVER)
    expect(fromMillis(-1e300)).toBe('0001-01-01T00:00:00.000000Z')
    expect(plus(FOREVER, -1000)).toBe(FOREVER)
  })
})

it('is shown as Python shows it', () => {
  expect([naive('2027-01-01T00:00:00.000000Z'), naive('2027-01-01T00:00:00.120000Z')]).toEqual([
    '2027-01-01T00:00:00',
    '2027-01-01T00:00:00.120000',
  ])
  expect([aware('2027-01-01T00:00:00.000000Z'), aware('2027-01-01T00:00:00.000001Z')]).toEqual([
    '2027-01-01T00:00:00+00:00',
    '2027-01-01T00:00:00.000001+00:00',
  ])
})
