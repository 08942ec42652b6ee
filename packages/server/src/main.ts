import { join } from 'node:path'
import type { Server as SecureServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { siteTable } from './config.ts'
import type { Authenticator } from './kit/auth/caller.ts'
import { compose, seamsInUse } from './kit/compose.ts'
import type { ConfigOf } from './kit/config/setting.ts'
import { createDatabase } from './kit/db/database.ts'
import { KIT_DB, migrate } from './kit/db/migrate.ts'
import { createNotifier } from './kit/db/notifier.ts'
import { forgetOnce } from './kit/db/once.ts'
import { EVENTS_CHANNEL } from './kit/db/outbox.ts'
import { createFeed } from './kit/events/feed.ts'
import { mendEvents } from './kit/events/mend.ts'
import { createHold } from './kit/hold/hold.ts'
import { KIT_HOLD } from './kit/hold/schema.ts'
import { createServer } from './kit/http/server.ts'
import type { ServerSetup } from './kit/http/setup.ts'
import type { Log } from './kit/log/log.ts'
import { secrets } from './kit/secrets/secrets.ts'
import { served } from './kit/served.ts'
import type { Kit, Running, ServiceDef } from './kit/service.ts'
import { livingPeers } from './kit/work/peers.ts'
import { KIT_WORK } from './kit/work/schema.ts'
import { WORK_CHANNEL, writeWork } from './kit/work/wake.ts'
import { createWork, TIMES } from './kit/work/work.ts'
import { seams } from './seams.ts'
import { services as all } from './services.ts'
import { address, tlsFiles } from './site/address.ts'
import { closeServer } from './site/close.ts'
import { openDatabase } from './site/database.ts'
import { masterKeys } from './site/keys.ts'
import { createMetrics } from './site/metrics.ts'
import { restAfterWork } from './site/rest.ts'
import { serveRoot } from './site/root.ts'
import { type Judgement, liveCertificate } from './site/tls/live.ts'
import { tellUnconducted } from './site/unconducted.ts'

export type SiteConfig = ConfigOf<typeof siteTable>

/** A site that is up. */
export interface Site {
  readonly app: FastifyInstance
  readonly running: ReadonlyMap<string, Running>
  readonly services: readonly ServiceDef[]
  readonly url: string
  readonly database: string
  /** Looks at the files of the certificate at once; undefined where HTTP is spoken. */
  reload(): Promise<Judgement | 'unchanged' | undefined>
  /** Answers what runs, lets go of its work, and ends; an embedded database too when nobody else uses it. */
  stop(): Promise<void>
}

/** Configuration → kit → services → seams → listen. Without `listen` nobody but this process can ask it anything. */
export const startSite = async (config: SiteConfig, log: Log, how: { readonly listen: boolean } = { listen: true }): Promise<Site> => {
  // What was opened is closed in the opposite order: at the end, or at once when the start fails on the way.
  await using opened = new AsyncDisposableStack()
  const services = chosen(config.services)
  const tls = tlsFiles(config.tls)
  const parts = { services, seams, choose: (config.seams ?? {}) as Record<string, string> }
  const {
    connections,
    clock,
    what,
    stop: stopDatabase,
  } = await openDatabase({ ...config.database, size: config.database.connections, state: config.state, log })
  opened.defer(stopDatabase)
  const ends = new AbortController()
  const schemas = services.map(s => ({ schema: s.name, folder: s.migrations }))
  await migrate(connections.pool, [KIT_DB, KIT_WORK, KIT_HOLD, ...schemas], newer =>
    log.warn({ newer }, 'a newer version has changed the database; this one works on it, but should be upgraded too'),
  )
  if (await mendEvents(connections.pool)) log.warn({}, 'the database counts transactions anew: it was restored on another server')

  const onCommit = createNotifier(connections.pool, { work: WORK_CHANNEL, events: EVENTS_CHANNEL }, log)
  opened.defer(() => onCommit.flush())
  const database = createDatabase({ connections, reactions: seamsInUse(parts).flatMap(s => s.reactions ?? []), writeWork, onCommit })
  const feed = createFeed({ db: connections.db, session: connections.session, log })
  opened.defer(() => feed.end())
  const conductorOf = new Map<string, string>()
  let nudge = () => {}
  const holds = createHold({
    database,
    clock,
    feed,
    log: log.child({ part: 'holds' }),
    serviceOf: conductor => conductorOf.get(conductor),
    mark: join(config.state, 'site.json'),
    onLifted: () => nudge(),
  })
  opened.defer(() => holds.stop())
  await holds.start()
  const forget = () =>
    forgetOnce(connections.pool, clock.now()).catch(e => log.warn({ err: e }, 'old Idempotency-Keys could not be forgotten'))
  await forget()
  const daily = setInterval(forget, 24 * 60 * 60 * 1000)
  opened.defer(() => clearInterval(daily))
  const keyFile = config.masterKeys ?? join(config.state, 'keys', 'master')
  const [host, port] = address(config.listen)
  const url = config.publicUrl ?? `${tls ? 'https' : 'http'}://${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}`
  const kit: Omit<Kit, 'log'> = {
    clock,
    database,
    feed,
    secrets: secrets(() => masterKeys(keyFile)),
    publicUrl: url,
    state: config.state,
    signal: ends.signal,
    conducts: config.conduct,
  }
  masterKeys(keyFile)

  const catalog = services.flatMap(s => s.catalog)
  // A seam that is chosen by name has the settings of that name; who speaks for all services must know what runs.
  const settings = (name: string): Record<string, unknown> => ({
    ...((config as Record<string, unknown>)[parts.choose[name] ?? name] as object | undefined),
    ...(name === 'identity' || parts.choose[name] === 'keystone' ? { catalog } : {}),
  })
  const running = compose({
    ...parts,
    kitFor: s => ({ ...kit, log: log.child({ service: s.name }) }),
    configFor: settings,
  })
  for (const [name, up] of running) for (const conductor of up.conductors) conductorOf.set(conductor.name, name)
  for (const up of running.values()) {
    if (up.stop) opened.defer(() => up.stop!())
    await up.start?.()
  }

  const work = config.conduct
    ? createWork({
        database,
        pool: connections.pool,
        sessionConfig: connections.session,
        clock,
        conductors: [...running.values()].flatMap(r => r.conductors),
        held: holds.held,
        log: log.child({ part: 'conductors' }),
      })
    : undefined
  if (work) {
    nudge = work.nudge
    opened.defer(() => work.stop())
  }
  const certificate = tls && how.listen ? liveCertificate({ files: tls, clock, log: log.child({ part: 'tls' }), database }) : undefined
  if (certificate) opened.defer(() => certificate.stop())
  const measures = [...running.values()].flatMap(up => (up.measures ? [() => up.measures!()] : []))
  const living = () => livingPeers(connections.pool, TIMES.patience)
  const metrics = createMetrics(work, connections.pool, holds, living, certificate, measures)
  opened.defer(restAfterWork(() => metrics.answered))
  const setup: ServerSetup = {
    services: services.map(s => {
      const elsewhere = new Set(services.filter(other => other !== s).flatMap(other => other.policies.map(p => p.name)))
      const one = served(s, running.get(s.name)!, {
        log: log.child({ service: s.name }),
        ...(config.policy ? { policyFile: config.policy, elsewhere: name => elsewhere.has(name) } : {}),
      })
      one.policy.watch(ends.signal)
      return one
    }),
    authenticator: authenticator(running, parts, kit, log, settings('everyone.identity')),
    clock,
    log,
    observe: metrics.observe,
    challenge: origin => `Keystone uri="${loginAt(origin, settings('everyone.identity'), running.has('identity'))}"`,
    ...(config.publicUrl ? { publicUrl: config.publicUrl } : {}),
    ...(certificate ? { tls: { cert: certificate.pair.cert, key: certificate.pair.key } } : {}),
  }
  const app = await createServer(setup)
  if (!work) tellUnconducted(app, living, log)
  opened.defer(() => closeServer(app))
  certificate?.follow(app.server as unknown as SecureServer)
  const ready = async () => {
    await connections.pool.query('select 1')
    if (work && !work.live) throw new Error('this process has no place among the conductors yet')
  }
  serveRoot(app, { setup, metrics, ready })
  await work?.start()
  await (how.listen ? app.listen({ host, port }) : app.ready())

  const closing = opened.move()
  return {
    app,
    running,
    services,
    url: config.publicUrl ?? `${url.replace(/:\d+$/, '')}:${(app.server.address() as { port: number } | null)?.port ?? port}`,
    database: what,
    reload: async () => certificate?.look(),
    async stop() {
      ends.abort()
      await closing.disposeAsync()
    },
  }
}

const chosen = (names: readonly string[] | undefined): readonly ServiceDef[] => {
  for (const name of names ?? [])
    if (!all.some(s => s.name === name)) throw new Error(`There is no service "${name}"; there are ${all.map(s => s.name).join(', ')}.`)
  return names ? all.filter(s => names.includes(s.name)) : all
}

/** Callers come through the seam that the whole house shares. */
/** Where clients get a token: here, or at the Keystone that is asked about tokens. */
const loginAt = (origin: string, remote: { readonly url?: unknown }, here: boolean): string =>
  here || typeof remote.url !== 'string' ? `${origin}/identity` : remote.url

const authenticator = (
  running: ReadonlyMap<string, Running>,
  parts: Pick<Parameters<typeof compose>[0], 'seams' | 'choose'>,
  kit: Omit<Kit, 'log'>,
  log: Log,
  settings: object,
): Authenticator => {
  const name = parts.choose['everyone.identity']
  const seam = parts.seams.find(
    s => s.consumer === 'everyone' && (name === undefined ? s.provider !== undefined && running.has(s.provider) : s.name === name),
  )
  if (!seam) throw new Error('Nobody can be let in: run the identity service, or name a remote one with seams: { everyone.identity: … }.')
  return seam.make(seam.provider === undefined ? undefined : running.get(seam.provider)!.door, { ...kit, log }, settings) as Authenticator
}
