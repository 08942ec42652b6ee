const METHODS = ['password', 'totp', 'token', 'application_credential', 'mapped', 'oauth1']

type Options = Readonly<Record<string, unknown>>

/** The user's rules, without methods that nobody can use here and without those of nothing but them. */
const rulesOf = (options: Options): string[][] => {
  const rules = options['multi_factor_auth_rules']
  if (options['multi_factor_auth_enabled'] === false || !Array.isArray(rules)) return []
  return rules
    .filter(rule => Array.isArray(rule))
    .map(rule => (rule as unknown[]).filter((method): method is string => METHODS.includes(method as string)))
    .filter(rule => rule.length > 0)
}

/** Whether these methods satisfy one of the user's rules for several factors; without rules everything does. Source: Keystone's `multi_factor_auth_rules`. */
export const secondFactors = (options: Options, methods: readonly string[]): boolean => {
  const rules = rulesOf(options)
  return rules.length === 0 || rules.some(rule => rule.every(method => methods.includes(method)))
}

/** The rules that these methods are a part of. */
export const begunRules = (options: Options, methods: readonly string[]): string[][] =>
  rulesOf(options).filter(rule => rule.some(method => methods.includes(method)))
