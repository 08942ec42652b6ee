import { describe, expect, it } from 'vitest'
import { applyRules, assertionOf, checkRules, Unmapped } from './mapping.ts'

const apply = (rules: any[], claims: Record<string, unknown>, version = '1.0') => {
  checkRules(rules)
  return applyRules(rules, version, assertionOf(claims))
}
const named = (local: object[], ...remote: object[]) => [
  { local: [{ user: { name: '{0}' } }, ...local], remote: [{ type: 'sub' }, ...remote] },
]

describe('a rule', () => {
  it('is about somebody when all that it asks for is there', () => {
    const rules = named([{ group: { id: 'g' } }], { type: 'groups', any_one_of: ['staff', 'guests'] })
    expect(apply(rules, { sub: 'u', groups: ['guests', 'other'] })).toMatchObject({ user: { name: 'u', local: false }, groupIds: ['g'] })
    expect(() => apply(rules, { sub: 'u', groups: ['other'] })).toThrow(Unmapped)
    expect(() => apply(rules, { sub: 'u' })).toThrow('Could not map')
    expect(() => apply(rules, { groups: ['staff'] })).toThrow(Unmapped)
  })

  it('can ask that something is not there', () => {
    const rules = named([], { type: 'groups', not_any_of: ['banned'] })
    expect(apply(rules, { sub: 'u', groups: ['staff'] }).user.name).toBe('u')
    expect(() => apply(rules, { sub: 'u', groups: ['staff', 'banned'] })).toThrow(Unmapped)
    // What is not said at all satisfies nothing.
    expect(() => apply(rules, { sub: 'u' })).toThrow(Unmapped)
  })

  it('takes regular expressions, found anywhere', () => {
    const rules = named([], { type: 'email', any_one_of: ['@example\\.org$'], regex: true })
    expect(apply(rules, { sub: 'u', email: 'u@example.org' }).user.name).toBe('u')
    expect(() => apply(rules, { sub: 'u', email: 'u@example.org.evil.test' })).toThrow(Unmapped)
  })

  it('numbers only what is not merely asked for', () => {
    const rules = [
      {
        local: [{ user: { name: '{0}', email: '{1}' } }],
        remote: [{ type: 'sub' }, { type: 'groups', any_one_of: ['staff'] }, { type: 'email' }],
      },
    ]
    expect(apply(rules, { sub: 'u', groups: ['staff'], email: 'e' }).user).toMatchObject({ name: 'u', email: 'e' })
  })

  it('adds what the others say; the first user counts', () => {
    const rules = [
      ...named([{ group: { name: 'one', domain: { id: 'd' } } }]),
      { local: [{ user: { name: 'other' } }, { group: { id: 'two' } }], remote: [{ type: 'email' }] },
    ]
    expect(apply(rules, { sub: 'u', email: 'e' })).toMatchObject({
      user: { name: 'u' },
      groupIds: ['two'],
      groups: [{ name: 'one', domain: { id: 'd' } }],
    })
  })
})

describe('groups', () => {
  const of = (remote: object) => named([{ groups: '{1}', domain: { name: 'D' } }], { type: 'groups', ...remote })
  const names = (rules: any[], groups: unknown) => apply(rules, { sub: 'u', groups }).groups.map(g => g.name)
  it('are all values of a claim, those that are wanted, or those that are not unwanted', () => {
    expect(names(of({}), ['a', 'b'])).toEqual(['a', 'b'])
    expect(names(of({}), 'a')).toEqual(['a'])
    expect(names(of({}), '["a", "b"]')).toEqual(['a', 'b'])
    expect(names(of({ whitelist: ['b', 'c'] }), ['a', 'b'])).toEqual(['b'])
    expect(names(of({ whitelist: ['c'] }), ['a', 'b'])).toEqual([])
    expect(names(of({ blacklist: ['b'] }), ['a', 'b'])).toEqual(['a'])
    expect(names(of({ whitelist: ['^esi-'], regex: true }), ['esi-x', 'y'])).toEqual(['esi-x'])
  })
  it('are never more than the provider said: a separator in a value separates nothing', () => {
    expect(names(of({}), 'a;admins')).toEqual(['a;admins'])
  })
  it('need a domain', () => expect(() => apply(named([{ groups: 'a' }]), { sub: 'u' })).toThrow("'groups' and 'domain'"))
  it('can be ids', () => {
    const rules = named([{ group_ids: '{1}' }], { type: 'ids' })
    expect(apply(rules, { sub: 'u', ids: ['1', '2'] }).groupIds).toEqual(['1', '2'])
  })
})

