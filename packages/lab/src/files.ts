import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Writes a file that is either the old one or the new one, never half of it. Mode 0600 unless told otherwise. */
export function writeWhole(path: string, text: string, mode = 0o600): void {
  const next = `${path}.${process.pid}.new`
  writeFileSync(next, text, { mode })
  renameSync(next, path)
}

/** The file as JSON; undefined when it is not there. */
export function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`)
  }
}

/** A folder that only its owner can look into. */
export function privateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
}
