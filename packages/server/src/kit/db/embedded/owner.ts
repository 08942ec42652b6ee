import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

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
