import { createHash, createHmac, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { hash as argonHash, verify as argonVerify } from '@node-rs/argon2'
import { verify as bcryptVerify } from '@node-rs/bcrypt'
import type { Config } from '../config.ts'

/** Hashes and verifies passwords, on threads of their own: the event loop goes on meanwhile. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** With no hash it takes as long as with one and is false, so that nobody learns who exists. */
  verify(password: string, hash: string | null | undefined): Promise<boolean>
}

/** Keystone cuts there too for bcrypt; beyond, a password only costs. */
const LONGEST = 4096
const BCRYPT_LONGEST = 72

const derive = promisify(scrypt) as (p: Buffer, s: Buffer, n: number, o: object) => Promise<Buffer>
const stretch = promisify(pbkdf2)

export const createPasswords = ({ memory, passes, lanes }: Config['password']): Passwords => {
  // 2: Argon2id.
  const cost = { algorithm: 2, memoryCost: memory, timeCost: passes, parallelism: lanes } as const
  let nobody: Promise<string> | undefined
  return {
    hash: password => argonHash(password, cost),
    async verify(password, hash) {
      nobody ??= argonHash('nobody', cost)
      const given = password.slice(0, LONGEST)
      if (hash) return known(given, hash)
      await argonVerify(await nobody, given)
      return false
    },
  }
}

const known = async (password: string, hash: string): Promise<boolean> => {
  try {
    if (hash.startsWith('$argon2')) return await argonVerify(hash, password)
    if (/^\$2[aby]\$/.test(hash)) return await bcryptVerify(cut(password), hash)
    if (hash.startsWith('$bcrypt-sha256$')) return await bcryptSha256(password, hash)
    if (hash.startsWith('$scrypt$')) return await scryptVerify(password, hash)
    if (hash.startsWith('$pbkdf2-sha512$')) return await pbkdf2Verify(password, hash)
  } catch {
    // A hash that is none opens for nobody.
  }
  return false
}

const cut = (password: string): Buffer => Buffer.from(password, 'utf8').subarray(0, BCRYPT_LONGEST)

/** `$bcrypt-sha256$v=2,t=2b,r=12$<salt>$<digest>`: bcrypt of a keyed digest. Source: passlib. */
const bcryptSha256 = async (password: string, hash: string): Promise<boolean> => {
  const [, , settings = '', salt = '', digest = ''] = hash.split('$')
  const { v, t = '2b', r = '12' } = Object.fromEntries(settings.split(',').map(item => item.split('='))) as Record<string, string>
  const inner =
    v === '2' ? createHmac('sha256', salt).update(password).digest('base64') : createHash('sha256').update(password).digest('base64')
  return bcryptVerify(inner, `$${t}$${r.padStart(2, '0')}$${salt}${digest}`)
}

/** `$scrypt$ln=16,r=8,p=1$<salt>$<digest>` in base64 without padding. Source: passlib. */
const scryptVerify = async (password: string, hash: string): Promise<boolean> => {
  const [, , settings = '', salt = '', digest = ''] = hash.split('$')
  const { ln, r, p } = Object.fromEntries(settings.split(',').map(item => item.split('='))) as Record<string, string>
  const wanted = Buffer.from(digest, 'base64')
  if (wanted.length === 0) return false
  const N = 2 ** Number(ln)
  const cost = { N, r: Number(r), p: Number(p), maxmem: 256 * N * Number(r) }
  return same(await derive(Buffer.from(password), Buffer.from(salt, 'base64'), wanted.length, cost), wanted)
}

/** `$pbkdf2-sha512$<rounds>$<salt>$<digest>` in base64 with a dot for the plus. Source: passlib. */
const pbkdf2Verify = async (password: string, hash: string): Promise<boolean> => {
  const [, , rounds = '', salt = '', digest = ''] = hash.split('$')
  const read = (text: string) => Buffer.from(text.replaceAll('.', '+'), 'base64')
  const wanted = read(digest)
  if (wanted.length === 0) return false
  return same(await stretch(password, read(salt), Number(rounds), wanted.length, 'sha512'), wanted)
}

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
