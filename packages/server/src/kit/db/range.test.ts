import { FOREVER } from '@esi/api/time'
import { expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { multirangeText, parseMultirange, parseRange, type Range, rangeText } from './range.ts'

const connections = useDatabase()
const one = async (text: string, values: unknown[] = []) => (await connections.pool.query(`select ${text} as it`, values)).rows[0].it

const A = '2030-01-01T00:00:00.000001Z'
const B = '2030-01-02T00:00:00.000000Z'
const ranges: Range[] = [
  { from: A, to: B },
  { from: A, to: FOREVER },
  { from: null, to: B },
  { from: null, to: FOREVER },
]

test.each(ranges)('a range survives the way through the database: $from to $to', async range => {
  const back = await one('$1::tstzrange', [rangeText(range)])
  expect(typeof back).toBe('string')
  expect(parseRange(back)).toEqual(range)
  expect(await one('upper_inf($1::tstzrange)', [rangeText(range)])).toBe(range.to === FOREVER)
  expect(await one('lower_inf($1::tstzrange)', [rangeText(range)])).toBe(range.from === null)
})

test('several ranges, and the empty one', async () => {
  const two = [
    { from: null, to: A },
    { from: B, to: FOREVER },
  ]
  expect(parseMultirange(await one('$1::tstzmultirange', [multirangeText(two)]))).toEqual(two)
  expect(parseMultirange(await one("'{}'::tstzmultirange"))).toEqual([])
  expect(parseRange(await one("'empty'::tstzrange"))).toBeUndefined()
})

test('infinite bounds that are written out mean the same', async () => {
  expect(parseRange(await one("tstzrange('-infinity', 'infinity')"))).toEqual({ from: null, to: FOREVER })
})

test('a range that is not half open is refused, not misread', async () => {
  const closed = await one(`tstzrange('2030-01-01', '2030-01-02', '[]')`)
  expect(() => parseRange(closed)).toThrow('not half open')
  const open = await one(`tstzrange('2030-01-01', '2030-01-02', '()')`)
  expect(() => parseRange(open)).toThrow('not half open')
  expect(() => parseRange('nonsense')).toThrow('cannot be read')
})

test('times come out as instants, in arrays too, whatever the zone of the session', async () => {
  const client = await connections.pool.connect()
  await client.query(`set timezone = 'Asia/Kathmandu'`)
  const { rows } = await client.query(
    `select '2030-01-01 00:00:00.5+00'::timestamptz as a, 'infinity'::timestamptz as b, array['2030-01-01+00', null, 'infinity']::timestamptz[] as c,
       null::timestamptz as d, '2030-01-01 10:00'::timestamp as e`,
  )
  await client.query('reset timezone')
  client.release()
  expect(rows[0]).toEqual({
    a: '2030-01-01T00:00:00.500000Z',
    b: FOREVER,
    c: ['2030-01-01T00:00:00.000000Z', null, FOREVER],
    d: null,
    e: '2030-01-01T10:00:00.000000Z',
  })
})

test('a time that cannot be shown is an error, not another time', async () => {
  await expect(one("'0044-03-15 BC'::timestamptz")).rejects.toThrow('cannot be shown')
  expect(await one('1')).toBe(1)
})

test('big integers are numbers where that loses nothing', async () => {
  expect(await one('9007199254740991::int8')).toBe(9007199254740991)
  expect(await one('9007199254740993::int8')).toBe('9007199254740993')
  expect(await one('array[1, null]::int8[]')).toEqual([1, null])
  expect(await one('(select count(*) from kit.event)')).toBe(0)
})
