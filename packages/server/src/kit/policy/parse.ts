import { type Template, template } from './template.ts'

/** A rule, read. `text` is the check as it was written. */
export type Check =
  | { readonly is: 'always' | 'never'; readonly text: string }
  | { readonly is: 'and' | 'or'; readonly text: string; readonly parts: readonly Check[] }
  | { readonly is: 'not'; readonly text: string; readonly part: Check }
  | { readonly is: 'rule'; readonly text: string; readonly name: string }
  | { readonly is: 'role'; readonly text: string; readonly match: Template }
  /** A fixed value against the target: `True:%(user.enabled)s`. */
  | { readonly is: 'literal'; readonly text: string; readonly value: string; readonly match: Template }
  /** An attribute of the credentials against text or the target: `project_id:%(node.owner)s`. */
  | { readonly is: 'attribute'; readonly text: string; readonly path: readonly string[]; readonly match: Template }
  /** An attribute of the target against fixed text or a pattern: `field:networks:shared=True`. */
  | { readonly is: 'field'; readonly text: string; readonly name: string; readonly value: string | RegExp }
  /** Would ask another server (`http:`). We do not, so it refuses. */
  | { readonly is: 'remote'; readonly text: string }

/** The text of a rule is not in the language. `at` counts characters from 0. */
export class RuleSyntax extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.name = 'RuleSyntax'
    this.at = at
  }
}

interface Token {
  readonly is: '(' | ')' | 'and' | 'or' | 'not' | 'check'
  readonly text: string
  readonly at: number
}

const tokens = (rule: string): Token[] => {
  const found: Token[] = []
  for (const word of rule.matchAll(/\S+/g)) {
    const open = /^\(*/.exec(word[0])![0].length
    const bare = word[0].slice(open)
    const clean = bare.replace(/\)+$/, '')
    const at = word.index + open
    for (let i = 0; i < open; i++) found.push({ is: '(', text: '(', at: word.index + i })
    const lower = clean.toLowerCase()
    if (lower === 'and' || lower === 'or' || lower === 'not') found.push({ is: lower, text: clean, at })
    else if (clean) found.push({ is: 'check', text: clean, at })
    for (let i = clean.length; i < bare.length; i++) found.push({ is: ')', text: ')', at: at + i })
  }
  return found
}

const LITERAL = /^(?:'([^']*)'|"([^"]*)"|(True|False|None|-?\d+(?:\.\d+)?))$/
const ATTRIBUTE = /^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/

const check = (text: string, at: number): Check => {
  if (text === '@') return { is: 'always', text }
  if (text === '!') return { is: 'never', text }
  const colon = text.indexOf(':')
  if (colon < 0) throw new RuleSyntax(`"${text}" is no check; a check is @, ! or has a colon, as in role:member`, at)
  const kind = text.slice(0, colon)
  const right = text.slice(colon + 1)
  if (kind === 'http' || kind === 'https') return { is: 'remote', text }
  if (kind === 'rule') {
    if (!right) throw new RuleSyntax('"rule:" names no rule', at)
    return { is: 'rule', text, name: right }
  }
  if (kind === 'field') return field(text, right, at)
  let match: Template
  try {
    match = template(right)
  } catch (error) {
    throw new RuleSyntax((error as Error).message, at + colon + 1)
  }
  if (kind === 'role') return { is: 'role', text, match }
  const literal = LITERAL.exec(kind)
  if (literal) return { is: 'literal', text, value: literal[1] ?? literal[2] ?? literal[3]!, match }
  if (ATTRIBUTE.test(kind)) return { is: 'attribute', text, path: kind.split('.'), match }
  throw new RuleSyntax(`"${kind}" is neither an attribute of the caller nor a literal such as 'text', True or 3`, at)
}

