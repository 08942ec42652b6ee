import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../../log/log.ts'
import { isLost } from '../errors.ts'
import { findBinaries } from './binaries.ts'
import { type Cluster, checkVersion, initialise, launch, PORT, USER } from './cluster.ts'
import { checkUpgraded } from './journal.ts'
import { owner as findOwner } from './owner.ts'
import { dataPid, end, socketPid } from './pid.ts'
import { place } from './place.ts'
import { makeSocketFolder, removeSocketFolder, socketPath } from './socket.ts'

export interface Embedded {
  /** For `connect`, and for psql. */
  readonly url: string
  readonly pid: number
  /** Ends our part in it; the server itself only if no other process of ours uses it. Close all connections before. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Holds the data; made if absent. */
  readonly folder: string
  /** Off only where the data may be lost: in tests. */
  readonly fsync?: boolean
  readonly log: Log
}

/** pg has these, its types do not. */
type Held = pg.Client & { ref(): void; unref(): void }

// Every user of the server holds it shared; who wants to stop the server must get it alone. Whoever arrives meanwhile waits for it,
// loses the connection, and starts the server again.
const PRESENT = 'select pg_advisory_lock_shared(7168371)'
const ABSENT = 'select pg_advisory_unlock_shared(7168371)'
const ALONE = 'select pg_try_advisory_lock(7168371) as alone'

/**
 * A PostgreSQL of our own in that folder: the one that runs already (also if whoever started it was killed), or a new one. Safe to
 * be called by several processes at once. If it is killed, it is started again.
 */
export const startEmbedded = async ({ folder, fsync = true, log }: EmbeddedOptions): Promise<Embedded> => {
  const owner = findOwner()
  const binaries = findBinaries(owner)
  const home = place(folder, owner, log)
  const data = join(home, 'data')
  const cluster: Cluster = { binaries, owner, data, socket: socketPath(data), logFile: join(home, 'postgresql.log'), fsync }
  const url = `postgresql://${USER}@localhost:${PORT}/postgres?host=${encodeURIComponent(cluster.socket)}`

  let stopped = false
  let reviving: Promise<void> = Promise.resolve()
  let keeper: Held

  const keep = async (): Promise<void> => {
    const client = await raise(cluster)
    keeper = client as Held
    // Keeps nobody from ending who forgot to stop.
    keeper.unref()
    client.once('end', () => {
      if (stopped || keeper !== client) return
      log.error({ folder: home }, 'the connection to the database server broke; looking after it')
      reviving = keep().catch(e => log.error({ err: e, folder: home }, 'the database server could not be started again'))
    })
  }
  // A server that is up may be another version's, or one that an upgrade has left.
  checkUpgraded(data)
  if (existsSync(data)) checkVersion(cluster)
  await keep()

  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await reviving
    keeper.ref()
    const pid = dataPid(cluster)
    try {
      await keeper.query(ABSENT)
      const { rows } = await keeper.query(ALONE)
      if (rows[0].alone && pid !== undefined) {
        await end(pid, 'SIGINT')
        removeSocketFolder(cluster.socket)
      } else await keeper.end()
    } catch (e) {
      // Nothing is there any more that we could stop.
      if (!isLost(e)) throw e
    }
  }

  return {
    url,
    get pid() {
      return dataPid(cluster) ?? 0
    },
    stop,
  }
}

/** A connection that holds the server's presence lock; the server is started for it if need be. */
const raise = async (c: Cluster): Promise<pg.Client> => {
  const late = performance.now() + 60_000
  let starts = 0
  let child: ReturnType<typeof launch> | undefined
  for (;;) {
    const client = await enter(c)
    if (client) return client
    if (!child || child.ended()) {
      // The first may lose against another starter, the next against the dying children of a killed server.
      if (starts++ >= 20 || performance.now() > late)
        throw new Error(`The database in ${c.data} does not start. Its log, ${c.logFile}, ends with:\n${tail(c.logFile)}`)
      if (child) await sleep(150)
      checkUpgraded(c.data)
      if (!existsSync(c.data)) await initialise(c)
      checkVersion(c)
      // Whoever stopped the server before has removed it.
      makeSocketFolder(c.socket, c.owner)
      child = launch(c)
    } else if (performance.now() > late) throw new Error(`The database in ${c.data} does not answer within a minute; see ${c.logFile}.`)
    await sleep(15)
  }
}

/** The only proof that it is ready is a connection. */
const enter = async (c: Cluster): Promise<pg.Client | undefined> => {
  const client = new pg.Client({
    host: c.socket,
    port: PORT,
    user: USER,
    database: 'postgres',
    application_name: 'esi embedded',
    keepAlive: true,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(PRESENT)
  } catch (e) {
    await client.end().catch(() => {})
    if ((e as NodeJS.ErrnoException).code === 'EACCES')
      throw new Error(`The database's socket in ${c.socket} belongs to another user than this process; it was started by somebody else.`)
    return undefined
  }
  // A server whose folder was removed under it still answers. What it says is lost already.
  const listening = socketPid(c)
  if (listening !== undefined && dataPid(c) !== listening) {
    await client.end().catch(() => {})
    await end(listening, 'SIGQUIT')
    return undefined
  }
  return client
}

export const tail = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n')
  } catch {
    return '(nothing)'
  }
}
