import { BmcError } from '../driver.ts'
import { refusal, said } from './faults.ts'
import type { Options } from './options.ts'
import { link, pathOf } from './resource.ts'
import type { Answer } from './said.ts'
import type { Target } from './settings.ts'
import type { Wire } from './wire.ts'

export type Proof = { readonly headers: Readonly<Record<string, string>>; readonly session: string | null }

/**
 * What is shown to a BMC to be let in: the token of the one session that all callers share, or name and password. A session is
 * made when first needed and ended when nobody needs it, as BMCs have room for few.
 */
export class Session {
  readonly #target: Target
  readonly #wire: Wire
  readonly #options: Options
  readonly #root: (signal: AbortSignal) => Promise<unknown>
  #proof: Promise<Proof> | null = null
  #refusedUntil = 0
  #refusal = ''

  constructor(target: Target, wire: Wire, options: Options, root: (signal: AbortSignal) => Promise<unknown>) {
    this.#target = target
    this.#wire = wire
    this.#options = options
    this.#root = root
  }

  get refused(): boolean {
    return this.#refusedUntil > this.#options.millis()
  }

  async proof(signal: AbortSignal): Promise<Proof> {
    if (this.refused) throw new BmcError('credentials', this.#refusal)
    // A login that was given up by whoever began it is begun again by those who waited for it.
    for (;;) {
      this.#proof ??= this.#login(signal)
      const proof = this.#proof
      try {
        return await proof
      } catch (error) {
        if (this.#proof === proof) this.#proof = null
        if ((error as Error).name !== 'AbortError' || signal.aborted) throw error
      }
    }
  }

  /** That proof was refused. True when another may be tried: a session may have ended, a password does not change. */
  async stale(old: Proof): Promise<boolean> {
    if (old.session === null) return false
    const current = this.#proof
    // Another request may have found out first, and logged in again.
    if (current !== null && (await current.catch(() => null)) === old && this.#proof === current) this.#proof = null
    return true
  }

  /** The password was refused. */
  refuse(detail: string): BmcError {
    const { limits, millis } = this.#options
    this.#refusedUntil = millis() + limits.lockout
    const why = detail === '' ? '' : ` It says: "${detail}"`
    this.#refusal =
      this.#target.username === null
        ? `The BMC at ${this.#target.origin} wants to know who asks. Set redfish_username and redfish_password.`
        : `The BMC at ${this.#target.origin} refuses the user name or the password.${why} Correct redfish_username and redfish_password; ` +
          `with the present ones it is not asked again for ${Math.round(limits.lockout / 1000)} s, so that the account does not lock.`
    return new BmcError('credentials', this.#refusal)
  }

  async #login(signal: AbortSignal): Promise<Proof> {
    const { username, password, auth } = this.#target
    if (username === null) return { headers: {}, session: null }
    const basic = { headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }, session: null }
    if (auth === 'basic') return basic
    const root = await this.#root(signal)
    const named = link(root, 'Links', 'Sessions')
    // Whoever tells of no sessions has none, and may answer a request for one as if the password were wrong.
    if (named === null && auth === 'auto' && link(root, 'SessionService') === null) return basic
    const sessions = named ?? `${this.#target.root}SessionService/Sessions`
    const answer = await this.#wire
      .ask({ method: 'POST', path: sessions, body: { UserName: username, Password: password } }, signal)
      .catch(unlost)
    const token = answer.headers['x-auth-token']
    if (answer.status < 300 && typeof token === 'string') {
      const location = answer.headers.location
      return { headers: { 'x-auth-token': token }, session: pathOf(typeof location === 'string' ? location : null) ?? sessions }
    }
    if (answer.status === 401 || answer.status === 403) throw this.#denied(answer)
    // No sessions there, or none free: whoever left it to us gets in by password.
    if (auth === 'auto') return basic
    if (answer.status < 300)
      throw new BmcError('garbled', `The BMC at ${this.#target.origin} made a session without a token. Set redfish_auth_type to basic.`)
    throw refusal(this.#target.origin, 'the request for a session', answer.status, parse(answer.text), retryAfter(answer))
  }

  #denied(answer: Answer): BmcError {
    const body = parse(answer.text)
    if (said(body).ids.some(id => id.endsWith('PasswordChangeRequired')))
      return refusal(this.#target.origin, 'the request for a session', answer.status, body, null)
    return this.refuse(this.#hide(said(body).text))
  }

  #hide(text: string): string {
    return this.#target.password === '' ? text : text.replaceAll(this.#target.password, '•••')
  }

  /** Ends the session at the BMC as well. Never fails: what could not be ended runs out there. */
  async end(signal: AbortSignal): Promise<void> {
    const proof = await this.#proof?.catch(() => null)
    this.#proof = null
    if (!proof?.session || !proof.headers['x-auth-token']) return
    await this.#wire.ask({ method: 'DELETE', path: proof.session, headers: proof.headers }, signal).catch(() => undefined)
  }
}

const unlost = (error: unknown): never => {
  throw (error as { fault?: unknown }).fault instanceof BmcError ? (error as { fault: BmcError }).fault : error
}

export const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const retryAfter = (answer: Answer): string | null => {
  const value = answer.headers['retry-after']
  return typeof value === 'string' ? value.trim() : null
}
