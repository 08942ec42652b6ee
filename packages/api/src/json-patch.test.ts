import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Change, Refused } from './dialect.ts'
import { escapePointer, patchChanges } from './json-patch.ts'

const current = {
  name: 'a',
  note: null,
  extra: { k: 1, deep: { x: [1, 2, 3], y: { z: null } }, 'a/b': 1, 'm~n': 2 },
  list: ['p', 'q'],
}
const known = (field: string) => Object.hasOwn(current, field)
const patch = (...body: unknown[]) => patchChanges(body, current, known)
const values = (changes: readonly Change[]) => Object.fromEntries(changes.map(c => [c.field, c.value]))
const refusal = (...body: unknown[]): string => {
  try {
    patch(...body)
  } catch (e) {
    expect(e).toBeInstanceOf(Refused)
    expect(['invalid', 'conflict']).toContain((e as Refused).kind)
    return (e as Refused).message
  }
  return 'passes'
}

describe('operations on a field', () => {
  it('set it, whether or not it has a value', () => {
    expect(patch({ op: 'add', path: '/note', value: 1 }, { op: 'replace', path: '/name', value: null })).toEqual([
      { field: 'note', value: 1 },
      { field: 'name', value: null },
    ])
  })
  it('remove it, which is more than setting it to null', () => {
    expect(patch({ op: 'remove', path: '/name' })).toEqual([{ field: 'name', value: null, remove: true }])
  })
  it('count in their order', () => {
    expect(
      patch({ op: 'add', path: '/name', value: 'b' }, { op: 'remove', path: '/name' }, { op: 'add', path: '/name', value: 'c' }),
    ).toEqual([{ field: 'name', value: 'c' }])
    expect(patch({ op: 'remove', path: '/extra' }, { op: 'add', path: '/extra/n', value: 1 })).toEqual([
      { field: 'extra', value: { n: 1 } },
    ])
  })
})

