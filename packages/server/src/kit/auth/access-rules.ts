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

const PART = Symbol('one or more characters but /')
const REST = Symbol('any characters, or none')
type Piece = string | typeof PART | typeof REST

const piecesOf = (pattern: string): Piece[] =>
  pattern.split(/(\*\*|\*|\{[^}]*\})/).flatMap((part): Piece[] => {
    if (part === '**') return [REST]
    return part === '*' || /^\{.*\}$/.test(part) ? [PART] : [...part]
  })

/**
 * All places in the pattern that the path so far may have come to are followed at once: a pattern is a stranger's, and as a regular
 * expression a short one can take minutes.
 */
const matches = (pattern: string, path: string): boolean => {
  const pieces = piecesOf(pattern)
  const enter = (places: Set<number>, at: number): void => {
    places.add(at)
    if (pieces[at] === REST && !places.has(at + 1)) enter(places, at + 1)
  }
  let places = new Set<number>()
  enter(places, 0)
  for (const letter of path) {
    const next = new Set<number>()
    for (const at of places) {
      const piece = pieces[at]
      if (piece === REST) enter(next, at)
      else if (piece === PART && letter !== '/') {
        next.add(at)
        enter(next, at + 1)
      } else if (piece === letter) enter(next, at + 1)
    }
    if (next.size === 0) return false
    places = next
  }
  return places.has(pieces.length)
}
