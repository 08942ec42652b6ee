import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Fernet: version 0x80, seconds since 1970, IV, AES-128-CBC, HMAC-SHA256, all in base64url. As Keystone writes it: without padding.
 * Source: the Fernet specification.
 */
export interface FernetKey {
  readonly signing: Buffer
  readonly encryption: Buffer
}

const VERSION = 0x80
const HEAD = 1 + 8 + 16
const MAC = 32
/** Nothing that Keystone calls a token is longer; whatever is, is not looked at. */
const LONGEST = 4096

/** A key is 32 bytes: the first half signs, the second encrypts. */
export const fernetKey = (bytes: Buffer): FernetKey => {
  if (bytes.length !== 32) throw new Error('a Fernet key has 32 bytes')
  return { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16) }
}

export const seal = (key: FernetKey, plain: Uint8Array, seconds: number, iv: Uint8Array): string => {
  const head = Buffer.alloc(HEAD)
  head[0] = VERSION
  head.writeBigUInt64BE(BigInt(seconds), 1)
  Buffer.from(iv).copy(head, 9)
  const cipher = createCipheriv('aes-128-cbc', key.encryption, iv)
  const body = Buffer.concat([head, cipher.update(plain), cipher.final()])
  return Buffer.concat([body, mac(key, body)]).toString('base64url')
}

export interface Opened {
  readonly plain: Buffer
  readonly seconds: number
  /** Which of the keys opened it. */
  readonly key: number
}

/** The text with the first key that signed it; `undefined` for anything that none of them did. */
export const open = (keys: readonly FernetKey[], token: string): Opened | undefined => {
  if (token.length > LONGEST || !/^[A-Za-z0-9_-]+={0,2}$/.test(token)) return undefined
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length < HEAD + 16 + MAC || bytes[0] !== VERSION || (bytes.length - HEAD - MAC) % 16 !== 0) return undefined
  // Not every text decodes to what it was encoded from: spare bits must be zero, or one token would have several spellings.
  if (bytes.toString('base64url') !== token.replace(/=+$/, '')) return undefined
  const body = bytes.subarray(0, -MAC)
  const index = keys.findIndex(key => timingSafeEqual(mac(key, body), bytes.subarray(-MAC)))
  if (index < 0) return undefined
  const decipher = createDecipheriv('aes-128-cbc', keys[index]!.encryption, body.subarray(9, HEAD))
  try {
    const plain = Buffer.concat([decipher.update(body.subarray(HEAD)), decipher.final()])
    return { plain, seconds: Number(body.readBigUInt64BE(1)), key: index }
  } catch {
    return undefined
  }
}

const mac = (key: FernetKey, body: Uint8Array): Buffer => createHmac('sha256', key.signing).update(body).digest()