describe('operations below a field', () => {
  it('give the whole field, and leave what was there as it was', () => {
    const before = structuredClone(current)
    expect(
      values(
        patch(
          { op: 'add', path: '/extra/n', value: [] },
          { op: 'add', path: '/extra/n/-', value: 7 },
          { op: 'remove', path: '/extra/deep/x/1' },
          { op: 'replace', path: '/extra/deep/y/z', value: 1 },
          { op: 'add', path: '/list/0', value: 'o' },
          { op: 'replace', path: '/list/2', value: 'r' },
        ),
      ),
    ).toEqual({
      extra: { k: 1, deep: { x: [1, 3], y: { z: 1 } }, 'a/b': 1, 'm~n': 2, n: [7] },
      list: ['o', 'p', 'r'],
    })
    expect(current).toEqual(before)
  })
  it('begin an object where there is none yet', () => {
    expect(values(patch({ op: 'add', path: '/note/x', value: 1 }))).toEqual({ note: { x: 1 } })
  })
  it('name keys with slashes and tildes', () => {
    const extra = values(patch({ op: 'replace', path: '/extra/a~1b', value: 0 }, { op: 'remove', path: '/extra/m~0n' }))['extra']
    expect(extra).toEqual({ k: 1, deep: current.extra.deep, 'a/b': 0 })
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), key => {
        fc.pre(key !== '__proto__')
        const changed = values(patch({ op: 'add', path: `/extra/${escapePointer(key)}`, value: 'new' }))['extra'] as Record<string, unknown>
        expect(changed[key]).toBe('new')
        expect(Object.keys(changed).length).toBe(Object.keys({ ...current.extra, [key]: 1 }).length)
      }),
    )
  })
  it('may have the names of what every object has', () => {
    expect(values(patch({ op: 'add', path: '/extra/constructor', value: 1 }))['extra']).toHaveProperty('constructor', 1)
  })
  it.each([
    ['remove', '/extra/nothing'],
    ['replace', '/extra/nothing'],
    ['remove', '/extra/toString'],
    ['remove', '/list/2'],
    ['remove', '/list/-'],
    ['replace', '/list/-'],
    ['add', '/list/3'],
    ['add', '/list/01'],
    ['add', '/list/-1'],
    ['add', '/list/1e0'],
    ['add', '/list/'],
    ['add', '/list/length'],
    ['add', '/list/0/x'],
    ['add', '/name/x'],
    ['add', '/extra/nothing/x'],
    ['add', '/extra/constructor/x'],
    ['add', '/extra/__proto__/polluted'],
    ['add', '/extra/__proto__'],
  ])('%s %s is refused, because there is no such place', (op, path) => {
    expect(refusal({ op, path, value: 1 })).toContain(`Couldn't apply the patch: there is no ${path}.`)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('a test', () => {
  it('passes for the same JSON, whatever the order of keys', () => {
    expect(patch({ op: 'test', path: '/name', value: 'a' })).toEqual([])
    expect(patch({ op: 'test', path: '/extra/deep', value: { y: { z: null }, x: [1, 2, 3] } })).toEqual([])
  })
  it('sees what the operations before it did', () => {
    expect(patch({ op: 'add', path: '/name', value: 'b' }, { op: 'test', path: '/name', value: 'b' })).toHaveLength(1)
  })
  it.each([
    ['/name', 'b'],
    ['/note', undefined],
    ['/extra/nothing', null],
    ['/extra/toString', null],
    ['/list', ['q', 'p']],
    ['/extra/deep/y', {}],
  ])('of %s against %j fails', (path, value) => {
    expect(refusal({ op: 'test', path, value })).toBe(`The test of "${path}" failed.`)
  })
})

describe('what is no patch', () => {
  it.each([
    [null, 'a list'],
    [{}, 'a list'],
    ['x', 'a list'],
    [[1], 'an object with'],
    [[null], 'an object with'],
    [[[]], 'an object with'],
    [[{}], 'an object with'],
    [[{ op: 'add' }], 'an object with'],
    [[{ op: 1, path: '/name' }], 'an object with'],
    [[{ op: 'move', path: '/name', from: '/note' }], 'not one of'],
    [[{ op: 'copy', path: '/name', from: '/note' }], 'not one of'],
    [[{ op: 'Add', path: '/name', value: 1 }], 'not one of'],
    [[{ op: 'add', path: 'name', value: 1 }], 'must start with'],
    [[{ op: 'add', path: '', value: 1 }], 'must start with'],
    [[{ op: 'add', path: '/', value: 1 }], 'no such attribute'],
    [[{ op: 'add', path: '/nom', value: 1 }], 'no such attribute'],
    [[{ op: 'add', path: '/constructor/x', value: 1 }], 'no such attribute'],
    [[{ op: 'add', path: '/name' }], 'needs a "value"'],
    [[{ op: 'add', path: '/extra/~2', value: 1 }], '"~0"'],
    [[{ op: 'add', path: '/extra/x~', value: 1 }], '"~0"'],
  ])('%j is refused', (body, message) => {
    expect(() => patchChanges(body, current, known)).toThrow(message)
  })
  it('whatever it is, is answered with changes or a refusal', () => {
    const path = fc.oneof(
      fc
        .array(fc.constantFrom('name', 'extra', 'deep', 'x', '0', '-', 'toString', '__proto__', '~', ''), { maxLength: 4 })
        .map(p => `/${p.join('/')}`),
      fc.string(),
    )
    const op = fc.record(
      { op: fc.constantFrom('add', 'replace', 'remove', 'test', 'move'), path, value: fc.jsonValue() },
      { requiredKeys: [] },
    )
    const before = structuredClone(current)
    fc.assert(
      fc.property(fc.oneof(fc.array(op), fc.jsonValue()), fc.boolean(), (body, anything) => {
        try {
          patchChanges(body, current, anything ? () => true : known)
        } catch (e) {
          expect(e).toBeInstanceOf(Refused)
        }
        expect(current).toEqual(before)
        expect(({} as Record<string, unknown>)['x']).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })
})

it('what add and remove do to keys is what they do to a plain object', () => {
  const key = fc.constantFrom('a', 'b', 'c/d', 'e~f')
  const step = fc.record({ add: fc.boolean(), key, value: fc.jsonValue() })
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), fc.array(step, { maxLength: 8 }), (start, steps) => {
      const model: Record<string, unknown> = { ...start }
      const possible = steps.filter(s => {
        if (!s.add && !Object.hasOwn(model, s.key)) return false
        if (s.add) model[s.key] = s.value
        else delete model[s.key]
        return true
      })
      const body = possible.map(s => ({ op: s.add ? 'add' : 'remove', path: `/o/${escapePointer(s.key)}`, value: s.value }))
      const changes = patchChanges(body, { o: start }, () => true)
      expect(changes.length === 0 ? start : changes[0]!.value).toEqual(model)
    }),
  )
})
