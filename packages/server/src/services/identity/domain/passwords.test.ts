import { describe, expect, it } from 'vitest'
import { fitting, goodUntil, isExpired, isInactive, isLocked, mayChangeAgain, type Rules } from './passwords.ts'

const NOW = '2030-01-10T00:00:00.000000Z'
const BEFORE = '2030-01-09T00:00:00.000000Z'
const DAY = 86_400_000
const rules = (more: Partial<Rules> = {}): Rules => ({ history: 0, minimumAge: 0, changeAtFirstUse: false, lockout: DAY, ...more })

describe('a password', () => {
  it('fits when it has what is asked', () => {
    const strict = rules({ pattern: '^(?=.*\\d).{4,}$', patternInWords: 'a digit' })
    expect(() => fitting(strict, 'abc1')).not.toThrow()
    expect(() => fitting(strict, 'abcd')).toThrow('The password does not match the requirements: a digit.')
    for (const bad of ['', 'x'.repeat(4097)]) expect(() => fitting(rules(), bad)).toThrow('1 to 4096')
  })

  it('is good for as long as the rules and the user’s options say', () => {
    const limited = rules({ lifetime: DAY, changeAtFirstUse: true })
    expect(goodUntil(rules(), {}, NOW, false)).toBeNull()
    expect(goodUntil(limited, {}, BEFORE, true)).toBe(NOW)
    expect(goodUntil(limited, {}, NOW, false)).toBe(NOW)
    expect(goodUntil(limited, { ignore_change_password_upon_first_use: true }, BEFORE, false)).toBe(NOW)
    expect(goodUntil(limited, { ignore_password_expiry: true }, NOW, true)).toBeNull()
    expect(isExpired(NOW, {}, NOW)).toBe(true)
    expect(isExpired(NOW, { ignore_password_expiry: true }, NOW)).toBe(false)
    expect(isExpired(NOW, {}, BEFORE)).toBe(false)
  })

  it('is not changed again too early, but when it has to be', () => {
    const slow = rules({ minimumAge: 2 * DAY })
    expect(() => mayChangeAgain(slow, BEFORE, null, NOW)).toThrow(
      'must be used for 2 day(s) before it can be changed. Please try again in 1 day(s)',
    )
    expect(() => mayChangeAgain(slow, BEFORE, NOW, NOW)).not.toThrow()
    expect(() => mayChangeAgain(rules({ minimumAge: DAY }), BEFORE, null, NOW)).not.toThrow()
  })
})

describe('a user', () => {
  it('is locked out after so many failures, for so long', () => {
    const failed = { failedLogins: 3, failedAt: BEFORE, options: {} }
    expect(isLocked(rules(), failed, BEFORE)).toBe(false)
    expect(isLocked(rules({ failures: 3 }), failed, BEFORE)).toBe(true)
    expect(isLocked(rules({ failures: 4 }), failed, BEFORE)).toBe(false)
    expect(isLocked(rules({ failures: 3 }), failed, NOW)).toBe(false)
    expect(isLocked(rules({ failures: 3, lockout: 0 }), failed, NOW)).toBe(true)
    expect(isLocked(rules({ failures: 3 }), { ...failed, options: { ignore_lockout_failure_attempts: true } }, BEFORE)).toBe(false)
  })

  it('counts as disabled when away too long', () => {
    const away = rules({ inactivity: DAY })
    expect(isInactive(away, BEFORE, {}, NOW)).toBe(true)
    expect(isInactive(away, null, {}, NOW)).toBe(false)
    expect(isInactive(away, BEFORE, { ignore_user_inactivity: true }, NOW)).toBe(false)
    expect(isInactive(rules(), BEFORE, {}, NOW)).toBe(false)
  })
})
