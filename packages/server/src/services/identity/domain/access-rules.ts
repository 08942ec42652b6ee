/** What a request is about to do, for tokens that may do only some things. */
export interface Access {
  /** The service's types in the catalog. */
  readonly types: readonly string[]
  readonly method: string
  /** Below the service's prefix: `/v1/nodes`. */
  readonly path: string
}

export interface AccessRule {
  readonly service: string
  readonly path: string
  readonly method: string
}

/** Whether any of the rules lets it. In a path `*` and `{name}` stand for one part, `**` for the rest. Source: keystonemiddleware. */
export const allows = (rules: readonly AccessRule[], access: Access): boolean =>
  rules.some(rule => access.types.includes(rule.service) && rule.method === access.method && matches(rule.path, access.path))

const matches = (pattern: string, path: string): boolean => {
  const source = pattern
    .split(/(\*\*|\*|\{[^}]*\})/)
    .map(part => (part === '**' ? '.*' : part === '*' || /^\{.*\}$/.test(part) ? '[^/]+' : part.replace(/[.+?^$()|[\]\\{}]/g, '\\$&')))
    .join('')
  return new RegExp(`^${source}$`).test(path)
}
