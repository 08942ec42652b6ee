import { Refused } from '@esi/api/dialect'
import { fromMillis, toMillis } from '@esi/api/time'
import type { Clock } from '../../../kit/clock/clock.ts'
import type { Database } from '../../../kit/db/transaction.ts'
import type { Event } from '../../../kit/events/event.ts'
import type { Log } from '../../../kit/log/log.ts'
import type { Secrets } from '../../../kit/secrets/secrets.ts'
import type { Config } from '../config.ts'
import { isExpired, isInactive, isLocked, isNews } from '../domain/passwords.ts'
import { unauthenticated } from '../errors.ts'
import { totpSecrets } from '../store/credentials.ts'
import { countFailures } from '../store/failed-logins.ts'
import { noteFailure, noteSuccess } from '../store/passwords.ts'
import { type Account, findAccount, type UserRef } from '../store/subjects.ts'
import { emit } from '../telling.ts'
import { type Attempts, createAttempts, type Failures } from '../tokens/attempts.ts'
import type { Passwords } from './passwords.ts'
import { isPasscode } from './totp.ts'

/** Who asks, for the limits. */
export interface Asking {
  readonly address?: string | undefined
}

export interface PasswordCheck {
  readonly attempts: Attempts
  /**
   * Who is behind a name and a password. Whatever is wrong is answered alike, after the same work; only whoever had the right
   * password is told that it has expired, and with `expired` not even that is in the way.
   */
  check(user: UserRef, password: string, asking: Asking, how?: { readonly expired?: boolean }): Promise<Account>
  /** Who is behind a name and the passcode of a device of theirs (TOTP), in the same way. */
  passcode(user: UserRef, passcode: string, asking: Asking): Promise<Account>
}

/** As many logins as one user or from one address have failed as may: the others hear of it. */
export const LIMITED = 'login.limited'

export const failuresOf = ({ data }: Pick<Event, 'data'>): Failures => data as unknown as Failures

/** `database` is the kit's own: a failed login changes nothing that a token stands for. */
export const createPasswordCheck = (parts: {
  database: Database
  clock: Clock
  config: Config
  passwords: Passwords
  secrets: Secrets
  log: Log
}): PasswordCheck => {
  const { database, clock, passwords, secrets } = parts
  const { rules, logins } = parts.config
  const attempts = createAttempts({
    limits: logins,
    now: () => clock.millis(),
    share: (failing, until) =>
      database.transaction({ at: clock.now(), by: {} }, async tx => {
        const keys = failing.map(each => each.key)
        const counted = (await countFailures(tx.db, keys, tx.at, fromMillis(until))).map(c => ({ ...c, until: toMillis(c.until) }))
        for (const { key, is, most } of failing) {
          const reached = counted.find(c => c.key === key && c.n === most)
          if (reached) emit(tx, LIMITED, { type: 'login', id: key }, [], { by: is, ...reached })
        }
        return counted
      }),
    onError: e => parts.log.warn({ err: e }, 'a failed login could not be counted for all processes'),
  })

  const failed = async (account: Account): Promise<void> => {
    if (rules.failures === undefined || account.options['ignore_lockout_failure_attempts'] === true) return
    await database.transaction({ at: clock.now(), by: { user: account.id } }, async tx => {
      const count = await noteFailure(tx.db, account.id, tx.at, rules.lockout)
      if (count === rules.failures) emit(tx, 'user.locked', { type: 'user', id: account.id, name: account.name }, [account.domain.id])
    })
  }

  const passed = async (account: Account): Promise<void> => {
    const seen = rules.inactivity !== undefined && isNews(account.activeAt, clock.now())
    if (account.failedLogins === 0 && !seen) return
    await database.transaction({ at: clock.now(), by: { user: account.id } }, tx => noteSuccess(tx.db, account.id, seen ? tx.at : null))
  }

  /** Nobody who fails is told why; `good` does the same work for somebody who is not there. */
  const prove = async (user: UserRef, { address }: Asking, good: (account: Account | undefined) => Promise<boolean>): Promise<Account> => {
    const attempt = attempts.begin(nameOf(user), address)
    const account = await findAccount(database.db, user)
    const proven = await good(account)
    const locked = account !== undefined && isLocked(rules, account, clock.now())
    if (!account || !proven || locked) {
      await attempt.failed()
      if (account && !proven && !locked) await failed(account)
      throw unauthenticated()
    }
    attempt.passed()
    if (!account.enabled || isInactive(rules, account.activeAt, account.options, clock.now())) throw unauthenticated()
    return account
  }

  return {
    attempts,
    async check(user, password, asking, how = {}) {
      const account = await prove(user, asking, a => passwords.verify(password, a?.passwordHash))
      if (!how.expired && isExpired(account.passwordExpires, account.options, clock.now()))
        throw new Refused('unauthenticated', `The password is expired and needs to be changed for user: ${account.id}.`)
      await passed(account)
      return account
    },
    async passcode(user, passcode, asking) {
      const account = await prove(user, asking, async a => {
        // Whom only a provider knows comes by it: or they would still come when it knows them no more.
        if (a?.guest) return false
        const devices = await totpSecrets(database.db, a?.id ?? '')
        return devices.some(sealed => isPasscode(secrets.open(sealed), passcode, clock.millis()))
      })
      await passed(account)
      return account
    },
  }
}

const nameOf = (user: UserRef): string =>
  'id' in user ? user.id : `${user.name}\u0000${'id' in user.domain ? user.domain.id : `\u0000${user.domain.name}`}`
