import { describe, expect, it } from 'vitest'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords({ memory: 8, passes: 1, lanes: 1 })

describe('a password', () => {
  it('is hashed by Argon2id with the cost that was asked for, anew each time', async () => {
    const [one, two] = [await passwords.hash('secret'), await passwords.hash('secret')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/)
    expect(one).not.toBe(two)
    for (const hash of [one, two]) expect(await passwords.verify('secret', hash)).toBe(true)
    expect(await passwords.verify('Secret', one)).toBe(false)
    expect(await passwords.verify('', one)).toBe(false)
  })

  it('of nobody costs as much as of somebody, and is wrong', async () => {
    for (const hash of [null, undefined, '']) expect(await passwords.verify('nobody', hash)).toBe(false)
  })

  it('opens nothing by a hash that is none', async () => {
    for (const hash of [
      'x',
      '$argon2id$',
      '$2b$',
      '$scrypt$ln=99,r=8,p=1$x$eA',
      '$scrypt$',
      '$pbkdf2-sha512$0$x$eA',
      '$bcrypt-sha256$v=2$x',
    ])
      expect(await passwords.verify('x', hash), hash).toBe(false)
  })

  it('that is longer than bcrypt takes is cut as Keystone cuts it', async () => {
    const long = createPasswords({ memory: 8, passes: 1, lanes: 1 })
    const hash = await long.hash('a'.repeat(4096))
    expect(await long.verify('a'.repeat(4096), hash)).toBe(true)
  })
})
