import { aware, naive, type TimeForm } from '@esi/api/time'
import fc from 'fast-check'
import { sql as SQL } from 'kysely'
import { describe, expect, it } from 'vitest'
import { timeText } from './json-text.ts'
import { thing, toyDialect } from './test/toy.ts'
import { LESSEE, OWNER, type Row, STRANGER, useToy } from './test/use.ts'

/*
 * A list's text is written by the database, a single row by us. They must say the same of every row, to everybody and at every version.
 */

const awkward = fc.oneof(
  fc.constantFrom('', '"', '\\', '\\"u0000', '\n\t', '"\\u00001"', '$1', "'", 'é😀', 'null', '\u2028', '\u007f', '</script>'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const text = fc.option(
  awkward.map(s => s.replaceAll('\u0000', '')),
  { nil: null },
)
const micros = fc.constantFrom('.000000', '.5', '.123456', '.120000', '.000001', '.999999')
const moment = fc.oneof(
  fc.constant('infinity'),
  fc
    .tuple(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }), micros)
    .map(([at, fraction]) => `${at.toISOString().slice(0, 19)}${fraction}Z`),
)
const row = fc.record({
  owner: fc.constantFrom(OWNER, LESSEE, STRANGER, null),
  holder: fc.constantFrom(OWNER, LESSEE, null),
  size: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: null }),
  note: text,
  due: fc.option(moment, { nil: null }),
  info: fc.constantFrom({}, { password: 'p' }, { a: [1.5, { b: '"' }], password: 1 }),
  cause: text,
  parts: fc.constantFrom(null, [], [1, 'x', null]),
  code: text,
  secret: text,
  locked: fc.boolean(),
  tag: text,
  state: fc.constantFrom('ready', 'busy'),
  created_at: moment.filter(at => at !== 'infinity'),
})

const PERSONAS = ['admin', 'owner', 'lessee', 'stranger']

describe.each<[string, TimeForm]>([
  ['whole', toyDialect.time],
  ['naive', naive],
  ['aware', aware],
])('with %s times', (_, time) => {
  const toy = useToy({ ...toyDialect, time })

  it('a list says of each row what the row alone says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 25 }), fc.integer({ min: 4, max: 9 }), async (rows, version) => {
        await toy.served.connections.pool.query('truncate toy.thing')
        await toy.insert(rows)
        for (const persona of PERSONAS)
          for (const query of ['', '?brief', '?fields=note,due,code,info', '?limit=12']) {
            const headers = toyDialect.ask(version)
            const answer = await toy.call(persona, 'GET', `${thing.path}${query}`, undefined, headers)
            expect([answer.status, answer.body.said]).toEqual([200, undefined])
            for (const listed of toy.items(answer)) {
              const id = listed['id'] ?? (listed['refs'] as string[])[0]!.slice(1)
              const alone = toy.item(await toy.show(persona, id, headers))
              const wanted: Row = Object.fromEntries(Object.keys(listed).map(name => [name, alone[name]]))
              expect(listed).toEqual(wanted)
              if (query === '' || query.startsWith('?limit')) expect(Object.keys(listed).sort()).toEqual(Object.keys(alone).sort())
            }
          }
      }),
      { numRuns: 6 },
    )
    expect(toy.errors).toEqual([])
  })
})

const clock = useToy(toyDialect)
it('a moment is written as we write it, wherever the session thinks it is', async () => {
  const { pool } = clock.served.connections
  const client = await pool.connect()
  try {
    for (const zone of ['UTC', 'America/New_York', 'Asia/Kathmandu'])
      await fc.assert(
        fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 40 }), async moments => {
          await client.query(`set timezone = '${zone}'`)
          for (const form of [toyDialect.time, naive, aware]) {
            const { sql } = timeText(SQL`m.at`, form).compile(clock.served.database.db)
            const { rows } = await client.query(
              `select ${sql} as text, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as own, at = 'infinity' as endless
               from unnest($1::timestamptz[]) as m(at)`,
              [moments],
            )
            for (const { text, own, endless } of rows) expect(JSON.parse(text)).toBe(form(endless ? '9999-12-31T23:59:59.999999Z' : own))
          }
        }),
        { numRuns: 8 },
      )
  } finally {
    client.release(true)
  }
})
