import { Refused } from '@esi/api/dialect'
import { type ExplainedRule, explainRule, type ListedRule, listRules } from '@esi/api/policies'
import type { Credentials } from '../auth/caller.ts'
import type { Explanation, Policy, PolicyDefault, RuleInForce } from '../policy/types.ts'
import { type Context, handle, type Route } from './route.ts'

const ADMIN = 'role:admin and (system_scope:all or (project_name:admin and project_domain_id:default))'

/** Who may ask about rules; the same in every service. */
export const policyDefaults: readonly PolicyDefault[] = [
  {
    name: 'policy:list',
    rule: `(${ADMIN}) or (role:reader and system_scope:all)`,
    doc: 'See the rules in force, and where the operator’s are written.',
    operations: ['GET /policy/rules'],
  },
  { name: 'policy:explain', rule: '@', doc: 'Ask why a rule decides as it does about oneself.', operations: ['POST /policy/explain'] },
  {
    name: 'policy:explain_for_others',
    rule: ADMIN,
    doc: 'Ask how a rule decides about somebody else.',
    operations: ['POST /policy/explain'],
  },
]

const listed = (rule: RuleInForce): ListedRule => ({
  name: rule.name,
  doc: rule.doc,
  operations: rule.operations ?? [],
  default: rule.rule,
  in_force: rule.inForce,
  source: rule.source,
})

/** The routes that show a service's own rules; not those that are only `elsewhere`, which the operator's file may have too. */
export const policyRoutes = (policy: Policy, own: ReadonlySet<string>, elsewhere: (name: string) => boolean = () => false): Route[] => {
  const rules = () => policy.rules().filter(rule => own.has(rule.name) || !elsewhere(rule.name))
  return [
    handle(listRules, async (context, { query }) => {
      context.require('policy:list')
      const wanted = query.name && new Set(query.name)
      const shown = rules().filter(rule => !wanted || wanted.has(rule.name))
      return { body: { rules: shown.map(listed) } }
    }),
    handle(explainRule, async (context, { body }) => {
      context.require('policy:explain')
      if (body.who !== undefined) context.require('policy:explain_for_others')
      const rule = rules().find(each => each.name === body.rule)
      if (!rule) throw new Refused('missing', `There is no rule "${body.rule.slice(0, 255)}" here.`)
      const who = body.who === undefined ? context.who : credentialsOf(body.who)
      const explanation = policy.explain(rule.name, body.target ?? {}, who)
      const answer: ExplainedRule = {
        rule: rule.name,
        outcome: explanation.outcome,
        in_force: rule.inForce,
        source: rule.source,
        who,
        explanation: told(context, rule, explanation),
      }
      return { body: answer }
    }),
  ]
}

/** Where the operator's file lies is told only to those who may see the rules. */
const told = (context: Context, rule: RuleInForce, explanation: Explanation): Explanation =>
  rule.source === 'file' && !context.may('policy:list') ? { ...explanation, because: 'the operator’s rule' } : explanation

const KNOWN: Readonly<Record<string, (value: unknown) => boolean>> = {
  roles: value => Array.isArray(value) && value.every(role => typeof role === 'string'),
  system_scope: value => value === 'all',
  ...Object.fromEntries(
    ['user_id', 'user_domain_id', 'project_id', 'project_name', 'project_domain_id', 'domain_id'].map(name => [
      name,
      (value: unknown) => typeof value === 'string',
    ]),
  ),
}

/** Credentials out of a request: the names that a token's credentials have, and nothing else. */
const credentialsOf = (given: Readonly<Record<string, unknown>>): Credentials => {
  for (const [name, value] of Object.entries(given)) {
    const fits = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined
    if (!fits) throw new Refused('invalid', `who has no "${name.slice(0, 100)}"; it may have ${Object.keys(KNOWN).sort().join(', ')}.`)
    if (!fits(value)) throw new Refused('invalid', `who: "${name}" ${name === 'roles' ? 'must be a list of names' : 'must be text'}.`)
  }
  const scopes = (['project_id', 'domain_id', 'system_scope'] as const).filter(name => given[name] !== undefined)
  if (scopes.length > 1) throw new Refused('invalid', `who: a token is for one of ${scopes.join(' and ')}, not for both.`)
  const scope = { project_id: 'project', domain_id: 'domain', system_scope: 'system' } as const
  return {
    user_id: '',
    user_domain_id: '',
    roles: [],
    ...given,
    scope: scopes[0] ? scope[scopes[0]] : 'none',
  }
}
