import type { FastifyInstance } from 'fastify'
import type { Authenticator, Caller } from '../auth/caller.ts'
import { createDatabase } from '../db/database.ts'
import type { Migrations } from '../db/migrate.ts'
import { createNotifier } from '../db/notifier.ts'
import { EVENTS_CHANNEL } from '../db/outbox.ts'
import type { Database } from '../db/transaction.ts'
import type { Reaction } from '../events/event.ts'
import { createFeed, type Feed } from '../events/feed.ts'
import type { Route } from '../http/route.ts'
import { createServer } from '../http/server.ts'
import type { Log } from '../log/log.ts'
import type { Policy } from '../policy/types.ts'
import { secrets } from '../secrets/secrets.ts'
import { served as asServed } from '../served.ts'
import type { Kit, Running, ServiceDef } from '../service.ts'
import type { Conductor } from '../work/conductor.ts'
import { WORK_CHANNEL, writeWork } from '../work/wake.ts'
import { createWork } from '../work/work.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { personas } from './personas.ts'
import { silent } from './silent-log.ts'

export interface ServeOptions<Door> {
  readonly def: ServiceDef<any, any, Door>
  /** What the service asks of others, by need. */
  readonly needs?: object
  /** As in the configuration file; the service's own `config` reads it. */
  readonly config?: unknown
  readonly clock?: FakeClock
  /** Further callers, by token. */
  readonly callers?: Readonly<Record<string, Caller>>
  /** Instead of personas: who is behind a token, for the service that knows. */
  readonly authenticator?: (door: Door) => Authenticator
  readonly reactions?: readonly Reaction[]
  /** Conductors of other services that share the work table. */
  readonly conductors?: readonly Conductor[]
  /** Where to look while something fails; default: nowhere. */
  readonly log?: Log
  /** A second replica: the database of the first, which drops it. */
  readonly beside?: Served<any>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Parsed where it is JSON; text otherwise, `undefined` where there is none. */
  readonly body: any
}

export interface Served<Door> {
  /** `persona` is one of `personas`, or any token; `undefined` sends none. */
  request(persona: string | undefined, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  readonly app: FastifyInstance
  readonly door: Door
  readonly running: Running<Door>
  /** Of the service, and those that every service has. */
  readonly routes: readonly Route[]
  readonly policy: Policy
  readonly kit: Kit
  readonly database: Database
  readonly connections: TestDatabase
  readonly clock: FakeClock
  /** Runs the conductors until nothing is due. Between two calls none runs, so that what is in between can be seen. */
  conduct(): Promise<void>
  close(): Promise<void>
}

const MASTER = { id: 'test', bytes: Buffer.alloc(32, 7) }

/** One service, through HTTP, on a real database of its own. */
export const serve = async <Door>(options: ServeOptions<Door>): Promise<Served<Door>> => {
  const { def, beside } = options
  const log = options.log ?? silent
  const clock = options.clock ?? beside?.clock ?? fakeClock()
  const connections = beside?.connections ?? (await testDatabase([WORK, { schema: def.name, folder: def.migrations }]))
  const notifier = createNotifier(connections.pool, { work: WORK_CHANNEL, events: EVENTS_CHANNEL }, silent)
  const database = createDatabase({ connections, reactions: options.reactions ?? [], writeWork, onCommit: notifier })
  // Most tests follow no events: nothing listens until somebody subscribes.
  let feed: Feed | undefined
  const ends = new AbortController()
  const kit: Kit = {
    clock,
    database,
    secrets: secrets(() => [MASTER]),
    feed: {
      subscribe: (reader, after) => {
        feed ??= createFeed({ db: connections.db, session: connections.session, log })
        return feed.subscribe(reader, after)
      },
    },
    log,
    publicUrl: 'http://esi.test',
    state: '/nonexistent',
    signal: ends.signal,
  }
  const running = def.start(kit, def.config(options.config ?? {}), options.needs ?? {})
  await running.start?.()
  const callers: Readonly<Record<string, Caller>> = { ...personas, ...options.callers }
  const authenticator = options.authenticator?.(running.door) ?? { authenticate: async token => callers[token] }
  const one = asServed(def, running, { log })
  const app = await createServer({
    services: [one],
    authenticator,
    clock,
    log,
  })
  await app.ready()

  return {
    app,
    door: running.door,
    running,
    routes: one.routes,
    policy: one.policy,
    kit,
    database,
    connections,
    clock,
    async request(persona, method, path, body, headers = {}) {
      const reply = await app.inject({
        method: method as 'GET',
        url: `${def.prefix}${path}`,
        headers: {
          ...(persona === undefined ? {} : { 'x-auth-token': persona }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      })
      return { status: reply.statusCode, headers: reply.headers as Record<string, string>, body: read(reply.body, reply.headers) }
    },
    async conduct() {
      const work = createWork({
        database,
        pool: connections.pool,
        sessionConfig: connections.session,
        clock,
        conductors: [...running.conductors, ...(options.conductors ?? [])],
        log,
      })
      await work.start()
      try {
        await work.idle()
      } finally {
        await work.stop()
      }
    },
    async close() {
      ends.abort()
      await app.close()
      await running.stop?.()
      await notifier.flush()
      await feed?.end()
      if (!beside) await connections.drop()
    },
  }
}

const WORK: Migrations = { schema: 'kit', folder: new URL('../work/migrations/', import.meta.url) }

const read = (text: string, headers: Record<string, unknown>): unknown => {
  if (text === '') return undefined
  return /json/.test(String(headers['content-type'])) ? JSON.parse(text) : text
}
