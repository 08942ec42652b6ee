import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './owner.ts'

/** The folder of the unix socket: short, because a socket's path may have 107 bytes. */
export const socketPath = (data: string): string =>
  join(process.platform === 'linux' ? '/tmp' : tmpdir(), `esi-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`)

/** Closed to everybody else, because whoever can open the socket is let in. */
export const makeSocketFolder = (folder: string, { uid, gid }: Owner): void => {
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
}

/** After the server has ended; not if another one has begun already. */
export const removeSocketFolder = (folder: string): void => {
  try {
    rmdirSync(folder)
  } catch (e) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((e as NodeJS.ErrnoException).code ?? '')) throw e
  }
}
