import { type Packed, pack, Unpackable, unpack } from './msgpack.ts'

/** What somebody has proven who needs to prove more. */
export interface Proven {
  readonly user: string
  readonly methods: readonly string[]
  /** When the password was set that was proven, or nothing: with another password it is worth nothing. */
  readonly password: string | null
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** Milliseconds in which the rest is to be proven. */
export const RECEIPT_LIFETIME = 300_000

/** Under the seal of tokens; this word makes it no token. */
const MARK = 'receipt'

export const packReceipt = ({ user, methods, password, expires }: Proven): Buffer =>
  pack([MARK, user, [...methods], password ?? '', expires / 1000])

/** Throws `Unpackable` for what is none. */
export const unpackReceipt = (bytes: Uint8Array): Proven => {
  const whole = unpack(bytes)
  if (!Array.isArray(whole) || whole[0] !== MARK) throw new Unpackable('no receipt')
  const [, user, methods, password, seconds] = whole as Packed[]
  if (typeof user !== 'string' || !Array.isArray(methods) || typeof password !== 'string' || typeof seconds !== 'number')
    throw new Unpackable('no receipt')
  return { user, methods: methods.map(String), password: password === '' ? null : password, expires: Math.round(seconds * 1000) }
}
