import type { Credentials } from '../auth/caller.ts'
import { type Check, mentions } from './parse.ts'
import { filler, lookup, refs, spelled } from './template.ts'
import type { Target } from './types.ts'

export type Test = (target: Target, who: Credentials) => boolean

/** The rule that stands in for one that does not exist, as in oslo.policy; without it that one refuses. */
export const FALLBACK = 'default'

/** Rules ready to be asked. */
export interface Compiled {
  readonly checks: ReadonlyMap<string, Check>
  /** The check that decides for that name; `undefined` refuses. */
  find(name: string): Check | undefined
  test(name: string): Test
  /** Attributes of the target that the rule reads, through all rules it refers to; sorted. */
  reads(name: string): readonly string[]
}

/** A rule refers to itself, directly or through others. */
export class RuleCycle extends Error {
  readonly path: readonly string[]
  constructor(path: readonly string[]) {
    super(`refers to itself: ${path.join(' -> ')}`)
    this.name = 'RuleCycle'
    this.path = path
  }
}

const NEVER: Test = () => false

/**
 * Whether a value of the credentials is the text; of a list, whether any member is. Follows the path into objects and into the
 * members of lists.
 */
export const holds = (value: unknown, path: readonly string[], at: number, text: string): boolean => {
  if (at === path.length) return spelled(value) === text
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, path[at]!)) return false
  const inner = (value as Record<string, unknown>)[path[at]!]
  return Array.isArray(inner) ? inner.some(member => holds(member, path, at + 1, text)) : holds(inner, path, at + 1, text)
}

export const fieldHolds = (target: Target, name: string, wanted: string | RegExp): boolean => {
  const found = lookup(target, name)
  const text = found === null ? undefined : spelled(found)
  return text !== undefined && (typeof wanted === 'string' ? text === wanted : wanted.test(text))
}

const closure = (check: Check, rule: (name: string) => Test): Test => {
  switch (check.is) {
    case 'always':
      return () => true
    case 'never':
    case 'remote':
      return NEVER
    case 'not': {
      const part = closure(check.part, rule)
      return (target, who) => !part(target, who)
    }
    case 'and': {
      const parts = check.parts.map(part => closure(part, rule))
      return (target, who) => parts.every(part => part(target, who))
    }
    case 'or': {
      const parts = check.parts.map(part => closure(part, rule))
      return (target, who) => parts.some(part => part(target, who))
    }
    case 'rule':
      return rule(check.name)
    case 'role': {
      const fill = filler(check.match, false)
      return (target, who) => {
        const wanted = fill(target)?.toLowerCase()
        return wanted !== undefined && who.roles.some(role => role.toLowerCase() === wanted)
      }
    }
    case 'literal': {
      const fill = filler(check.match, true)
      return target => fill(target) === check.value
    }
    case 'attribute': {
      const fill = filler(check.match, false)
      const { path } = check
      return (target, who) => {
        const text = fill(target)
        return text !== undefined && holds(who, path, 0, text)
      }
    }
    case 'field':
      return target => fieldHolds(target, check.name, check.value)
  }
}

const reading = (check: Check, into: Set<string>, rule: (name: string) => void): void => {
  if (check.is === 'not') reading(check.part, into, rule)
  else if (check.is === 'and' || check.is === 'or') for (const part of check.parts) reading(part, into, rule)
  else if (check.is === 'rule') rule(check.name)
  else if (check.is === 'field') into.add(check.name)
  else if (check.is === 'role' || check.is === 'literal' || check.is === 'attribute') for (const name of refs(check.match)) into.add(name)
}

/** Compiles rules once. Throws `RuleCycle`. */
export const compile = (checks: ReadonlyMap<string, Check>): Compiled => {
  const find = (name: string): Check | undefined => checks.get(name) ?? checks.get(FALLBACK)
  const actual = (name: string): string | undefined => (checks.has(name) ? name : checks.has(FALLBACK) ? FALLBACK : undefined)

  const tests = new Map<string, Test>()
  const way: string[] = []
  const build = (name: string): Test => {
    const real = actual(name)
    if (real === undefined) return NEVER
    const ready = tests.get(real)
    if (ready) return ready
    if (way.includes(real)) throw new RuleCycle([...way.slice(way.indexOf(real)), real])
    way.push(real)
    const check = checks.get(real)!
    // Whole, not only as far as it compiles: a cycle is refused wherever it is.
    for (const other of mentions(check)) build(other)
    const test = closure(check, build)
    way.pop()
    tests.set(real, test)
    return test
  }
  for (const name of checks.keys()) build(name)

  const read = new Map<string, readonly string[]>()
  const reads = (name: string): readonly string[] => {
    const real = actual(name)
    if (real === undefined) return []
    const known = read.get(real)
    if (known) return known
    const into = new Set<string>()
    reading(checks.get(real)!, into, other => {
      for (const attribute of reads(other)) into.add(attribute)
    })
    const list = [...into].sort()
    read.set(real, list)
    return list
  }
  return { checks, find, test: name => tests.get(actual(name) ?? '') ?? NEVER, reads }
}
