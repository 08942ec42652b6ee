import { isObject } from '@esi/api/types'

/** A mapping that is none, or one that makes nothing of somebody; the message is for whoever asked. */
export class Unmapped extends Error {}

function wrong(message: string): never {
  throw new Unmapped(message)
}

/** What the provider says of somebody: each claim has one value or several. */
export type Assertion = Readonly<Record<string, readonly string[]>>

export interface DomainRef {
  readonly id?: string
  readonly name?: string
}

export interface GroupRef {
  readonly name: string
  readonly domain: DomainRef
}

export interface ProjectRef {
  readonly name: string
  readonly domain?: DomainRef
  readonly roles: readonly string[]
}

/** Who somebody is here. */
export interface Mapped {
  readonly user: {
    readonly id?: string
    readonly name?: string
    readonly email?: string
    readonly domain?: DomainRef
    /** A user who is here already, rather than one who is here by this login. */
    readonly local: boolean
  }
  readonly groupIds: readonly string[]
  readonly groups: readonly GroupRef[]
  readonly projects: readonly ProjectRef[]
}

type Values = readonly string[]
type Raw = Readonly<Record<string, unknown>>

/** Versions of the language: 2.0 heeds the domain of users and projects, 3.0 also takes back roles that the provider no longer gives. */
export const VERSIONS = ['1.0', '2.0', '3.0'] as const

const LOCAL: Readonly<Record<string, (value: unknown, what: string) => void>> = {
  user(value, what) {
    const user = only(value, what, ['id', 'name', 'email', 'domain', 'type'])
    for (const key of ['id', 'name', 'email']) if (key in user) text(user[key], `${what}.${key}`)
    if ('domain' in user) domainRef(user['domain'], `${what}.domain`)
    if ('type' in user && user['type'] !== 'ephemeral' && user['type'] !== 'local') wrong(`${what}.type must be ephemeral or local`)
  },
  group(value, what) {
    const group = only(value, what, ['id', 'name', 'domain'])
    if ('id' in group) {
      text(group['id'], `${what}.id`)
      if (Object.keys(group).length > 1) wrong(`${what} has an id, or a name and a domain`)
      return
    }
    text(group['name'], `${what}.name`)
    domainRef(group['domain'], `${what}.domain`)
  },
  groups: text,
  group_ids: text,
  domain: domainRef,
  projects(value, what) {
    if (!Array.isArray(value)) wrong(`${what} must be a list`)
    for (const [i, each] of value.entries()) {
      const project = only(each, `${what}[${i}]`, ['name', 'roles', 'domain'])
      text(project['name'], `${what}[${i}].name`)
      if ('domain' in project) domainRef(project['domain'], `${what}[${i}].domain`)
      if (!Array.isArray(project['roles'])) wrong(`${what}[${i}].roles must be a list`)
      for (const role of project['roles']) text(only(role, `${what}[${i}].roles`, ['name'])['name'], `${what}[${i}].roles.name`)
    }
  },
}

const TESTS = ['any_one_of', 'not_any_of', 'blacklist', 'whitelist'] as const

/** Throws `Unmapped` with what is wrong with rules as they are sent. */
export const checkRules = (rules: unknown): void => {
  if (!Array.isArray(rules) || rules.length === 0) wrong('rules must be a list that is not empty')
  for (const [i, each] of (rules as unknown[]).entries()) {
    const rule = only(each, `rules[${i}]`, ['local', 'remote'])
    const { local, remote } = rule
    if (!Array.isArray(local)) wrong(`rules[${i}].local must be a list`)
    if (!Array.isArray(remote) || remote.length === 0) wrong(`rules[${i}].remote must be a list that is not empty`)
    for (const part of local as unknown[])
      for (const [key, value] of Object.entries(only(part, `rules[${i}].local`, Object.keys(LOCAL))))
        LOCAL[key]!(value, `rules[${i}].local.${key}`)
    for (const part of remote as unknown[]) requirement(part, `rules[${i}].remote`)
  }
}

const requirement = (part: unknown, what: string): void => {
  const given = only(part, what, ['type', 'regex', ...TESTS])
  text(given['type'], `${what}.type`)
  const tests = TESTS.filter(test => test in given)
  if (tests.length > 1) wrong(`${what} has one of ${TESTS.join(', ')}`)
  if ('regex' in given && (typeof given['regex'] !== 'boolean' || tests.length === 0))
    wrong(`${what}.regex is true or false, and beside one of ${TESTS.join(', ')}`)
  for (const test of tests) {
    const values = given[test]
    if (!Array.isArray(values) || !values.every(value => typeof value === 'string')) wrong(`${what}.${test} must be a list of texts`)
    if (given['regex'] === true) for (const value of values as string[]) pattern(value, `${what}.${test}`)
  }
}

const pattern = (source: string, what: string): RegExp => {
  try {
    return new RegExp(source)
  } catch {
    return wrong(`${what} holds ${JSON.stringify(source)}, which is no regular expression`)
  }
}

function only(value: unknown, what: string, keys: readonly string[]): Raw {
  if (!isObject(value)) return wrong(`${what} must be an object`)
  for (const key of Object.keys(value)) if (!keys.includes(key)) wrong(`${what} may have ${keys.join(', ')}, and not ${key.slice(0, 100)}`)
  return value
}

function text(value: unknown, what: string): void {
  if (typeof value !== 'string') wrong(`${what} must be a text`)
}

function domainRef(value: unknown, what: string): void {
  const ref = only(value, what, ['id', 'name'])
  if (typeof (ref['id'] ?? ref['name']) !== 'string') wrong(`${what} must have an id or a name`)
}

