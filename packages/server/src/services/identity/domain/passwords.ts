import { Refused } from '@esi/api/dialect'
import { type Instant, plus, toMillis } from '@esi/api/time'

/** What is asked of passwords; spans in milliseconds. */
export interface Rules {
  readonly pattern?: string | undefined
  readonly patternInWords?: string | undefined
  readonly history: number
  readonly minimumAge: number
  readonly lifetime?: number | undefined
  readonly changeAtFirstUse: boolean
  readonly inactivity?: number | undefined
  readonly failures?: number | undefined
  readonly lockout: number
}

type UserOptions = Readonly<Record<string, unknown>>

const DAY = 86_400_000

/** As for users that are made with one. */
const LONGEST = 4096

/** Throws where a password is not as passwords are to be. */
export const fitting = (rules: Rules, password: string): void => {
  if (password === '' || password.length > LONGEST) throw new Refused('invalid', `The password must have 1 to ${LONGEST} characters.`)
  if (rules.pattern !== undefined && !new RegExp(rules.pattern).test(password))
    throw new Refused('invalid', `The password does not match the requirements: ${rules.patternInWords ?? rules.pattern}.`)
}

/** Until when a new password is good. One that somebody else has set may be for a single change only. */
export const goodUntil = (rules: Rules, options: UserOptions, at: Instant, bySelf: boolean): Instant | null => {
  if (!bySelf && rules.changeAtFirstUse && options['ignore_change_password_upon_first_use'] !== true) return at
  return rules.lifetime === undefined || options['ignore_password_expiry'] === true ? null : plus(at, rules.lifetime)
}

export const isExpired = (expires: Instant | null, options: UserOptions, now: Instant): boolean =>
  expires !== null && options['ignore_password_expiry'] !== true && expires <= now

/** Throws where it is too early for another change. */
export const mayChangeAgain = (rules: Rules, changed: Instant | null, expires: Instant | null, now: Instant): void => {
  if (rules.minimumAge === 0 || changed === null) return
  const from = plus(changed, rules.minimumAge)
  // A password that has to be changed may be changed.
  if (from <= now || (expires !== null && expires <= now)) return
  const [least, left] = [rules.minimumAge, toMillis(from) - toMillis(now)].map(span => Math.ceil(span / DAY))
  throw new Refused(
    'invalid',
    `You cannot change your password at this time due to the minimum password age. Once you change your password, it must be used for ${least} day(s) before it can be changed. Please try again in ${left} day(s) or contact your administrator to reset your password.`,
  )
}

export const usedBefore = (rules: Rules): Refused =>
  new Refused(
    'invalid',
    `The new password cannot be identical to a previous password. The total number which includes the new password must be unique is ${rules.history}.`,
  )

export const isLocked = (
  rules: Rules,
  user: { readonly failedLogins: number; readonly failedAt: Instant | null; readonly options: UserOptions },
  now: Instant,
): boolean => {
  if (rules.failures === undefined || user.options['ignore_lockout_failure_attempts'] === true) return false
  if (user.failedLogins < rules.failures || user.failedAt === null) return false
  return rules.lockout === 0 || now < plus(user.failedAt, rules.lockout)
}

/** Whoever was not here for too long counts as disabled. */
export const isInactive = (rules: Rules, activeAt: Instant | null, options: UserOptions, now: Instant): boolean =>
  rules.inactivity !== undefined &&
  options['ignore_user_inactivity'] !== true &&
  activeAt !== null &&
  plus(activeAt, rules.inactivity) <= now

/** Whether a login is worth noting: once a day. */
export const isNews = (activeAt: Instant | null, now: Instant): boolean => activeAt === null || plus(activeAt, DAY) <= now
