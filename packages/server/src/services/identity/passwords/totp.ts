import { createHmac, timingSafeEqual } from 'node:crypto'

const DIGITS = 6
/** Seconds that a passcode is shown. */
const PERIOD = 30
/** Periods before the present one whose passcode still counts: typing takes time. As Keystone's `included_previous_windows`. */
const BEFORE = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Whether it is a passcode that the secret gives now, by RFC 6238 with SHA-1; the secret is in base32, with padding or without. */
export const isPasscode = (secret: string, passcode: string, millis: number): boolean => {
  const key = base32(secret)
  if (!key || !/^\d{6}$/.test(passcode)) return false
  const counter = Math.floor(millis / 1000 / PERIOD)
  return Array.from({ length: BEFORE + 1 }, (_, i) => counter - i).some(at =>
    timingSafeEqual(Buffer.from(passcodeAt(key, at)), Buffer.from(passcode)),
  )
}

const passcodeAt = (key: Buffer, counter: number): string => {
  const moving = Buffer.alloc(8)
  moving.writeBigInt64BE(BigInt(counter))
  const hash = createHmac('sha1', key).update(moving).digest()
  const number = hash.readUInt32BE(hash.at(-1)! & 0xf) & 0x7fff_ffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** Undefined for what is no base32, and for nothing. */
const base32 = (text: string): Buffer | undefined => {
  const plain = text.replace(/=+$/, '')
  if (plain === '') return undefined
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const letter of plain) {
    const at = ALPHABET.indexOf(letter)
    if (at < 0) return undefined
    value = ((value << 5) | at) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((value >> bits) & 0xff)
    }
  }
  return Buffer.from(bytes)
}
