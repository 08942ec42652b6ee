import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WireRequest } from './dialect.ts'
import { chosenFields, direction, exactFilters, nextLink, pageSize, unwrap } from './page.ts'

const query = (text: string) => new URLSearchParams(text)
const request = (text: string, body?: unknown): WireRequest => ({
  method: 'GET',
  path: '/v1/things',
  query: query(text),
  headers: {},
  base: 'http://h:1/toy',
  body,
})

it('fields are chosen in one parameter or in several', () => {
  expect(chosenFields(query('fields=a,b&fields=%20c%20,,'))).toEqual(['a', 'b', 'c'])
  for (const none of ['', 'fields', 'fields=', 'fields=,']) expect(chosenFields(query(none))).toBeUndefined()
})

it('every other parameter is a filter, and the last of its kind counts', () => {
  expect(exactFilters(query('limit=1&a=1&b&a=2&a=3'), ['limit'])).toEqual([
    { field: 'a', op: 'eq', values: ['3'] },
    { field: 'b', op: 'eq', values: [''] },
  ])
})

describe('a page size', () => {
  it.each([
    ['', 100],
    ['limit=', 100],
    ['limit=1', 1],
    ['limit=%2B7', 7],
    ['limit=100', 100],
    ['limit=101', 100],
    [`limit=${'9'.repeat(400)}`, 100],
  ])('%s', (text, wanted) => {
    expect(pageSize(query(text), 100)).toBe(wanted)
  })
  it.each(['0', '-1', 'x', '1.5', '1e2', '0x1', ' 1'])('of %j is refused', text => {
    expect(() => pageSize(query(`limit=${encodeURIComponent(text)}`), 100)).toThrow(/limit/i)
  })
})

it('a direction is one of two words', () => {
  expect([direction('asc'), direction('desc')]).toEqual(['asc', 'desc'])
  for (const text of ['', 'ASC', 'up', 'constructor']) expect(() => direction(text)).toThrow(/Invalid sort direction/)
})

it('a link to the next page is the same question from another row on', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 6 }), fc.string(), fc.nat(), (pairs, marker, limit) => {
      const first = { ...request(''), query: new URLSearchParams(pairs) }
      const link = nextLink(first, marker, limit)
      expect(link.startsWith('http://h:1/toy/v1/things?')).toBe(true)
      const next = new URL(link).searchParams
      // What is not well-formed text cannot be in a link.
      expect(next.get('marker')).toBe(marker.toWellFormed())
      expect(next.get('limit')).toBe(String(limit))
      for (const [key] of first.query) if (!['marker', 'limit'].includes(key)) expect(next.getAll(key)).toEqual(first.query.getAll(key))
    }),
  )
})

it('an envelope holds an object of the right name', () => {
  expect(unwrap(request('', { thing: { a: 1 } }), { name: 'thing' })).toEqual({ a: 1 })
  for (const body of [undefined, null, 3, 'thing', [], {}, { thing: null }, { thing: [] }, { thing: 'x' }, { Thing: {} }])
    expect(() => unwrap(request('', body), { name: 'thing' })).toThrow(/"thing"/)
})
