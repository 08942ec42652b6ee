import { describe, expect, it } from 'vitest'
import { isPasscode } from './totp.ts'

// "12345678901234567890" and the codes of RFC 6238, appendix B, in their last six digits.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

describe('a passcode', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %i s is the one of the RFC', (seconds, code) => {
    expect(isPasscode(SECRET, code, seconds * 1000)).toBe(true)
  })

  it('counts in its own half minute and in the next, neither before nor after', () => {
    const at = (seconds: number) => isPasscode(SECRET, '287082', seconds * 1000)
    expect([29, 30, 59, 60, 89, 90].map(at)).toEqual([false, true, true, true, true, false])
  })

  it('is nothing else: no other form, and no code of a secret that is none', () => {
    for (const code of ['', '28708', '2870820', ' 287082', '28708a', '287083']) expect(isPasscode(SECRET, code, 59_000), code).toBe(false)
    for (const secret of ['', '====', 'not base32!', '189']) expect(isPasscode(secret, '287082', 59_000), secret).toBe(false)
    expect(isPasscode('GEZDGNBVGY3TQOJQGEZDGNBVGY======', '287082', 59_000)).toBe(false)
  })
})
