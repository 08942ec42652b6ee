import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Log } from '../log/log.ts'
import { preparingClient, StatementNames } from './prepared.ts'
import { values } from './values.ts'

export interface Connections {
  /** For statements and transactions. */
  readonly pool: pg.Pool
  /** The same pool, for reads outside a transaction. */
  readonly db: Kysely<any>
  /** For what needs a session of its own: LISTEN, session locks. Never through a transaction pooler. */
  readonly session: pg.ClientConfig
  end(): Promise<void>
}

export interface ConnectOptions {
  /** `postgresql://user@host:port/database`; `?host=/folder` for a unix socket. */
  readonly url: string
  /** Reaches the server itself where `url` leads through a transaction pooler. */
  readonly sessionUrl?: string | undefined
  /** What the process is called in `pg_stat_activity`. */
  readonly name: string
  /** Most connections at once. */
  readonly size?: number
  readonly log: Log
}

/** Nothing is asked yet: `proveServer` does. */
export const connect = ({ url, sessionUrl, name, size = 10, log }: ConnectOptions): Connections => {
  const common = { application_name: name, types: values, keepAlive: true, connectionTimeoutMillis: 10_000 }
  // Behind a transaction pooler the next statement may meet a server session where nothing was prepared.
  const direct = sessionUrl === undefined || sessionUrl === url
  const Client = direct ? preparingClient(new StatementNames()) : pg.Client
  // Questions that do not wait for each other are sent together (see line.ts); through a pooler one after the other.
  const pool = new pg.Pool({ ...common, connectionString: url, max: size, Client, pipeline: direct } as pg.PoolConfig)
  // A connection that the server ends is an event without a listener otherwise, and ends the process: for idle ones the pool
  // tells it, for those in use nobody does.
  pool.on('error', e => {
    // At the end the server may be quicker to close a connection than we are.
    if (!pool.ending) log.warn({ err: e }, 'an idle database connection was lost')
  })
  pool.on('connect', client => void client.on('error', () => {}))
  const db = new Kysely<any>({ dialect: new PostgresDialect({ pool }) })
  return {
    pool,
    db,
    session: { ...common, connectionString: sessionUrl ?? url, application_name: `${name} session` },
    end: () => pool.end(),
  }
}

const OLDEST = 15

/** Whether the server is one that we can work on. Throws a sentence that says what to do. */
export const proveServer = async ({ pool }: Pick<Connections, 'pool'>): Promise<void> => {
  const { rows } = await pool.query(
    `select current_setting('server_version_num')::int / 10000 as major, current_setting('server_encoding') as encoding,
       pg_is_in_recovery() as standby, current_setting('integer_datetimes') as datetimes`,
  )
  const is = rows[0]
  if (is.major < OLDEST) throw new Error(`The database server is PostgreSQL ${is.major}; it must be ${OLDEST} or newer.`)
  if (is.encoding !== 'UTF8')
    throw new Error(`The database keeps its text as ${is.encoding}; make one with "create database … encoding 'UTF8'".`)
  if (is.standby) throw new Error('The database server is a standby and cannot be written to; database.url must lead to the primary.')
}

/** The server's clock, in milliseconds since 1970. */
export const serverMillis = async ({ pool }: Pick<Connections, 'pool'>): Promise<number> => {
  const { rows } = await pool.query('select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms')
  return rows[0].ms
}
