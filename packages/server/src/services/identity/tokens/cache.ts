import type { Token } from './token.ts'

/** Tokens that were found good a moment ago. Everything that could change what they stand for empties it. */
export interface TokenCache {
  get(id: string): Token | undefined
  /** `since` is the generation that was read before the token was looked up: what was looked up before a change is not kept after it. */
  put(token: Token, since: number): void
  flush(): void
  readonly generation: number
  readonly size: number
}

export const createTokenCache = (most: number, age: number, now: () => number = () => performance.now()): TokenCache => {
  let generation = 0
  const entries = new Map<string, { readonly token: Token; readonly until: number }>()
  return {
    get(id) {
      const entry = entries.get(id)
      if (!entry) return undefined
      if (entry.until > now()) return entry.token
      entries.delete(id)
      return undefined
    },
    put(token, since) {
      if (since !== generation || most === 0) return
      // The oldest goes: a Map keeps the order in which things came.
      if (entries.size >= most) entries.delete(entries.keys().next().value!)
      entries.set(token.id, { token, until: now() + age })
    },
    flush() {
      generation++
      entries.clear()
    },
    get generation() {
      return generation
    },
    get size() {
      return entries.size
    },
  }
}
