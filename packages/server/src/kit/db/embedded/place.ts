import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../log/log.ts'
import { type Owner, reachable, SYSTEM_STATE } from './owner.ts'

/**
 * Where the data really lie: in the folder that was asked for, unless the user that runs the server cannot get there (root, and a
 * home that is closed to others). Then a file in it names a place outside. The name is random, so whoever removes the folder
 * starts afresh.
 */
export const place = (folder: string, owner: Owner, log: Log): string => {
  mkdirSync(folder, { recursive: true })
  const here = realpathSync(folder)
  if (reachable(here, owner)) return here
  const note = join(here, 'moved-to')
  const there = noted(note) ?? takeNote(note, join(SYSTEM_STATE, `database-${randomUUID()}`))
  try {
    mkdirSync(there, { recursive: true, mode: 0o755 })
    if (!reachable(there, owner)) throw new Error('it is closed to others as well')
  } catch (e) {
    throw new Error(
      `The database cannot be kept in ${here}, because the user that runs it (${owner.uid}) may not look in there, ` +
        `nor in ${there} (${(e as Error).message}). Set the state folder to one that all may enter, or database.url to a PostgreSQL server.`,
    )
  }
  log.info({ asked: here, used: there }, 'the database is kept elsewhere, because its user cannot enter the folder that was asked for')
  return there
}

const noted = (note: string): string | undefined => {
  try {
    return readFileSync(note, 'utf8').trim() || undefined
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw e
  }
}

/** Of several processes at once one writes the note, whole, and all read the same. */
const takeNote = (note: string, there: string): string => {
  const fresh = `${note}.${process.pid}.new`
  writeFileSync(fresh, `${there}\n`, { mode: 0o600 })
  try {
    linkSync(fresh, note)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e
  } finally {
    rmSync(fresh, { force: true })
  }
  return noted(note)!
}
