/** Routes that every service has: which rules decide there, and why one decides as it does. */
import { route } from './define.ts'
import { list, object, string } from './types.ts'

export const listRules = route({
  name: 'rules.list',
  method: 'GET',
  path: '/policy/rules',
  policies: ['policy:list'],
  status: 200,
  query: { name: { type: list(string()), doc: 'Only rules of these names, with commas between.' } },
  doc: 'The rules in force, each with its default and where it comes from.',
})

export const explainRule = route({
  name: 'rules.explain',
  method: 'POST',
  path: '/policy/explain',
  policies: ['policy:explain', 'policy:explain_for_others'],
  status: 200,
  body: {
    rule: { type: string(), required: true, doc: 'The name of a rule: what a refusal named.' },
    target: { type: object(), doc: 'What the rule is asked about, as {"node.owner": "…"}; nothing of it is looked up.' },
    who: {
      type: object(),
      doc: 'Credentials to judge instead of the caller’s own: user_id, project_id, roles with all that they imply, …',
    },
  },
  doc: 'Whether a rule lets somebody do it, and why: every part of the rule with its outcome.',
})

/** One rule, as it is listed. */
export interface ListedRule {
  readonly name: string
  readonly doc: string
  /** What it guards: `GET /v1/nodes`. */
  readonly operations: readonly string[]
  readonly default: string
  readonly in_force: string
  readonly source: 'default' | 'file'
}

/** A part of a rule with its outcome. */
export interface Explained {
  readonly check: string
  readonly outcome: boolean
  /** In words: "the caller's roles are reader, member". */
  readonly because?: string
  readonly parts?: readonly Explained[]
}

export interface ExplainedRule {
  readonly rule: string
  readonly outcome: boolean
  readonly in_force: string
  readonly source: 'default' | 'file'
  readonly who: Readonly<Record<string, unknown>>
  readonly explanation: Explained
}
