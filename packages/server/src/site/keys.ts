import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MasterKey } from '../kit/secrets/secrets.ts'

/** One key a line: `<id> <32 bytes in base64url>`, the newest first. */
const LINE = /^([0-9a-f]{8}) ([A-Za-z0-9_-]{43})$/

/** The master keys of a file; made with one key if there is no file. Replicas that start together agree on one. */
export const masterKeys = (file: string): readonly MasterKey[] => {
  if (!existsSync(file)) create(file)
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} may be read by others than its owner; do "chmod 600 ${file}".`)
  return read(file)
}

const read = (file: string): readonly MasterKey[] => {
  const keys = readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map((line, i) => {
      const m = LINE.exec(line.trim())
      if (!m) throw new Error(`${file}: line ${i + 1} is no key; there must be an id of 8 hexadecimal digits and 32 bytes in base64url.`)
      return { id: m[1]!, bytes: Buffer.from(m[2]!, 'base64url') }
    })
  if (keys.length === 0) throw new Error(`${file} has no key.`)
  return keys
}

const fresh = (): string => `${randomBytes(4).toString('hex')} ${randomBytes(32).toString('base64url')}\n`

const create = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, fresh(), { mode: 0o600 })
  try {
    // A link fails where another was quicker; its key counts then.
    linkSync(mine, file)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e
  } finally {
    rmSync(mine)
  }
}

/** Puts a new key in front; the old ones still open what they sealed. */
export const addMasterKey = (file: string): MasterKey => {
  const before = readFileSync(file, 'utf8')
  masterKeys(file)
  writeFileSync(`${file}.new`, fresh() + before, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return read(file)[0]!
}
