import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import pg from 'pg'
import type { Log } from '../log/log.ts'
import { LOCK } from './peers.ts'
import { NoSession, proveSession } from './prove.ts'
import { WORK_CHANNEL } from './wake.ts'

/** Who this process is, as long as one session of it lives. With a new session it is somebody else. */
export interface Identity {
  readonly id: string
  /** Aborted when the session is lost: nothing that began under it may touch anything any more. */
  readonly signal: AbortSignal
}

export class SessionLost extends Error {
  constructor(why: string) {
    super(`this process lost its session with the database: ${why}`)
    this.name = 'SessionLost'
  }
}

export interface SessionTimes {
  /** Milliseconds between two beats. */
  readonly beat: number
  /** Milliseconds without a beat after which a process stops by itself; well below the peers' patience. */
  readonly deaf: number
  /** Milliseconds until the first attempt to connect again; doubled up to twenty times that. */
  readonly reconnect: number
}

export interface Session {
  /** Absent while there is no connection. */
  readonly identity: Identity | undefined
  /** Connects for the first time; what is wrong then is thrown. Later losses are mended without end. */
  start(): Promise<void>
  /** Lets the identity go; its claims must have been released before. */
  stop(): Promise<void>
}

interface Options {
  readonly config: pg.ClientConfig
  readonly pool: pg.Pool
  readonly times: SessionTimes
  readonly log: Log
  /** A wake came in, for that conductor; or there is a new session and everything must be looked at again. */
  readonly onWake: (conductor?: string) => void
}

/** The one connection that holds this process's advisory lock, listens for wakes and beats. */
export const createSession = ({ config, pool, times, log, onWake }: Options): Session => {
  let current: { identity: Identity; lose: (why: string) => void; client: pg.Client } | undefined
  let stopped = false
  let retry: NodeJS.Timeout | undefined

  const open = async (): Promise<void> => {
    const client = new pg.Client({ ...config, keepAlive: true, application_name: 'conductor session' })
    const abort = new AbortController()
    const id = randomUUID()
    let ended: string | undefined
    let heart: NodeJS.Timeout | undefined
    const lose = (why: string) => {
      if (ended !== undefined) return
      ended = why
      clearInterval(heart)
      abort.abort(new SessionLost(why))
      client.end().catch(() => {})
      // A half-open connection never ends by itself.
      ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
      if (current?.identity.id !== id) return
      current = undefined
      if (stopped) return
      log.warn({ why }, 'lost the session that holds the claims; running handlers are stopped')
      again(times.reconnect)
    }
    client.on('error', error => lose(error.message))
    client.on('end', () => lose('the connection was closed'))
    client.on('notification', message => {
      if (message.channel === WORK_CHANNEL) onWake(message.payload)
    })
    try {
      await client.connect()
      await proveSession(client, config, pool)
      // The lock first: a row without a lock is a dead process's.
      const { number } = (await client.query(`select nextval('kit.conductor_number')::int as number`)).rows[0]
      await client.query(`select pg_advisory_lock(${LOCK}, $1)`, [number])
      await client.query(
        `insert into kit.conductor (id, number, beat, started, host, pid, backend, backend_start)
         select $1, $2, clock_timestamp(), clock_timestamp(), $3, $4, pid, backend_start from pg_stat_activity where pid = pg_backend_pid()`,
        [id, number, hostname(), process.pid],
      )
      await client.query(`listen ${WORK_CHANNEL}`)
      if (ended !== undefined) throw new SessionLost(ended)
      if (stopped) throw new SessionLost('this process stops')
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error))
      throw error
    }
    current = { identity: { id, signal: abort.signal }, lose, client }
    let last = performance.now()
    let asking = false
    const beat = async () => {
      if (performance.now() - last > times.deaf) return lose(`no beat went through for ${times.deaf} ms`)
      if (asking) return
      asking = true
      const sent = performance.now()
      try {
        const { rowCount } = await client.query('update kit.conductor set beat = clock_timestamp() where id = $1', [id])
        if (rowCount === 0) return lose('its peers gave it up')
        last = sent
      } catch (error) {
        lose(error instanceof Error ? error.message : String(error))
      } finally {
        asking = false
      }
    }
    heart = setInterval(beat, times.beat)
    heart.unref()
    onWake()
  }

  const again = (after: number) => {
    retry = setTimeout(() => {
      open().catch(error => {
        if (stopped) return
        log.warn(
          { err: error },
          error instanceof NoSession ? 'refused the database connection for conductors' : 'cannot reach the database',
        )
        again(Math.min(after * 2, times.reconnect * 20))
      })
    }, after)
    retry.unref()
  }

  return {
    get identity() {
      return current?.identity
    },
    start: open,
    async stop() {
      stopped = true
      clearTimeout(retry)
      if (!current) return
      const { identity, client, lose } = current
      await client.query('delete from kit.conductor where id = $1', [identity.id]).catch(() => {})
      lose('this process stops')
    },
  }
}
