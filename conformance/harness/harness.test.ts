import { describe, expect, it } from 'vitest'
import { judge } from '../openstack/run.ts'
import { including, inOrder, mismatch, without } from './match.ts'
import { report } from './outcome.ts'
import { type Row, words } from './row.ts'
import { readSkips, stale } from './skips.ts'

const kept = new Map([['node', 'n1']])
const wrong = (expected: Parameters<typeof mismatch>[0], actual: unknown) => mismatch(expected, actual, kept)

describe('what an answer must look like', () => {
  it.each([
    ['$node', 'n1'],
    [/^n\d$/, 'n1'],
    [{ a: 1 }, { a: 1, b: 2 }],
    [
      [{ a: 1 }, { a: 2 }],
      [{ a: 2 }, { a: 1 }],
    ],
    [including({ a: 2 }), [{ a: 1 }, { a: 2 }]],
    [without({ a: 3 }), [{ a: 1 }]],
    [inOrder(1, 2), [1, 2]],
    [null, null],
  ])('is met: %j by %j', (expected, actual) => expect(wrong(expected, actual)).toBeUndefined())

  it.each([
    ['$node', 'n2'],
    ['1', 1],
    [/^n\d$/, 1],
    [{ a: null }, {}],
    [{ a: 1 }, null],
    [[], [1]],
    [
      [1, 2],
      [1, 1],
    ],
    [[], { length: 0 }],
    [including({ a: 3 }), [{ a: 1 }]],
    [without({ a: 1 }), [{ a: 1 }]],
    [without({ a: 1 }), {}],
    [inOrder(1, 2), [2, 1]],
    [inOrder(1), [1, 2]],
    [false, null],
  ])('is not met: %j by %j', (expected, actual) => expect(wrong(expected, actual)).toEqual(expect.any(String)))

  it('never stands for what was not kept', () => {
    expect(() => wrong('$gone', 'x')).toThrow('$gone was not kept')
  })
})

describe('a row', () => {
  const as = (row: Partial<Row>, answer: { code?: number; out?: string; err?: string }) =>
    judge({ as: 'admin', run: 'x', ...row }, { code: 0, out: '', err: '', ...answer }, new Map())

  it('has words as in a shell', () => {
    expect(words(`node set --property 'a={"b": [1]}' "two words" --x=''`)).toEqual([
      'node',
      'set',
      '--property',
      'a={"b": [1]}',
      'two words',
      '--x=',
    ])
  })
  it('that is refused must be refused, and in its words', () => {
    expect(as({ refused: /403/ }, { code: 1, err: 'HTTP 403' })).toBeUndefined()
    expect(as({ refused: /403/ }, { out: 'done' })).toMatch(/should have been refused/)
    expect(as({ refused: /403/ }, { code: 1, err: 'HTTP 500' })).toMatch(/not like/)
  })
  it('that prints nothing prints nothing', () => {
    expect(as({}, {})).toBeUndefined()
    expect(as({}, { out: 'x' })).toMatch(/nothing was expected/)
    expect(as({}, { code: 1, err: 'no' })).toMatch(/ended with 1/)
  })
  it('shows columns in order, and never passes on an empty list', () => {
    expect(as({ columns: ['a', 'b'] }, { out: '[{"a":1,"b":2}]' })).toBeUndefined()
    expect(as({ columns: ['a', 'b'] }, { out: '[{"b":1,"a":2}]' })).toMatch(/columns are b, a/)
    expect(as({ columns: ['a'] }, { out: '[]' })).toMatch(/empty/)
    expect(as({ columns: ['a'] }, { out: 'table' })).toMatch(/no JSON/)
  })
  it('keeps what later ones need, or fails', () => {
    const kept = new Map<string, string>()
    const row: Row = { as: 'admin', run: 'x', keep: { node: 'uuid' } }
    expect(judge(row, { code: 0, out: '{"uuid":"u"}', err: '' }, kept)).toBeUndefined()
    expect(kept.get('node')).toBe('u')
    expect(judge(row, { code: 0, out: '{}', err: '' }, kept)).toMatch(/no uuid to keep/)
  })
})

describe('the list of what is skipped', () => {
  const file = (most: number) => `most: ${most}\nsuites:\n  s:\n    not built until later:\n      - a\n      - b\n`
  it('is as long as it says, no longer and no shorter', () => {
    expect(readSkips(file(2)).get('s')?.get('a')).toBe('not built until later')
    expect(() => readSkips(file(1))).toThrow(/may only shrink/)
    expect(() => readSkips(file(3))).toThrow(/set "most"/)
    expect(() => readSkips('most: 1\nsuites:\n  s:\n    "":\n      - a\n')).toThrow(/without a reason/)
  })
  it('names cases that there are', () => {
    expect(stale(readSkips(file(2)), 's', ['b'])).toEqual(['a'])
  })
})

it('reports one line a suite, and every failure with its reason', () => {
  expect(
    report({
      suite: 's',
      outcomes: [
        { id: 'a', result: 'passed' },
        { id: 'b', result: 'failed', why: 'x\ny' },
        { id: 'c', result: 'skipped', why: 'later' },
      ],
    }),
  ).toBe('s 1 passed 1 failed 1 skipped\n  b\n    x\n    y')
})
