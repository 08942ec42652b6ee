import type { Credentials } from '../auth/caller.ts'
import { type Compiled, FALLBACK, fieldHolds, holds } from './compile.ts'
import type { Check } from './parse.ts'
import { filler, lookup, refs, spelled } from './template.ts'
import type { Explanation, Target } from './types.ts'

const shown = (value: unknown): string => spelled(value) ?? (Array.isArray(value) ? 'a list' : 'an object')

/** What the target says about the names a check reads: "node.owner is p1", or that it lacks them. */
const targetSays = (target: Target, names: readonly string[]): string =>
  names
    .map(name => {
      const found = lookup(target, name)
      return found === undefined ? `the target has no ${name}` : found === null ? `${name} is not set` : `${name} is ${shown(found)}`
    })
    .join(' and ')

const both = (...sentences: string[]): string => sentences.filter(Boolean).join(', ')

/** All values that a path leads to, through lists. */
const reached = (value: unknown, path: readonly string[]): unknown[] => {
  if (!path.length) return [value]
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, path[0]!)) return []
  const inner = (value as Record<string, unknown>)[path[0]!]
  return (Array.isArray(inner) ? inner : [inner]).flatMap(member => reached(member, path.slice(1)))
}

const callerSays = (who: Credentials, path: readonly string[]): string => {
  const name = path.join('.')
  const found = reached(who, path)
  if (!found.length) return `the caller has no ${name}`
  return `the caller's ${name} is ${found.map(shown).join(', ')}`
}

/** Each part of a check with its outcome. Every part is worked out, also those that no longer matter. */
export const explain = (rules: Compiled, check: Check, target: Target, who: Credentials): Explanation => {
  const inner = (part: Check): Explanation => explain(rules, part, target, who)
  const say = (outcome: boolean, because: string): Explanation => ({ check: check.text, outcome, because })
  switch (check.is) {
    case 'always':
      return { check: check.text || '""', outcome: true, because: 'it lets everybody' }
    case 'never':
      return say(false, 'it lets nobody')
    case 'remote':
      return say(false, 'other servers are not asked, so it refuses')
    case 'not': {
      const part = inner(check.part)
      return { check: check.text, outcome: !part.outcome, parts: [part] }
    }
    case 'and':
    case 'or': {
      const parts = check.parts.map(inner)
      const outcome = check.is === 'and' ? parts.every(p => p.outcome) : parts.some(p => p.outcome)
      const held = parts.filter(p => p.outcome).length
      return { check: check.text, outcome, because: `${held} of ${parts.length} hold, ${check.is === 'and' ? 'all' : 'one'} must`, parts }
    }
    case 'rule': {
      const found = rules.find(check.name)
      if (!found) return say(false, `there is no rule ${check.name}, so it refuses`)
      const part = inner(found)
      const stands = rules.checks.has(check.name) ? {} : { because: `there is no rule ${check.name}, so the rule ${FALLBACK} decides` }
      return { check: check.text, outcome: part.outcome, ...stands, parts: [part] }
    }
    case 'role': {
      const wanted = filler(check.match, false)(target)?.toLowerCase()
      const outcome = wanted !== undefined && who.roles.some(role => role.toLowerCase() === wanted)
      const roles = who.roles.length ? `the caller's roles are ${who.roles.join(', ')}` : 'the caller has no role'
      return say(outcome, both(roles, targetSays(target, refs(check.match))))
    }
    case 'literal':
      return say(filler(check.match, true)(target) === check.value, targetSays(target, refs(check.match)) || 'both sides are fixed')
    case 'attribute': {
      const text = filler(check.match, false)(target)
      const outcome = text !== undefined && holds(who, check.path, 0, text)
      return say(outcome, both(callerSays(who, check.path), targetSays(target, refs(check.match))))
    }
    case 'field':
      return say(fieldHolds(target, check.name, check.value), targetSays(target, [check.name]))
  }
}
