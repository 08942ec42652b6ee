import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bool, int, isUuid, json, list, object, oneOf, string, type Type, time, Unfit, uuid } from './types.ts'

const ID = '0f0e0d0c-0b0a-4908-8706-050403020100'
const why = (run: () => unknown): string => {
  try {
    return `is ${JSON.stringify(run())}`
  } catch (e) {
    expect(e).toBeInstanceOf(Unfit)
    return (e as Error).message
  }
}

describe('values from JSON', () => {
  it.each<[string, Type<unknown>, unknown, unknown]>([
    ['string', string(), '', ''],
    ['string at its length', string(3), 'abc', 'abc'],
    ['uuid', uuid(), ID.toUpperCase(), ID],
    ['uuid without hyphens', uuid(), ID.replaceAll('-', ''), ID],
    ['true', bool(), true, true],
    ['the word True', bool(), 'True', true],
    ['the word 0', bool(), '0', false],
    ['integer', int(0, 5), 5, 5],
    ['integer written 1.0', int(), JSON.parse('1.0'), 1],
    ['object', object(), { a: null }, { a: null }],
    ['list', list(), [1, 'x'], [1, 'x']],
    ['list of', list(int()), [1, 2], [1, 2]],
    ['one of', oneOf('a', 'b'), 'b', 'b'],
    ['anything', json(), [null], [null]],
    ['time', time(), '2027-01-01T02:00:00+02:00', '2027-01-01T00:00:00.000000Z'],
  ])('%s', (_, type, given, wanted) => {
    expect(type.parse(given)).toEqual(wanted)
  })
  it.each<[Type<unknown>, unknown, RegExp]>([
    [string(), 1, /^must be a string$/],
    [string(), null, /^must be a string$/],
    [string(3), 'abcd', /at most 3/],
    [string(9, 1), '', /not be empty/],
    [string(9, 4), 'abc', /at least 4/],
    [uuid(), 'x', /UUID/],
    [uuid(), `${ID}0`, /UUID/],
    [uuid(), `{${ID}}`, /UUID/],
    [uuid(), [ID], /UUID/],
    [bool(), 1, /true or false/],
    [bool(), 'maybe', /true or false/],
    [int(), '1', /whole number/],
    [int(), 1.5, /whole number/],
    [int(), Number.NaN, /whole number/],
    [int(), 2 ** 53, /whole number/],
    [int(0, 5), 6, /from 0 to 5/],
    [object(), [], /object/],
    [object(), null, /object/],
    [list(), {}, /list/],
    [list(int()), ['1'], /whole number/],
    [oneOf('a', 'b'), ['a'], /one of a, b/],
    [oneOf('a', 'b'), 'toString', /one of a, b/],
    [time(), 0, /ISO 8601/],
    [time(), 'now', /ISO 8601/],
  ])('%j refuses %j', (type, given, message) => {
    expect(why(() => type.parse(given))).toMatch(message)
  })
})

describe('values from a query', () => {
  it.each<[Type<unknown>, string, unknown]>([
    [string(), '1', '1'],
    [int(), '+5', 5],
    [int(), '-0012', -12],
    [bool(), 'yes', true],
    [bool(), 'FALSE', false],
    [object(), '{"a":1}', { a: 1 }],
    [list(), 'a,b', ['a', 'b']],
    [list(int()), '1,2', [1, 2]],
    [time(), '2027-01-01', '2027-01-01T00:00:00.000000Z'],
  ])('%j reads %s', (type, text, wanted) => {
    expect(type.query(text)).toEqual(wanted)
  })
  it.each<[Type<unknown>, string]>([
    [int(), ''],
    [int(), '1e3'],
    [int(), '0x10'],
    [int(), ' 1'],
    [int(), '99999999999999999999'],
    [bool(), ''],
    [object(), '[]'],
    [object(), '{'],
    [list(int()), '1,,2'],
    [time(), ''],
  ])('%j refuses %j', (type, text) => {
    expect(why(() => type.query(text))).toMatch(/^must/)
  })
})

it('every type answers every value with itself or Unfit, and accepts what it gave', () => {
  const types = [string(5), uuid(), bool(), int(-9, 9), object(), list(int()), oneOf('a', 'b'), json(), time()]
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.oneof(fc.jsonValue(), fc.uuid(), fc.integer()), fc.boolean(), (type, value, query) => {
      let once: unknown
      try {
        once = query ? type.query(typeof value === 'string' ? value : JSON.stringify(value)) : type.parse(value)
      } catch (e) {
        expect(e).toBeInstanceOf(Unfit)
        expect((e as Error).message).toMatch(/^(must|is|does) /)
        return
      }
      expect(type.parse(once)).toEqual(once)
    }),
    { numRuns: 2000 },
  )
})

it('only text can be a UUID', () => {
  fc.assert(fc.property(fc.uuid(), id => isUuid(id) && isUuid(id.toUpperCase()) && isUuid(id.replaceAll('-', ''))))
  expect([undefined, null, 1, {}, [], '', 'x'].some(isUuid)).toBe(false)
})
