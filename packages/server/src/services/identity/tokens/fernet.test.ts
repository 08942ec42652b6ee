import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fernetKey, open, seal } from './fernet.ts'

const bytes = (length: number, from = 0) => Buffer.from(Array.from({ length }, (_, i) => i + from))
const key = fernetKey(bytes(32))

it('is what the specification says', () => {
  // From the specification's own test vectors.
  const specified = fernetKey(Buffer.from('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4', 'base64url'))
  const token = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA'
  expect(seal(specified, Buffer.from('hello'), 499_162_800, bytes(16))).toBe(token)
  expect(open([specified], `${token}==`)).toEqual({ plain: Buffer.from('hello'), seconds: 499_162_800, key: 0 })
})

it('is what Python’s cryptography makes of a payload of Keystone', () => {
  const payload = Buffer.from(
    '960292c3c4100123456789abcdef0123456789abcdef0292c3c410fedcba9876543210fedcba9876543210cb41dc36f9a400000091c410000102030405060708090a0b0c0d0e0f',
    'hex',
  )
  const token =
    'gAAAAABw29iAAAECAwQFBgcICQoLDA0OD_dw0x57ONbK4JeO4YDXq1wzCLw-hQvt9n3cr_Piaad5Nky3NlO5wllTeWWV03LS40te4T8uTLV9USpfZulGCBiAVP351tOOr7aLBFsq5Ss7UFG7VHD6WJE40V3LnHVdtDtRLjnfnN62j355LwlbcWA'
  expect(seal(key, payload, 1_893_456_000, bytes(16))).toBe(token)
})

it('opens with any of the keys, and with no other', () => {
  const other = fernetKey(bytes(32, 7))
  const token = seal(other, Buffer.from('x'), 1, bytes(16))
  expect(open([key, other], token)).toMatchObject({ key: 1 })
  expect(open([key], token)).toBeUndefined()
  expect(open([], token)).toBeUndefined()
})

it('opens nothing that was changed or never was one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, flip) => {
      const whole = Buffer.from(seal(key, plain, 5, bytes(16)), 'base64url')
      const index = at % whole.length
      whole[index]! ^= flip
      expect(open([key], whole.toString('base64url'))).toBeUndefined()
    }),
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String({ maxLength: 400 })), text => {
      expect(open([key], text)).toBeUndefined()
    }),
  )
})
