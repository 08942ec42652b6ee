import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Where root keeps what a user without rights must reach. */
export const SYSTEM_STATE = '/var/lib/esi'

/** Who runs the server. PostgreSQL refuses root, so root lends it the user `nobody`. */
export interface Owner {
  readonly uid: number
  readonly gid: number
  /** Options for `spawn`. Node clears the supplementary groups when it changes the user. */
  readonly spawn: { readonly cwd: '/'; readonly uid?: number; readonly gid?: number }
}

const NOBODY = 65_534

export const owner = (): Owner => {
  const uid = process.getuid?.() ?? -1
  const gid = process.getgid?.() ?? -1
  return uid === 0 ? { uid: NOBODY, gid: NOBODY, spawn: { cwd: '/', uid: NOBODY, gid: NOBODY } } : { uid, gid, spawn: { cwd: '/' } }
}

/** Whether that user may walk down to the folder. Asked only of a user that is not our own. */
export const reachable = (folder: string, { uid, spawn }: Owner): boolean => {
  if (spawn.uid === undefined) return true
  for (let at = resolve(folder); ; at = dirname(at)) {
    const { mode, uid: of } = statSync(at)
    if (!(of === uid ? mode & 0o100 : mode & 0o001)) return false
    if (dirname(at) === at) return true
  }
}

/**
 * The folder of the unix socket: short, because a socket's path may have 107 bytes, and closed to everybody else, because whoever
 * can open the socket is let in.
 */
export const socketFolder = (data: string, { uid, gid }: Owner): string => {
  const base = process.platform === 'linux' ? '/tmp' : tmpdir()
  const folder = join(base, `esi-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`)
  try {
    mkdirSync(folder, { mode: 0o700 })
    chownSync(folder, uid, gid)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e
  }
  let is = lstatSync(folder)
  // Made by another of our processes a moment ago, which has not handed it over yet.
  if (is.isDirectory() && is.uid === process.getuid?.() && is.uid !== uid) {
    chownSync(folder, uid, gid)
    is = lstatSync(folder)
  }
  if (!is.isDirectory() || is.uid !== uid)
    throw new Error(`${folder} belongs to somebody else (user ${is.uid}), so the database cannot put its socket there. Remove it.`)
  if ((is.mode & 0o777) !== 0o700) chmodSync(folder, 0o700)
  return folder
}
