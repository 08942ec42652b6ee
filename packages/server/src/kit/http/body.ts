import { Refused } from '@esi/api/dialect'

const DEEPEST = 100

/**
 * JSON as it came, checked for what no service can use: broken text, characters that PostgreSQL refuses, numbers that would be
 * kept as others, nesting that is meant to exhaust a stack, and keys that would change an object's prototype. An empty body is no
 * body: many clients send one. Of a key that is there twice the last one counts, as everywhere.
 */
export const readJson = (text: string): unknown => {
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (e) {
    // A parser that runs out of stack says so with another error than that of broken text.
    if (!(e instanceof SyntaxError)) throw tooDeep()
    throw new Refused('invalid', `The body is not valid JSON: ${e.message.toWellFormed().slice(0, 200)}`)
  }
  if (inspect(value)) exact(text)
  return value
}

const tooDeep = () => new Refused('invalid', `The body is nested more than ${DEEPEST} levels deep.`)

const storable = (text: string, what: string): void => {
  if (text.includes('\u0000')) throw new Refused('invalid', `${what} contains the character U+0000, which cannot be stored.`)
  if (!text.isWellFormed()) throw new Refused('invalid', `${what} contains half of a surrogate pair, which is no character.`)
}

/** Whether numbers are to be looked at again, in the text. */
const inspect = (root: unknown): boolean => {
  let doubtful = false
  // A loop and not recursion: the depth is the sender's choice.
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next
    if (typeof value === 'string') storable(value, 'A text in the body')
    else if (typeof value === 'number') doubtful ||= Math.abs(value) > Number.MAX_SAFE_INTEGER
    if (value === null || typeof value !== 'object') continue
    if (depth >= DEEPEST) throw tooDeep()
    if (Array.isArray(value)) {
      for (const item of value) open.push({ value: item, depth: depth + 1 })
      continue
    }
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') throw new Refused('invalid', 'The body has the key "__proto__", which is not allowed.')
      storable(key, 'A key in the body')
      open.push({ value: item, depth: depth + 1 })
    }
  }
  return doubtful
}

/** A whole number beyond 2^53 would be kept as its neighbour, and 1e999 as nothing at all. */
const exact = (text: string): void => {
  JSON.parse(text, (_key, value: unknown, at?: { source?: string }) => {
    if (typeof value !== 'number' || at?.source === undefined) return value
    if (!Number.isFinite(value) || (/^-?\d+$/.test(at.source) && BigInt(at.source) !== BigInt(value)))
      throw new Refused('invalid', `The number ${at.source.slice(0, 40)} is too large to be kept as it is; send it as a text.`)
    return value
  })
}

const LONGEST_QUERY = 100

/** The query, refused when it holds what no field can. */
export const checkQuery = (query: URLSearchParams): void => {
  if (query.size > LONGEST_QUERY) throw new Refused('invalid', `The query has ${query.size} parameters; at most ${LONGEST_QUERY} are read.`)
  for (const [key, value] of query)
    if (key.includes('\u0000') || value.includes('\u0000')) throw new Refused('invalid', 'The query contains the character U+0000.')
}
