import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MasterKey } from '../kit/secrets/secrets.ts'

/** One key a line: `<id> <32 bytes in base64url>`; the first one seals, all open. */
const LINE = /^([0-9a-f]{8}) ([A-Za-z0-9_-]{43})$/

/** What was read last, by file, and how to see that it is the same still. */
const known = new Map<string, { readonly stamp: string; readonly keys: readonly MasterKey[] }>()

/**
 * The master keys of a file; made with one key if there is no file. Replicas that start together agree on one. Cheap: the file is
 * read again only when it was changed.
 */
export const masterKeys = (file: string): readonly MasterKey[] => {
  const at = statSync(file, { throwIfNoEntry: false, bigint: true })
  if (!at) {
    create(file)
    return masterKeys(file)
  }
  if ((at.mode & 0o077n) !== 0n) throw new Error(`${file} may be read by others than its owner; do "chmod 600 ${file}".`)
  const stamp = `${at.ino} ${at.size} ${at.mtimeNs} ${at.ctimeNs}`
  const before = known.get(file)
  if (before?.stamp === stamp) return before.keys
  const keys = parse(readFileSync(file, 'utf8'), file)
  known.set(file, { stamp, keys })
  return keys
}

/** Ids of the keys in a file, the one that seals first; none if there is no file. */
export const keysOf = (file: string): readonly string[] => (existsSync(file) ? masterKeys(file).map(k => k.id) : [])

const parse = (text: string, file: string): readonly MasterKey[] => {
  const keys = text.split('\n').flatMap((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const m = LINE.exec(line.trim())
    if (!m) throw new Error(`${file}: line ${i + 1} is no key; there must be an id of 8 hexadecimal digits and 32 bytes in base64url.`)
    return [{ id: m[1]!, bytes: Buffer.from(m[2]!, 'base64url') }]
  })
  if (keys.length === 0) throw new Error(`${file} has no key.`)
  return keys
}

const fresh = (): MasterKey => ({ id: randomBytes(4).toString('hex'), bytes: randomBytes(32) })

const text = (keys: readonly MasterKey[]): string => keys.map(k => `${k.id} ${k.bytes.toString('base64url')}\n`).join('')

const create = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, text([fresh()]), { mode: 0o600 })
  try {
    // A link fails where another was quicker; its key counts then.
    linkSync(mine, file)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e
  } finally {
    rmSync(mine)
  }
}

const write = (file: string, keys: readonly MasterKey[]): void => {
  writeFileSync(`${file}.new`, text(keys), { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

/** The keys as they would be with a new one in front; for whoever only tries. */
export const withFreshKey = (file: string): readonly MasterKey[] => [fresh(), ...masterKeys(file)]

/** Puts a new key in front; the old ones still open what they sealed. */
export const addMasterKey = (file: string): MasterKey => {
  const key = fresh()
  write(file, [key, ...masterKeys(file)])
  return key
}

/** Adds a key that seals nothing yet: to be brought to all machines before the first of them uses it. */
export const prepareMasterKey = (file: string): MasterKey => {
  const key = fresh()
  write(file, [...masterKeys(file), key])
  return key
}

/** Puts a key of the file in front. */
export const useMasterKey = (file: string, id: string): MasterKey => {
  const keys = masterKeys(file)
  const key = keys.find(k => k.id === id)
  if (!key) throw new Error(`${file} has no key ${id}; it has ${keys.map(k => k.id).join(', ')}.`)
  if (keys[0] !== key) write(file, [key, ...keys.filter(k => k !== key)])
  return key
}

/** Removes a key; what it sealed can never be opened again. */
export const dropMasterKey = (file: string, id: string): void => {
  const keys = masterKeys(file)
  if (keys[0]!.id === id) throw new Error(`${id} is the key that seals; put another one in front first.`)
  write(
    file,
    keys.filter(k => k.id !== id),
  )
}