/** Applies rules that were checked. Throws `Unmapped` where none of them is about this person. Source: Keystone's mapping engine. */
export const applyRules = (rules: readonly Raw[], version: string, assertion: Assertion): Mapped => {
  const parts: Raw[] = []
  for (const rule of rules) {
    const found = matches(rule['remote'] as readonly Raw[], assertion)
    if (found) for (const local of rule['local'] as readonly Raw[]) parts.push(fill(local, found) as Raw)
  }
  if (parts.length === 0)
    wrong('Could not map any federated user properties to identity values. Check the mapping used for additional details.')
  return gather(parts, version)
}

/** The values that `{0}`, `{1}` … stand for; `undefined` where a requirement is not met. */
const matches = (requirements: readonly Raw[], assertion: Assertion): Values[] | undefined => {
  const found: Values[] = []
  for (const r of requirements) {
    const type = String(r['type'])
    const values = Object.hasOwn(assertion, type) ? assertion[type]! : []
    if (values.length === 0) return undefined
    const hits = (wanted: unknown): Values =>
      r['regex'] === true
        ? values.filter(value => (wanted as string[]).some(source => pattern(source, type).test(value)))
        : values.filter(value => (wanted as string[]).includes(value))
    if (r['any_one_of'] !== undefined) {
      if (hits(r['any_one_of']).length === 0) return undefined
    } else if (r['not_any_of'] !== undefined) {
      if (hits(r['not_any_of']).length > 0) return undefined
    } else if (r['blacklist'] !== undefined) {
      const unwanted = hits(r['blacklist'])
      found.push(values.filter(value => !unwanted.includes(value)))
    } else found.push(r['whitelist'] === undefined ? values : hits(r['whitelist']))
  }
  return found
}

/** The text with its placeholders filled. One that is nothing but a placeholder becomes all of its values. */
const fill = (value: unknown, found: readonly Values[]): unknown => {
  if (Array.isArray(value)) return value.map(each => fill(each, found))
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, found)]))
  if (typeof value !== 'string') return value
  const at = (n: string): Values =>
    found[Number(n)] ?? wrong(`Local section in the mapping refers to a remote match that doesn't exist (e.g. {${n}} in a local section).`)
  const whole = /^\{(\d+)\}$/.exec(value)
  if (whole) {
    const values = at(whole[1]!)
    return values.length === 1 ? values[0] : values
  }
  return value.replace(/\{(\d+)\}/g, (_, n: string) => at(n).join(';'))
}

const several = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.map(String)
  const given = String(value)
  // A list that was written down.
  if (given.startsWith('[')) {
    try {
      const read: unknown = JSON.parse(given)
      if (Array.isArray(read)) return read.map(String)
    } catch {
      // No list, then, but a name.
    }
  }
  return [given]
}

const single = (value: unknown, what: string): string =>
  typeof value === 'string' && value !== '' ? value : wrong(`The ${what} must have exactly one value.`)

const gather = (parts: readonly Raw[], version: string): Mapped => {
  let user: Raw | undefined
  let projects: Raw[] = []
  let home: DomainRef | undefined
  const groupIds = new Set<string>()
  const groups: GroupRef[] = []
  for (const part of parts) {
    const domain = part['domain'] as DomainRef | undefined
    if (isObject(part['user'])) {
      user ??= part['user']
      home ??= domain
    }
    if (isObject(part['group'])) {
      const { id, name, domain: of } = part['group']
      if (id !== undefined) for (const each of several(id)) groupIds.add(each)
      else for (const each of several(name)) groups.push({ name: each, domain: of as DomainRef })
    }
    if (part['groups'] !== undefined) {
      if (!domain) wrong("Both 'groups' and 'domain' keywords must be specified.")
      for (const name of several(part['groups'])) groups.push({ name, domain: domain! })
    }
    if (part['group_ids'] !== undefined) for (const id of several(part['group_ids'])) groupIds.add(id)
    if (Array.isArray(part['projects'])) {
      projects = (part['projects'] as Raw[]).map(p => (p['domain'] === undefined && domain && version !== '1.0' ? { ...p, domain } : p))
    }
  }
  const { id, name, email, type } = user ?? {}
  const domain = (user?.['domain'] as DomainRef | undefined) ?? (version === '1.0' ? undefined : home)
  return {
    user: {
      ...(id === undefined ? {} : { id: single(id, "user's id") }),
      ...(name === undefined ? {} : { name: single(name, "user's name") }),
      ...(email === undefined ? {} : { email: single(email, "user's email") }),
      ...(domain ? { domain } : {}),
      local: type === 'local',
    },
    groupIds: [...groupIds],
    groups,
    projects: projects.map(p => ({
      name: single(p['name'], "project's name"),
      ...(p['domain'] ? { domain: p['domain'] as DomainRef } : {}),
      roles: (p['roles'] as Raw[]).map(role => single(role['name'], "role's name")),
    })),
  }
}

/**
 * Claims under all names that mappings know them by: their own, and those that Keystone's web servers give them
 * (`OIDC-sub`, `OIDC_CLAIM_sub`, `HTTP_OIDC_SUB`). What is no text is written as JSON.
 */
export const assertionOf = (claims: Raw): Assertion => {
  const assertion: Record<string, string[]> = {}
  const write = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
  for (const [claim, value] of Object.entries(claims)) {
    if (value === null || value === undefined) continue
    const values = (Array.isArray(value) ? value : [value]).map(write)
    for (const name of [claim, `OIDC-${claim}`, `OIDC_CLAIM_${claim}`, `HTTP_OIDC_${claim.toUpperCase().replaceAll('-', '_')}`])
      assertion[name] = values
  }
  return assertion
}