describe('users and projects', () => {
  it('have the domain of their rule from version 2.0 on', () => {
    const local = [{ domain: { id: 'd' }, user: { name: '{0}' }, projects: [{ name: 'p', roles: [{ name: 'member' }] }] }]
    const rules = [{ local, remote: [{ type: 'sub' }] }]
    expect(apply(rules, { sub: 'u' }).user.domain).toBeUndefined()
    expect(apply(rules, { sub: 'u' }).projects).toEqual([{ name: 'p', roles: ['member'] }])
    expect(apply(rules, { sub: 'u' }, '2.0')).toMatchObject({
      user: { domain: { id: 'd' } },
      projects: [{ name: 'p', domain: { id: 'd' }, roles: ['member'] }],
    })
  })
  it('can be users who are here already', () => {
    const rules = [{ local: [{ user: { name: '{0}', domain: { id: 'default' }, type: 'local' } }], remote: [{ type: 'sub' }] }]
    expect(apply(rules, { sub: 'u' }).user).toEqual({ name: 'u', domain: { id: 'default' }, local: true })
  })
  it('have one name', () => expect(() => apply(named([]), { sub: ['a', 'b'] })).toThrow('exactly one value'))
  it('can be put together', () => {
    const rules = [{ local: [{ user: { name: '{0} of {1}' } }], remote: [{ type: 'sub' }, { type: 'org' }] }]
    expect(apply(rules, { sub: 'u', org: 'o' }).user.name).toBe('u of o')
  })
})

describe('claims', () => {
  it('are found under the names of Keystone’s web servers too', () => {
    expect(assertionOf({ sub: 'u', 'given-name': ['a', 'b'], age: 7, address: { city: 'x' }, none: null })).toMatchObject({
      sub: ['u'],
      'OIDC-sub': ['u'],
      OIDC_CLAIM_sub: ['u'],
      HTTP_OIDC_SUB: ['u'],
      HTTP_OIDC_GIVEN_NAME: ['a', 'b'],
      age: ['7'],
      address: ['{"city":"x"}'],
    })
  })
})

it.each([
  [[], 'not empty'],
  ['x', 'not empty'],
  [[{ local: [] }], 'remote must be'],
  [[{ local: [], remote: [] }], 'remote must be'],
  [[{ local: [{ shoe: 1 }], remote: [{ type: 'a' }] }], 'not shoe'],
  [[{ local: [{ user: { type: 'robot' } }], remote: [{ type: 'a' }] }], 'ephemeral or local'],
  [[{ local: [{ group: { name: 'x' } }], remote: [{ type: 'a' }] }], 'domain must be an object'],
  [[{ local: [{ group: { id: 'x', name: 'x' } }], remote: [{ type: 'a' }] }], 'an id, or a name'],
  [[{ local: [], remote: [{}] }], 'type must be a text'],
  [[{ local: [], remote: [{ type: 'a', whitelist: [], blacklist: [] }] }], 'has one of'],
  [[{ local: [], remote: [{ type: 'a', regex: true }] }], 'beside one of'],
  [[{ local: [], remote: [{ type: 'a', whitelist: ['('], regex: true }] }], 'no regular expression'],
  [[{ local: [{ projects: [{ name: 'p', roles: ['member'] }] }], remote: [{ type: 'a' }] }], 'roles must be an object'],
])('rules that are none are refused: %j', (rules, message) => expect(() => checkRules(rules)).toThrow(message))

it('a rule that names a value which is not there is told', () => {
  const rules = [{ local: [{ user: { name: '{3}' } }], remote: [{ type: 'sub' }] }]
  expect(() => apply(rules, { sub: 'u' })).toThrow("doesn't exist")
})
