const METHODS = ['password', 'token', 'application_credential']

/**
 * Whether these methods satisfy one of the user's rules for several factors; without rules everything does. Methods that nobody can
 * use here do not count, and rules of nothing but those are passed over. Source: Keystone's `multi_factor_auth_rules`.
 */
export const secondFactors = (options: Readonly<Record<string, unknown>>, methods: readonly string[]): boolean => {
  const rules = options['multi_factor_auth_rules']
  if (options['multi_factor_auth_enabled'] === false || !Array.isArray(rules)) return true
  const usable = rules
    .filter(rule => Array.isArray(rule))
    .map(rule => (rule as unknown[]).filter(method => METHODS.includes(method as string)))
    .filter(rule => rule.length > 0)
  return usable.length === 0 || usable.some(rule => rule.every(method => methods.includes(method as string)))
}
