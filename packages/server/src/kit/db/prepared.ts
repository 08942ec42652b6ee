import pg from 'pg'
import { isStale } from './errors.ts'

// Planning most of our statements takes longer than running them. Each prepared one costs memory in every connection that used it,
// so only those that come again and again are, and not without end.
const HOT = 4
const MOST = 160
const WATCHED = 4000

/** Which statements are prepared, and under which names. One for all connections of a pool. */
export class StatementNames {
  readonly #uses = new Map<string, number>()
  readonly #names = new Map<string, string>()
  #made = 0

  /** The name of a statement that is asked for now; undefined while it is not worth one. */
  of(text: string): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= MOST) return known
    const uses = (this.#uses.get(text) ?? 0) + 1
    if (uses < HOT) {
      if (this.#uses.size >= WATCHED) this.#uses.clear()
      this.#uses.set(text, uses)
      return undefined
    }
    this.#uses.delete(text)
    return this.#name(text)
  }

  /** Another name for it, because what was prepared under the old one is of no use any more. */
  renew(text: string): string {
    return this.#name(text)
  }

  #name(text: string): string {
    const name = `esi_${++this.#made}`
    this.#names.set(text, name)
    return name
  }
}

type Callback = (error: Error | null, result?: unknown) => void

/**
 * Connections that prepare statements with parameters by themselves. A statement whose columns were changed by a migration meanwhile
 * is prepared anew; within a transaction that is an error, of which `isStale` tells that the transaction may be tried again.
 */
export const preparingClient = (names: StatementNames): typeof pg.Client => {
  class Preparing extends pg.Client {
    override query(...given: any[]): any {
      const [text, values, callback] = given as [unknown, unknown, Callback | undefined]
      const plain = super.query as (...all: any[]) => any
      if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return plain.apply(this, given)
      const name = names.of(text)
      if (name === undefined) return plain.apply(this, given)
      const run = (name: string, done?: Callback) => plain.apply(this, [{ name, text, values }, ...(done ? [done] : [])])
      if (typeof callback === 'function')
        return run(name, (error, result) => {
          if (!isStale(error)) callback(error, result)
          else run(names.renew(text), (second, result) => (second ? callback(error) : callback(null, result)))
        })
      return run(name).catch((error: unknown) => {
        if (!isStale(error)) throw error
        return run(names.renew(text)).catch(() => {
          throw error
        })
      })
    }
  }
  return Preparing as typeof pg.Client
}
