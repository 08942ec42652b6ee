import { spawn } from 'node:child_process'
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { Owner } from './owner.ts'

export interface Cluster {
  readonly binaries: Binaries
  readonly owner: Owner
  readonly data: string
  readonly socket: string
  /** What the server says about itself; never statements or their values. */
  readonly logFile: string
  readonly fsync: boolean
}

export const USER = 'esi'
export const PORT = 5432

// Without a locale and a zone in the environment PostgreSQL would take the machine's.
const ENV = { PATH: '/usr/bin:/bin', TZ: 'UTC' }

/** Makes the data folder if there is none: whole under another name, then renamed, so that a half-made one is never opened. */
export const initialise = async (c: Cluster): Promise<void> => {
  if (existsSync(c.data)) return
  const fresh = `${c.data}.${process.pid}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  chownSync(fresh, c.owner.uid, c.owner.gid)
  try {
    const args = [
      '-D',
      fresh,
      '-U',
      USER,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ]
    await run(c, 'initdb', [...args, '--no-sync', '--no-instructions'])
    renameSync(fresh, c.data)
  } catch (e) {
    rmSync(fresh, { recursive: true, force: true })
    // Somebody else made it meanwhile.
    if (!existsSync(c.data)) throw e
  }
}

/** The major version of the server that made the data. */
export const madeBy = (data: string): string => readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()

/** Data of another major version cannot be opened; better said in words than in the server's log. */
export const checkVersion = (c: Cluster): void => {
  const made = madeBy(c.data)
  if (made === c.binaries.major) return
  const was = `The database in ${c.data} was made by PostgreSQL ${made}, and this is ${c.binaries.major}.`
  throw new Error(
    Number(made) > Number(c.binaries.major)
      ? `${was} No PostgreSQL can open what a newer one made: run the version of this program that was here before. Nothing was changed.`
      : `${was} Nothing was changed. Bring it over with: esi-server upgrade-database (first with --dry-run).`,
  )
}

/** Starts the server, which outlives us: it must not get the terminal's Ctrl-C while requests still run. */
export const launch = (c: Cluster, more: Readonly<Record<string, string>> = {}): { readonly ended: () => boolean } => {
  const settings = {
    listen_addresses: '',
    port: PORT,
    unix_socket_permissions: '0700',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: 200,
    // After a crash: one call instead of a walk over all files.
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    // Sessions of killed processes give their locks back at once, also while they wait for one.
    ...(process.platform === 'linux' || process.platform === 'darwin' ? { client_connection_check_interval: '1s' } : {}),
    // Our statements are short: compiling them costs more than it saves.
    jit: 'off',
    // Refused statements are answers, not news, and their text may hold what nobody should read in a log.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...(c.fsync ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', autovacuum_naptime: '1h' }),
    ...more,
  }
  const args = ['-D', c.data, '-k', c.socket, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])]
  const log = openSync(c.logFile, 'a', 0o600)
  let ended = false
  try {
    const child = spawn(join(c.binaries.bin, 'postgres'), args, {
      ...c.owner.spawn,
      env: ENV,
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.on('exit', () => {
      ended = true
    })
    child.on('error', () => {
      ended = true
    })
    child.unref()
  } finally {
    closeSync(log)
  }
  return { ended: () => ended }
}

/** Runs a program of the server's to its end; throws what it said if it failed. */
export const run = (c: Pick<Cluster, 'binaries' | 'owner'>, program: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(join(c.binaries.bin, program), args, { ...c.owner.spawn, env: ENV, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      said = `${said}${text}`.slice(-4000)
    })
    child.on('error', e => reject(new Error(`${program} could not be run: ${e.message}`)))
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(`${program} failed (${code}): ${said.trim()}${hint(c, said)}`))))
  })

/** Seen in containers that run as any number. */
const hint = (c: Pick<Cluster, 'owner'>, said: string): string =>
  said.includes('could not look up effective user ID')
    ? `\nUser ${c.owner.uid} needs a line in /etc/passwd; add one, run as a user that has one, or set database.url to a PostgreSQL server.`
    : ''
