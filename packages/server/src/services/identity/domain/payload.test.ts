import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Packed, pack, Unpackable, unpack } from './msgpack.ts'
import { type Claims, packClaims, unpackClaims } from './payload.ts'

const HEX = '0123456789abcdef0123456789abcdef'
const OTHER = 'fedcba9876543210fedcba9876543210'
const AUDIT = Buffer.from(Array.from({ length: 16 }, (_, i) => i)).toString('base64url')
const EXPIRES = 1_893_459_600_000

describe('claims', () => {
  // The bytes are those of Keystone's formatter with Python's msgpack.
  const known: [string, Claims, string][] = [
    [
      'a project',
      { user: HEX, methods: ['password'], scope: { is: 'project', project: OTHER }, expires: EXPIRES, audit: [AUDIT] },
      '960292c3c4100123456789abcdef0123456789abcdef0292c3c410fedcba9876543210fedcba9876543210cb41dc36f9a400000091c410000102030405060708090a0b0c0d0e0f',
    ],
    [
      'an application credential of a user whose id is no UUID',
      {
        user: 'someone',
        methods: ['application_credential'],
        scope: { is: 'project', project: OTHER },
        expires: EXPIRES,
        audit: [AUDIT, AUDIT],
        applicationCredential: HEX,
      },
      '970992c2a7736f6d656f6e652092c3c410fedcba9876543210fedcba9876543210cb41dc36f9a400000092c410000102030405060708090a0b0c0d0e0fc410000102030405060708090a0b0c0d0e0f92c3c4100123456789abcdef0123456789abcdef',
    ],
    [
      'what was lent by OAuth',
      {
        user: HEX,
        methods: ['oauth1'],
        scope: { is: 'project', project: OTHER },
        expires: EXPIRES,
        audit: [AUDIT],
        accessToken: HEX,
      },
      '970792c3c4100123456789abcdef0123456789abcdef0892c3c410fedcba9876543210fedcba987654321092c3c4100123456789abcdef0123456789abcdefcb41dc36f9a400000091c410000102030405060708090a0b0c0d0e0f',
    ],
    [
      'the default domain, by two methods',
      { user: HEX, methods: ['token', 'password'], scope: { is: 'domain', domain: 'default' }, expires: EXPIRES, audit: [AUDIT] },
      '960192c3c4100123456789abcdef0123456789abcdef06a764656661756c74cb41dc36f9a400000091c410000102030405060708090a0b0c0d0e0f',
    ],
  ]
  it.each(known)('of %s are packed as Keystone packs them', (_, claims, bytes) => {
    expect(packClaims(claims).toString('hex')).toBe(bytes)
    expect(unpackClaims(Buffer.from(bytes, 'hex'))).toEqual(claims)
  })

  const ident = fc.oneof(
    fc.uuid().map(id => id.replaceAll('-', '')),
    fc.string({ minLength: 1, maxLength: 64 }),
  )
  const scope = fc.oneof(
    fc.constant({ is: 'unscoped' as const }),
    fc.constant({ is: 'system' as const }),
    ident.map(project => ({ is: 'project' as const, project })),
    ident.map(domain => ({ is: 'domain' as const, domain })),
  )
  it('come out as they went in', () => {
    fc.assert(
      fc.property(ident, scope, fc.integer({ min: 0, max: 4e9 }), (user, where, seconds) => {
        const claims: Claims = { user, methods: ['token', 'password'], scope: where, expires: seconds * 1000, audit: [AUDIT] }
        expect(unpackClaims(packClaims(claims))).toEqual(claims)
      }),
    )
  })

  it('are read from rubbish only as a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          unpackClaims(bytes)
        } catch (e) {
          expect(e).toBeInstanceOf(Unpackable)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('MessagePack', () => {
  const { value } = fc.letrec<{ value: Packed }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer({ min: 0, max: 2 ** 40 }),
      // Minus zero is zero here.
      fc.double({ noNaN: true }).map(number => number + 0),
      fc.string({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
      fc.array(tie('value'), { maxLength: 20 }),
    ),
  }))
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(value, given => {
        expect(unpack(pack(given))).toEqual(given)
      }),
    )
  })
  it('is refused when it is nested beyond measure, cut off or followed by more', () => {
    expect(() => unpack(Buffer.alloc(1000, 0x91))).toThrow(Unpackable)
    expect(() => unpack(Buffer.from('92c3', 'hex'))).toThrow(Unpackable)
    expect(() => unpack(Buffer.from('c3c3', 'hex'))).toThrow(Unpackable)
    expect(() => unpack(Buffer.from('dcffff', 'hex'))).toThrow(Unpackable)
  })
})
