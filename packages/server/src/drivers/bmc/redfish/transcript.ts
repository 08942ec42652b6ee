import { isObject, type Json } from './resource.ts'
import type { Answer, Ask } from './said.ts'
import { parse } from './session.ts'

/** One request and its answer, without secrets. */
export interface Exchange {
  readonly method: Ask['method']
  readonly path: string
  /** What was sent. */
  readonly sent?: unknown
  /** Whether it was sent with a version. */
  readonly ifMatch?: true
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** What came back; text where it is no JSON, absent where there is nothing. */
  readonly body?: unknown
}

// All that the driver goes by.
const HEADERS = ['etag', 'location', 'retry-after', 'x-auth-token']
const HIDDEN = '(removed)'
// Properties that hold secrets, wherever they are, and those that name one machine.
const SECRET = /password|token|secret|passphrase|privatekey|communitystring/i
const OWN = /^(serialnumber|uuid|sku|assettag|servicetag|hostname|macaddress|permanentmacaddress|fqdn|address|gateway)$/i

/** Collects a transcript of what a driver hears; for the option `heard`. Two of the same machine are alike. */
export class Transcript {
  readonly exchanges: Exchange[] = []
  readonly #names = new Map<string, string>()
  readonly #secrets: readonly string[]

  /** `secrets` are texts that must not be in it anywhere. */
  constructor(secrets: readonly string[] = []) {
    this.#secrets = secrets.filter(secret => secret !== '')
  }

  readonly heard = (ask: Ask, answer: Answer): void => {
    const { body: sent } = ask
    const body = parse(answer.text)
    const headers = Object.fromEntries(
      HEADERS.flatMap(name => {
        const value = answer.headers[name]
        return typeof value === 'string' ? [[name, name === 'x-auth-token' ? HIDDEN : this.#plain(value)]] : []
      }),
    )
    this.exchanges.push({
      method: ask.method,
      path: this.#plain(ask.path),
      ...(sent === undefined ? {} : { sent: this.#clean(sent) }),
      ...(ask.headers?.['if-match'] === undefined ? {} : { ifMatch: true as const }),
      status: answer.status,
      headers,
      ...(answer.text === '' ? {} : { body: body === undefined ? this.#plain(answer.text) : this.#clean(body) }),
    })
  }

  #clean(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.#text(value, key)
    if (Array.isArray(value)) return value.map(each => this.#clean(each, key))
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value as Json).map(([name, each]) => [name, this.#clean(each, name)]))
  }

  #text(value: string, key: string): string {
    if (value !== '' && SECRET.test(key)) return HIDDEN
    if (value !== '' && OWN.test(key)) return this.#standIn(key, value)
    return this.#plain(value)
  }

  /** What names the machine stays of its kind, so that whoever reads it understands it. */
  #standIn(key: string, value: string): string {
    const known = this.#names.get(value)
    if (known !== undefined) return known
    const number = this.#names.size + 1
    const hex = number.toString(16).padStart(2, '0')
    const made = /mac/i.test(key)
      ? `02:00:00:00:00:${hex}`
      : /uuid/i.test(key)
        ? `00000000-0000-4000-8000-0000000000${hex}`
        : /^\d+(\.\d+){3}$/.test(value)
          ? `192.0.2.${number}`
          : `${key}-${number}`
    this.#names.set(value, made)
    return made
  }

  #plain(value: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), value)
  }
}
