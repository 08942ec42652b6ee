export interface AccessRule {
  readonly service: string
  readonly path: string
  readonly method: string
}

/** A request: the catalog's types of its service, the method, and the path, below the service's prefix and whole. */
export interface Attempt {
  readonly types: readonly string[]
  readonly method: string
  readonly paths: readonly string[]
}

/** Whether any of the rules lets it. In a path `*` and `{name}` stand for one part, `**` for the rest. */
export const allows = (rules: readonly AccessRule[], attempt: Attempt): boolean =>
  rules.some(
    rule => attempt.types.includes(rule.service) && rule.method === attempt.method && attempt.paths.some(path => matches(rule.path, path)),
  )

const matches = (pattern: string, path: string): boolean => {
  const source = pattern
    .split(/(\*\*|\*|\{[^}]*\})/)
    .map(part => (part === '**' ? '.*' : part === '*' || /^\{.*\}$/.test(part) ? '[^/]+' : part.replace(/[.+?^$()|[\]\\{}]/g, '\\$&')))
    .join('')
  return new RegExp(`^${source}$`).test(path)
}