const field = (text: string, right: string, at: number): Check => {
  const parts = /^[^:=]+:([^=]+)=(.*)$/.exec(right)
  if (!parts) throw new RuleSyntax(`"${text}" must look like field:<collection>:<attribute>=<value>`, at)
  const [, name, value] = parts as unknown as [string, string, string]
  if (!value.startsWith('~')) return { is: 'field', text, name, value }
  try {
    // Anchored at the start only, as Python's re.match is.
    return { is: 'field', text, name, value: new RegExp(`^(?:${value.slice(1)})`) }
  } catch {
    throw new RuleSyntax(`"${value.slice(1)}" is not a valid pattern`, at)
  }
}

/** Reads a rule. `not` binds closest, then `and`, then `or`; an empty rule lets everybody. Throws `RuleSyntax`. */
const parseText = (rule: string): Check => {
  if (rule === '') return { is: 'always', text: '' }
  const list = tokens(rule)
  if (!list.length) throw new RuleSyntax('only spaces; write "" for everybody or "!" for nobody', 0)
  let next = 0
  const wanted = (after: string): RuleSyntax => {
    const token = list[next]
    return token
      ? new RuleSyntax(`a check is missing before "${token.text}"`, token.at)
      : new RuleSyntax(`a check is missing ${after}`, rule.length)
  }
  const single = (): Check => {
    const token = list[next]
    if (!token) throw wanted('at the end')
    if (token.is === 'not') {
      next++
      const part = single()
      return { is: 'not', text: `not ${part.text}`, part }
    }
    if (token.is === '(') {
      next++
      const inner = or()
      if (list[next]?.is !== ')') {
        const stray = list[next]
        throw stray
          ? new RuleSyntax(`"and", "or" or ")" is missing before "${stray.text}"`, stray.at)
          : new RuleSyntax('"(" is never closed', token.at)
      }
      next++
      return inner
    }
    if (token.is !== 'check') throw wanted('at the end')
    next++
    return check(token.text, token.at)
  }
  const chain = (word: 'and' | 'or', part: () => Check) => (): Check => {
    const parts = [part()]
    while (list[next]?.is === word) {
      next++
      parts.push(part())
    }
    return parts.length === 1 ? parts[0]! : { is: word, text: `(${parts.map(p => p.text).join(` ${word} `)})`, parts }
  }
  const or: () => Check = chain('or', chain('and', single))
  const whole = or()
  const stray = list[next]
  if (stray) {
    const what = stray.is === ')' ? '")" has no "("' : `"and" or "or" is missing before "${stray.text}"`
    throw new RuleSyntax(what, stray.at)
  }
  return whole
}

/** The older notation: a list is any of its members, a list within it all of its members. */
const parseList = (rule: readonly unknown[]): Check => {
  if (!rule.length) return { is: 'always', text: '[]' }
  const any: Check[] = []
  for (const member of rule) {
    const inner = typeof member === 'string' ? [member] : member
    if (!Array.isArray(inner) || !inner.every(text => typeof text === 'string'))
      throw new RuleSyntax('a rule in list notation holds texts, or lists of texts', 0)
    if (!inner.length) continue
    const all = inner.map(text => check(text.trim(), 0))
    any.push(all.length === 1 ? all[0]! : { is: 'and', text: `(${all.map(c => c.text).join(' and ')})`, parts: all })
  }
  if (!any.length) return { is: 'never', text: '!' }
  return any.length === 1 ? any[0]! : { is: 'or', text: `(${any.map(c => c.text).join(' or ')})`, parts: any }
}

/** Reads a rule of either notation. Throws `RuleSyntax`. */
export const parse = (rule: string | readonly unknown[]): Check => (typeof rule === 'string' ? parseText(rule) : parseList(rule))

/** The rules that a check refers to. */
export const mentions = (c: Check): string[] =>
  c.is === 'rule' ? [c.name] : c.is === 'not' ? mentions(c.part) : c.is === 'and' || c.is === 'or' ? c.parts.flatMap(mentions) : []
