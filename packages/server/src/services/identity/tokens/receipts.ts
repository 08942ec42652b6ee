import { fromMillis, type Instant } from '@esi/api/time'
import type { Clock } from '../../../kit/clock/clock.ts'
import { Unpackable } from '../domain/msgpack.ts'
import { type Proven, packReceipt, RECEIPT_LIFETIME, unpackReceipt } from '../domain/receipt.ts'
import type { Account } from '../store/subjects.ts'
import type { Keyring } from './keyring.ts'

/** A login that was good as far as it went: with its id the rest can be proven in another request. */
export interface Receipt {
  readonly id: string
  readonly methods: readonly string[]
  readonly user: Pick<Account, 'id' | 'name' | 'domain'>
  readonly issued: Instant
  readonly expires: Instant
  /** Rules of the user of which something is proven. */
  readonly required: readonly (readonly string[])[]
}

export interface Receipts {
  issue(account: Account, methods: readonly string[], required: Receipt['required']): Receipt
  /** The methods that a receipt tells of; `undefined` for one that is not good for this user now. */
  methods(id: string, account: Account): Promise<readonly string[] | undefined>
}

export const createReceipts = (keyring: Keyring, clock: Clock): Receipts => ({
  issue(account, methods, required) {
    const seconds = Math.floor(clock.millis() / 1000)
    const expires = seconds * 1000 + RECEIPT_LIFETIME
    const proven: Proven = { user: account.id, methods, password: account.passwordAt, expires }
    const { id, name, domain } = account
    return {
      id: keyring.seal(packReceipt(proven), seconds),
      methods,
      user: { id, name, domain },
      issued: fromMillis(seconds * 1000),
      expires: fromMillis(expires),
      required,
    }
  },
  async methods(id, account) {
    const opened = await keyring.open(id)
    if (!opened) return undefined
    try {
      const proven = unpackReceipt(opened.plain)
      const good = proven.user === account.id && proven.password === account.passwordAt && proven.expires > clock.millis()
      return good ? proven.methods : undefined
    } catch (e) {
      if (e instanceof Unpackable) return undefined
      throw e
    }
  },
})

/** The body of a receipt as Keystone prints it. */
export const renderReceipt = ({ methods, user, issued, expires, required }: Receipt) => ({
  receipt: { methods, user, expires_at: expires, issued_at: issued },
  required_auth_methods: required,
})
