import { describe, expect, it } from 'vitest'
import type { Credentials } from '../auth/caller.ts'
import { compile } from './compile.ts'
import { parse, RuleSyntax } from './parse.ts'
import type { Target } from './types.ts'

const ann: Credentials = { user_id: 'u1', user_domain_id: 'd1', project_id: 'p1', roles: ['Member', 'reader'] }

const may = (rule: string | unknown[], target: Target = {}, who: object = {}, others: Record<string, string> = {}): boolean => {
  const checks = new Map(Object.entries(others).map(([name, text]) => [name, parse(text)]))
  checks.set('asked', parse(rule))
  return compile(checks).test('asked')(target, { ...ann, ...who })
}

describe('constants', () => {
  it('lets everybody by an empty rule, an empty list and @', () => {
    expect([may(''), may([]), may('@')]).toEqual([true, true, true])
  })
  it('lets nobody by ! and by a list of empty lists', () => {
    expect([may('!'), may([[]])]).toEqual([false, false])
  })
})

describe('role:', () => {
  it('compares without regard to case, on both sides', () => {
    expect([may('role:member'), may('role:MEMBER'), may('role:Reader'), may('role:admin')]).toEqual([true, true, true, false])
  })
  it('takes a value of the target', () => {
    expect(may('role:%(wanted)s', { wanted: 'reader' })).toBe(true)
    expect(may('role:%(wanted)s', {})).toBe(false)
  })
  it('keeps further colons in the name', () => {
    expect(may('role:compute:admin', {}, { roles: ['compute:admin'] })).toBe(true)
  })
})

describe('rule:', () => {
  it('asks another rule, through any number of them', () => {
    expect(may('rule:a', {}, {}, { a: 'rule:b', b: 'rule:c:d', 'c:d': 'role:member' })).toBe(true)
  })
  it('refuses where there is no such rule', () => {
    expect(may('rule:nothing')).toBe(false)
    expect(may('not rule:nothing')).toBe(true)
  })
  it('falls back on the rule named default', () => {
    expect(may('rule:nothing', {}, {}, { default: 'role:member' })).toBe(true)
    expect(may('rule:nothing', {}, {}, { default: '!' })).toBe(false)
  })
  it.each([
    ['itself', { a: 'rule:a' }],
    ['two', { a: 'rule:b', b: 'role:x or not (rule:a)' }],
    ['by the fallback', { default: 'rule:nothing' }],
    ['behind what would decide first', { a: '@ or rule:a' }],
  ])('refuses a circle: %s', (_, rules) => {
    expect(() => may('@', {}, {}, rules as Record<string, string>)).toThrow(/refers to itself: .* -> /)
  })
})

describe('attributes of the caller', () => {
  it('compares with the target, flat or nested', () => {
    const rule = 'project_id:%(node.owner)s'
    expect(may(rule, { 'node.owner': 'p1' })).toBe(true)
    expect(may(rule, { node: { owner: 'p1' } })).toBe(true)
    expect(may(rule, { node: { owner: 'p2' } })).toBe(false)
    expect(may('project_id:%(target.node.owner)s', { target: { 'node.owner': 'p1' } })).toBe(true)
    expect(may('project_id:%(target.node.owner)s', { 'target.node': { owner: 'p1' } })).toBe(true)
  })
  it('compares with fixed text', () => {
    expect([may('user_id:u1'), may('user_id:u2'), may('system_scope:all', {}, { system_scope: 'all' })]).toEqual([true, false, true])
  })
  it('mixes text and target, and knows %%', () => {
    expect(may('project_id:p%(n)s', { n: 1 })).toBe(true)
    expect(may('user_id:100%%', {}, { user_id: '100%' })).toBe(true)
  })
  it('spells booleans and numbers as Python does', () => {
    expect(may('is_admin:True', {}, { is_admin: true })).toBe(true)
    expect(may('is_admin:true', {}, { is_admin: true })).toBe(false)
    expect(may('level:%(level)s', { level: 3 }, { level: 3 })).toBe(true)
  })
  it('follows dots into objects and into every member of a list', () => {
    const who = { token: { user: { domain: { id: 'd9' } }, groups: [{ id: 'g1' }, { id: 'g2' }], tags: ['x', 'y'] } }
    expect(may('token.user.domain.id:%(d)s', { d: 'd9' }, who)).toBe(true)
    expect(may('token.groups.id:g2', {}, who)).toBe(true)
    expect(may('token.groups.id:g3', {}, who)).toBe(false)
    expect(may('token.tags:y', {}, who)).toBe(true)
    expect(may('token.tags.deeper:y', {}, who)).toBe(false)
    expect(may('token.user:d9', {}, who)).toBe(false)
  })
  it('never takes what is missing for equal', () => {
    const nobody = { project_id: undefined, extra: null }
    for (const target of [{}, { owner: undefined }, { owner: null }, { owner: {} }, { owner: [] }]) {
      expect(may('project_id:%(owner)s', target, nobody)).toBe(false)
      expect(may('extra:%(owner)s', target, nobody)).toBe(false)
      expect(may('missing:%(owner)s', target, nobody)).toBe(false)
    }
    expect(may('project_id:undefined', {}, nobody)).toBe(false)
    expect(may('project_id:None', {}, nobody)).toBe(false)
  })
  it('reads own attributes only', () => {
    expect(may('constructor.name:Object')).toBe(false)
    expect(may('user_id:%(constructor.name)s', {}, { user_id: 'Object' })).toBe(false)
    expect(may('__proto__.x:y')).toBe(false)
  })
})

