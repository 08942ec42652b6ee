import { domain as domainTable } from '@esi/api/identity/domain'
import { group as groupTable } from '@esi/api/identity/group'
import { project as projectTable } from '@esi/api/identity/project'
import { role as roleTable } from '@esi/api/identity/role'
import { user as userTable } from '@esi/api/identity/user'
import { type Given, type Option, UsageError } from '../../command.ts'
import { pairOf, yesOrNo } from '../../crud-fields.ts'
import { present } from '../../values.ts'
import { toDomain, toProject } from './refers.ts'
import { switched, tableCrud } from './table-crud.ts'

/** Who there is and what they are in, in the words of the original's client. */

const within = { option: 'domain', field: 'domain_id', find: toDomain } as const
const inDomain = { domain_id: toDomain }

/** Rules of the service for one thing, as switches: the option that says yes, the one that says no, and the rule. */
type Rules = readonly (readonly [yes: string, no: string, rule: string])[]
const IMMUTABLE: Rules = [['immutable', 'no-immutable', 'immutable']]
const OF_USERS: Rules = [
  ['ignore-lockout-failure-attempts', 'no-ignore-lockout-failure-attempts', 'ignore_lockout_failure_attempts'],
  ['ignore-password-expiry', 'no-ignore-password-expiry', 'ignore_password_expiry'],
  ['ignore-change-password-upon-first-use', 'no-ignore-change-password-upon-first-use', 'ignore_change_password_upon_first_use'],
  ['enable-lock-password', 'disable-lock-password', 'lock_password'],
  ['enable-multi-factor-auth', 'disable-multi-factor-auth', 'multi_factor_auth_enabled'],
]

const ruleOptions = (rules: Rules): Record<string, Option> =>
  Object.fromEntries(
    rules.flatMap(([yes, no, rule]): [string, Option][] => [
      [yes, { doc: `the rule ${rule.replaceAll('_', ' ')} holds for it` }],
      [no, { doc: `the opposite of --${yes}` }],
    ]),
  )

const rulesOf = (given: Given, rules: Rules): Record<string, unknown> =>
  present(Object.fromEntries(rules.map(([yes, no, rule]) => [rule, yesOrNo(given, yes, no)])))

const some = (options: Record<string, unknown>): Record<string, unknown> => (Object.keys(options).length > 0 ? { options } : {})

/** `--immutable`, and for a project what else is known of it. */
const immutable = {
  options: ruleOptions(IMMUTABLE),
  read: (given: Given) => some(rulesOf(given, IMMUTABLE)),
}

export const project = tableCrud(projectTable, {
  ...switched,
  named: true,
  orShow: true,
  within,
  names: { ...switched.names, domain_id: 'domain', parent_id: 'parent', options: 'option', tags: 'tag' },
  filters: { ...switched.filters, tags: 'tags' },
  refers: { ...inDomain, parent_id: toProject },
  extras: {
    options: { ...immutable.options, property: { doc: 'anything else to be known of it', values: ['key=value'], repeat: true } },
    read: given => ({
      ...immutable.read(given),
      ...Object.assign({}, ...given.all('property').map(text => pairOf(text, '--property', value => value))),
    }),
  },
})

export const user = tableCrud(userTable, {
  ...switched,
  named: true,
  orShow: true,
  within,
  names: { ...switched.names, domain_id: 'domain', default_project_id: 'project', options: 'option' },
  refers: { ...inDomain, default_project_id: toProject },
  domains: { default_project_id: 'project-domain' },
  shown: { long: ['id', 'name', 'default_project_id', 'domain_id', 'description', 'email', 'enabled'] },
  titles: { default_project_id: 'Project', domain_id: 'Domain' },
  extras: {
    options: {
      email: { doc: 'an address to write to', values: ['address'] },
      description: { doc: 'who it is', values: ['text'] },
      ...ruleOptions(OF_USERS),
      'multi-factor-auth-rule': {
        doc: 'ways of logging in that do together, like password,totp; several are alternatives, and an empty one takes all rules away',
        values: ['methods'],
        repeat: true,
      },
    },
    read: given => {
      const rules = given.all('multi-factor-auth-rule').map(text => text.split(',').filter(Boolean))
      if (rules.length > 1 && rules.some(rule => rule.length === 0))
        throw new UsageError('An empty --multi-factor-auth-rule goes with no other.')
      const more = rules.length > 0 ? { multi_factor_auth_rules: rules.filter(rule => rule.length > 0) } : {}
      return {
        ...some({ ...rulesOf(given, OF_USERS), ...more }),
        ...present({ email: given.one('email'), description: given.one('description') }),
      }
    },
  },
})

export const group = tableCrud(groupTable, { named: true, orShow: true, within, names: { domain_id: 'domain' }, refers: inDomain })

export const domain = tableCrud(domainTable, {
  ...switched,
  named: true,
  orShow: true,
  names: { ...switched.names, options: 'option', tags: 'tag' },
  extras: immutable,
})

export const role = tableCrud(roleTable, {
  filters: { domain_id: 'domain' },
  named: true,
  orShow: true,
  within,
  names: { domain_id: 'domain', options: 'option' },
  refers: inDomain,
  extras: immutable,
})
