import type { Credentials } from '../auth/caller.ts'

/** A rule as a service declares it: the default text, and what it guards. */
export interface PolicyDefault {
  readonly name: string
  /** oslo.policy language. */
  readonly rule: string
  readonly doc: string
  /** What it guards, as `GET /v1/nodes`. */
  readonly operations?: readonly string[]
}

/** What a rule is asked about. Keys may have dots (`node.owner`); a check finds both flat keys and nested objects. */
export type Target = Readonly<Record<string, unknown>>

export interface Policy {
  may(rule: string, target: Target, who: Credentials): boolean
  /** Each part of the rule with its outcome, for `esi policy explain`. */
  explain(rule: string, target: Target, who: Credentials): Explanation
  /** Every rule in force, with its default and where it comes from. */
  rules(): readonly RuleInForce[]
}

export interface Explanation {
  readonly check: string
  readonly outcome: boolean
  /** Why, in words: "the caller's roles are reader, member". */
  readonly because?: string
  readonly parts?: readonly Explanation[]
}

export interface RuleInForce extends PolicyDefault {
  readonly inForce: string
  readonly source: 'default' | 'file'
}
