import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Credentials } from '../auth/caller.ts'
import { compile } from './compile.ts'
import { explain } from './explain.ts'
import { parse } from './parse.ts'

/** Expressions as a person thinks of them, evaluated naively and written in the language with as few parentheses as chance gives. */
type Tree =
  | { atom: 'always' | 'never' }
  | { role: string }
  | { owner: string }
  | { fixed: boolean; flag: string }
  | { rule: number }
  | { not: Tree }
  | { all: Tree[]; loose: boolean }
  | { any: Tree[]; loose: boolean }

interface World {
  target: Record<string, unknown>
  who: Credentials
  rules: Tree[]
}

const naive = (tree: Tree, world: World): boolean => {
  if ('atom' in tree) return tree.atom === 'always'
  if ('role' in tree) return world.who.roles.map(r => r.toUpperCase()).includes(tree.role.toUpperCase())
  if ('owner' in tree) {
    const owner = world.target[tree.owner]
    return typeof owner === 'string' && owner === world.who.project_id
  }
  if ('flag' in tree) return world.target[tree.flag] === tree.fixed
  if ('rule' in tree)
    return tree.rule < world.rules.length && naive(world.rules[tree.rule]!, { ...world, rules: world.rules.slice(0, tree.rule) })
  if ('not' in tree) return !naive(tree.not, world)
  return 'all' in tree ? tree.all.every(t => naive(t, world)) : tree.any.some(t => naive(t, world))
}

/** `within`: 0 anywhere, 1 in an or, 2 in an and, 3 behind a not. */
const written = (tree: Tree, within: number, known: number): string => {
  const wrap = (text: string, level: number, loose: boolean) => (within > level || loose ? `(${text})` : text)
  if ('atom' in tree) return tree.atom === 'always' ? '@' : '!'
  if ('role' in tree) return `role:${tree.role}`
  if ('owner' in tree) return `project_id:%(${tree.owner})s`
  if ('flag' in tree) return `${tree.fixed ? 'True' : 'False'}:%(${tree.flag})s`
  if ('rule' in tree) return `rule:${tree.rule < known ? `r${tree.rule}` : 'nowhere'}`
  if ('not' in tree) return `not ${written(tree.not, 3, known)}`
  if ('all' in tree) return wrap(tree.all.map(t => written(t, 2, known)).join(' and '), 2, tree.loose || tree.all.length === 1)
  return wrap(tree.any.map(t => written(t, 1, known)).join(' or '), 1, tree.loose || tree.any.length === 1)
}

const { tree } = fc.letrec<{ tree: Tree }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Tree>({ atom: 'always' }, { atom: 'never' }),
    fc.constantFrom('admin', 'Member', 'reader').map((role): Tree => ({ role })),
    fc.constantFrom('owner', 'node.lessee').map((owner): Tree => ({ owner })),
    fc.record({ fixed: fc.boolean(), flag: fc.constantFrom('shared', 'node.retired') }),
    fc.nat(4).map((rule): Tree => ({ rule })),
    tie('tree').map((not): Tree => ({ not })),
    fc.record({ all: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }), loose: fc.boolean() }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }), loose: fc.boolean() }),
  ),
}))

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const projects = fc.constantFrom('p1', 'p2')
const world = fc.record({
  rules: fc.array(tree, { maxLength: 4 }),
  target: fc.record({
    owner: fc.option(maybe(projects)),
    'node.lessee': fc.option(maybe(projects)),
    shared: maybe(fc.boolean()),
    'node.retired': fc.option(fc.boolean()),
  }),
  who: fc
    .record({ project: maybe(projects), roles: fc.subarray(['ADMIN', 'member', 'reader', 'other']) })
    .map(({ project, roles }): Credentials => ({ user_id: 'u', user_domain_id: 'd', roles, ...(project ? { project_id: project } : {}) })),
})

const nest = (target: Record<string, unknown>) => ({
  owner: target['owner'],
  shared: target['shared'],
  node: { lessee: target['node.lessee'], retired: target['node.retired'] },
})

it('decides every expression as a naive reading of it does, on flat and nested targets, and explains the same', () => {
  fc.assert(
    fc.property(tree, world, (asked, w) => {
      const wanted = naive(asked, w)
      // A rule may refer only to those before it, so there is no circle.
      const rules = compile(
        new Map([
          ...w.rules.map((t, i) => [`r${i}`, parse(written(t, 0, i))] as const),
          ['asked', parse(written(asked, 0, w.rules.length))] as const,
        ]),
      )
      expect(rules.test('asked')(w.target, w.who)).toBe(wanted)
      expect(rules.test('asked')(nest(w.target), w.who)).toBe(wanted)
      expect(explain(rules, rules.checks.get('asked')!, w.target, w.who).outcome).toBe(wanted)
    }),
    { numRuns: 1500 },
  )
})

it('depends on nothing of the target but what it says it reads', () => {
  fc.assert(
    fc.property(tree, world, (asked, w) => {
      const rules = compile(new Map([['asked', parse(written(asked, 0, 0))]]))
      const reads = rules.reads('asked')
      const less = Object.fromEntries(Object.entries(w.target).filter(([name]) => reads.includes(name)))
      expect(rules.test('asked')(less, w.who)).toBe(rules.test('asked')(w.target, w.who))
    }),
    { numRuns: 500 },
  )
})

it('answers any text with a rule or with RuleSyntax', () => {
  const word = fc.constantFrom(
    'and',
    'or',
    'not',
    '(',
    ')',
    'role:a',
    '@',
    '!',
    "'x':%(y)s",
    'a:%(',
    '%',
    ':',
    'rule:',
    ' ',
    '"',
    'field:a:b=~[',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map(words => words.join(' ')),
        fc.array(word).map(words => words.join('')),
      ),
      text => {
        try {
          parse(text)
        } catch (error) {
          expect((error as Error).name).toBe('RuleSyntax')
        }
      },
    ),
    { numRuns: 1500 },
  )
})
