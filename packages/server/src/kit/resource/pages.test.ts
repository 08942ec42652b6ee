import { dialect as ironic } from '@esi/api/baremetal/dialect'
import type { Dialect } from '@esi/api/dialect'
import { dialect as keystone } from '@esi/api/identity/dialect'
import { dialect as leap } from '@esi/api/leasing/dialect'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thing, toyDialect } from './test/toy.ts'
import { LESSEE, OWNER, type Row, STRANGER, useToy } from './test/use.ts'

/** Many equal and many absent values: what pages stumble over. */
const row = fc.record({
  owner: fc.constantFrom(OWNER, STRANGER, null),
  holder: fc.constantFrom(null, null, OWNER, LESSEE),
  kind: fc.constantFrom('a', 'b'),
  size: fc.constantFrom(null, 1, 2),
  note: fc.constantFrom(null, '', 'x', 'Y'),
  cause: fc.constantFrom(null, 'p', 'q'),
  due: fc.constantFrom(null, '2027-01-01T00:00:00.000001Z', '2027-01-01T00:00:00.000002Z', 'infinity'),
  locked: fc.boolean(),
  gone: fc.constantFrom(false, false, false, true),
  created_at: fc.constantFrom('2027-01-01T00:00:00Z', '2027-01-02T00:00:00Z'),
})

const SORTS = ['size', 'note', 'due', 'cause', 'kind', 'created_at', 'id'] as const

interface Question {
  readonly persona: 'owner' | 'lessee' | 'admin'
  readonly size?: number
  readonly kind?: string
  readonly sort: readonly { readonly field: (typeof SORTS)[number]; readonly dir: 'asc' | 'desc' }[]
  readonly limit: number
}

const question = (keys: number): fc.Arbitrary<Question> =>
  fc
    .record({
      persona: fc.constantFrom('owner', 'lessee', 'admin'),
      size: fc.constantFrom(undefined, undefined, 1, 2),
      kind: fc.constantFrom(undefined, undefined, 'a'),
      sort: fc.array(fc.record({ field: fc.constantFrom(...SORTS), dir: fc.constantFrom('asc', 'desc') }), { maxLength: keys }),
      limit: fc.integer({ min: 1, max: 7 }),
    })
    .map(q => q as Question)

const sorting = new Map<Dialect, (sort: Question['sort']) => string[]>([
  [toyDialect, sort => (sort.length === 0 ? [] : [`sort=${sort.map(s => `${s.field}:${s.dir}`).join(',')}`])],
  [ironic, sort => sort.flatMap(s => [`sort_key=${s.field}`, `sort_dir=${s.dir}`])],
  [keystone, () => []],
  [leap, sort => sort.flatMap(s => [`sort_key=${s.field}`, `sort_dir=${s.dir}`])],
])

const PROJECT = { owner: OWNER, lessee: LESSEE, admin: undefined }

/** What is to be seen, judged row by row in the plainest way. */
const seen = (rows: readonly Row[], q: Question): Row[] =>
  rows.filter(
    r =>
      !r['gone'] &&
      (q.persona === 'admin' || r['owner'] === PROJECT[q.persona] || r['holder'] === PROJECT[q.persona]) &&
      (q.size === undefined || r['size'] === q.size) &&
      (q.kind === undefined || r['kind'] === q.kind),
  )

/** By the last of all times for no end, and as absent where the caller may not read it. */
const sorted = (rows: readonly Row[], q: Question): unknown[] => {
  const value = (r: Row, field: string) => {
    if (field === 'cause' && q.persona !== 'admin' && r['owner'] !== PROJECT[q.persona]) return null
    return r[field] as string | number | null
  }
  const last = q.sort.at(-1)?.dir ?? 'asc'
  const order = q.sort.some(s => s.field === 'id') ? q.sort : [...q.sort, { field: 'id', dir: last }]
  return rows
    .toSorted((a, b) => {
      for (const { field, dir } of order) {
        const [x, y] = [value(a, field), value(b, field)]
        if (x === y) continue
        const up = x === null ? 1 : y === null ? -1 : x < y ? -1 : 1
        return dir === 'asc' ? up : -up
      }
      return 0
    })
    .map(r => r['id'])
}

describe.each([
  ['toy', toyDialect, 3],
  ['JSON Patch', ironic, 1],
  ['envelopes', keystone, 0],
  ['plain', leap, 2],
])('pages in the dialect of %s', (_, dialect, keys) => {
  const toy = useToy(dialect)
  it('are the one big list, each row once, none short and none foreign', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 24 }),
        fc.array(question(keys), { minLength: 1, maxLength: 4 }),
        async (rows, questions) => {
          await toy.served.connections.pool.query('truncate toy.thing')
          const stored = await toy.insert(rows)
          for (const q of questions) {
            const query = [
              ...(q.size === undefined ? [] : [`size=${q.size}`]),
              ...(q.kind === undefined ? [] : [`kind=${q.kind}`]),
              ...sorting.get(dialect)!(q.sort),
            ].join('&')
            const whole = toy.items(await toy.call(q.persona, 'GET', `${thing.path}?${query}`))
            const pages = await toy.pages(q.persona, `${thing.path}?${query}&limit=${q.limit}`)
            expect(pages.flat()).toEqual(whole)
            for (const page of pages.slice(0, -1)) expect(page).toHaveLength(q.limit)
            if (pages.length > 1) expect(pages.at(-1)!.length).toBeGreaterThan(0)

            const wanted = seen(stored, q)
            const ids = whole.map(item => item['id'])
            expect([...ids].sort()).toEqual(wanted.map(r => r['id']).sort())
            // That dialect sorts by the time of creation where it is asked for nothing, and where it is asked for `id`.
            if (dialect !== ironic || (q.sort.length > 0 && q.sort[0]!.field !== 'id')) expect(ids).toEqual(sorted(wanted, q))
          }
        },
      ),
      { numRuns: 40 },
    )
    expect(toy.errors).toEqual([])
  })
})
