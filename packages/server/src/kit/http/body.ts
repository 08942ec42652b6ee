import { Refused } from '@esi/api/dialect'

const DEEPEST = 100

/**
 * JSON as it came, checked for what no service can use: broken text, U+0000 (which PostgreSQL refuses), nesting that is meant to
 * exhaust a stack, and keys that would change an object's prototype. An empty body is no body: many clients send one.
 */
export const readJson = (text: string): unknown => {
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (e) {
    throw new Refused('invalid', `The body is not valid JSON: ${(e as Error).message.slice(0, 200)}`)
  }
  inspect(value)
  return value
}

const inspect = (root: unknown): void => {
  // A loop and not recursion: the depth is the sender's choice.
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next
    if (typeof value === 'string') {
      if (value.includes('\u0000'))
        throw new Refused('invalid', 'A text in the body contains the character U+0000, which cannot be stored.')
      continue
    }
    if (value === null || typeof value !== 'object') continue
    if (depth >= DEEPEST) throw new Refused('invalid', `The body is nested more than ${DEEPEST} levels deep.`)
    if (Array.isArray(value)) {
      for (const item of value) open.push({ value: item, depth: depth + 1 })
      continue
    }
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') throw new Refused('invalid', 'The body has the key "__proto__", which is not allowed.')
      if (key.includes('\u0000')) throw new Refused('invalid', 'A key in the body contains the character U+0000, which cannot be stored.')
      open.push({ value: item, depth: depth + 1 })
    }
  }
}

const LONGEST_QUERY = 100

/** The query, refused when it holds what no field can. */
export const readQuery = (text: string): URLSearchParams => {
  const query = new URLSearchParams(text)
  if (query.size > LONGEST_QUERY) throw new Refused('invalid', `The query has ${query.size} parameters; at most ${LONGEST_QUERY} are read.`)
  for (const [key, value] of query)
    if (key.includes('\u0000') || value.includes('\u0000')) throw new Refused('invalid', 'The query contains the character U+0000.')
  return query
}