describe('literals on the left', () => {
  it.each<[string, Target, boolean]>([
    ["'Member':%(role.name)s", { role: { name: 'Member' } }, true],
    ["'Member':%(role.name)s", { role: { name: 'member' } }, false],
    ['"public":%(visibility)s', { visibility: 'public' }, true],
    ['True:%(user.enabled)s', { 'user.enabled': true }, true],
    ['True:%(user.enabled)s', { 'user.enabled': false }, false],
    ['False:%(user.enabled)s', { 'user.enabled': false }, true],
    ['True:%(user.enabled)s', {}, false],
    ['None:%(role.domain_id)s', { role: { domain_id: null } }, true],
    ['None:%(role.domain_id)s', { role: {} }, false],
    ['None:%(role.domain_id)s', { role: { domain_id: 'd' } }, false],
    ['3:%(count)s', { count: 3 }, true],
    ["'a':a", {}, true],
  ])('%s with %j is %s', (rule, target, outcome) => expect(may(rule, target)).toBe(outcome))
})

describe('field:', () => {
  it('compares an attribute of the target', () => {
    expect(may('field:networks:shared=True', { shared: true })).toBe(true)
    expect(may('field:networks:shared=True', { shared: false })).toBe(false)
    expect(may('field:networks:shared=True', {})).toBe(false)
    expect(may('field:port:device_owner=~^network:', { device_owner: 'network:dhcp' })).toBe(true)
    expect(may('field:port:device_owner=~network', { device_owner: 'x network' })).toBe(false)
  })
})

describe('remote checks', () => {
  it('refuses http: and https:, whatever they hold', () => {
    expect(may('http://127.0.0.1/%(name)d')).toBe(false)
    expect(may('https://host:1/x or role:member')).toBe(true)
  })
})

describe('and, or, not, parentheses', () => {
  it.each([
    ['@ or @ and !', true],
    ['(@ or @) and !', false],
    ['! and ! or @', true],
    ['not ! and !', false],
    ['not (! and !)', true],
    ['not not @', true],
    ['NOT ! AnD @', true],
    ['! or not ! and @ or !', true],
    ['((@))', true],
    ['( @ and ( ! or @ ) )', true],
    [' \t@ \n and\n @ ', true],
  ])('%s is %s', (rule, outcome) => expect(may(rule)).toBe(outcome))
  it('leaves the parentheses of a value alone', () => {
    expect(may('(project_id:%(a)s or (project_id:%(b)s))', { b: 'p1' })).toBe(true)
  })
})

describe('list notation', () => {
  it('takes any of the outer and all of the inner', () => {
    expect(may([['role:admin'], ['role:member', 'role:reader']])).toBe(true)
    expect(may([['role:admin', 'role:member'], 'role:x'])).toBe(false)
    expect(may(['role:member'])).toBe(true)
    expect(may([[], ['role:member']])).toBe(true)
  })
})

describe('what is not in the language', () => {
  it.each([
    ['  ', 0, /only spaces/],
    ['member', 0, /no check/],
    ['role:a role:b', 7, /"and" or "or" is missing before "role:b"/],
    ['role:a and', 10, /missing at the end/],
    ['and role:a', 0, /missing before "and"/],
    ['role:a or or role:b', 10, /missing before "or"/],
    ['(role:a', 0, /never closed/],
    ['(role:a role:b)', 8, /missing before "role:b"/],
    ['role:a)', 6, /has no "\("/],
    ['()', 1, /missing before "\)"/],
    ['not', 3, /missing at the end/],
    ['project_id:%(x)d', 11, /no value of the target/],
    ['project_id:50%', 11, /no value of the target/],
    ["'quoted text'", 0, /no check/],
    ["'a:%(x)s", 0, /neither an attribute/],
    ['rule:', 0, /names no rule/],
    ['field:x', 0, /must look like/],
    ['field:x:a=~(', 0, /pattern/],
  ])('refuses %j at %i', (rule, at, message) => {
    let thrown: unknown
    try {
      parse(rule)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(RuleSyntax)
    expect((thrown as RuleSyntax).message).toMatch(message)
    expect((thrown as RuleSyntax).at).toBe(at)
  })
  it('refuses lists that hold anything but texts', () => {
    expect(() => parse([[['role:a']]])).toThrow(RuleSyntax)
    expect(() => parse([3])).toThrow(RuleSyntax)
  })
})

describe('reads', () => {
  it('gives the attributes of the target through all rules, sorted and once', () => {
    const rules = compile(
      new Map([
        ['own', parse('project_id:%(node.owner)s')],
        ['get', parse("role:admin or not (rule:own or True:%(open)s and rule:own) or field:x:shared=True or 'a':x%(b)s%(c)s")],
      ]),
    )
    expect(rules.reads('get')).toEqual(['b', 'c', 'node.owner', 'open', 'shared'])
    expect(rules.reads('unknown')).toEqual([])
  })
})
