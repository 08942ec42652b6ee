import { type Dialect, Refused, type WireRequest } from '@esi/api/dialect'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticator, Caller } from '../auth/caller.ts'
import type { Effects } from '../db/transaction.ts'
import type { Log } from '../log/log.ts'
import { bodyOf } from '../resource/accept.ts'
import { checkQuery, readJson } from './body.ts'
import { createContext, requestId } from './context.ts'
import { refusal } from './refusal.ts'
import { answer, challengeFor, type Outcome, refusedOutcome } from './reply.ts'
import type { Route } from './route.ts'
import type { Served, ServerSetup } from './setup.ts'
import { wireRequest } from './wire.ts'

/** What is known of a request before its body is read. */
interface Entry {
  readonly id: string
  readonly started: number
  readonly log: Log
  readonly wire: WireRequest
  /** As far as it can be told; the newest one when the client asks for none that there is. */
  readonly version: number
  readonly caller: Caller | undefined
  /** Why it goes no further. */
  readonly refused: unknown
}

const entries = new WeakMap<FastifyRequest, Entry>()

/** The request's own id, from its first moment on. */
export const idOf = (request: FastifyRequest): string => entries.get(request)?.id ?? requestId()

/** Judges what the headers say. Whoever is refused here has sent nothing that was kept: the body is still unread. */
export const enter = async (
  served: Served,
  route: Route,
  setup: ServerSetup,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> => {
  const entry = await judge(served, route, setup, request)
  entries.set(request, entry)
  return entry.refused === undefined
    ? undefined
    : finish(served, route, setup, request, reply, entry, failed(served, setup, entry, entry.refused))
}

const judge = async (served: Served, route: Route, setup: ServerSetup, request: FastifyRequest): Promise<Entry> => {
  const id = requestId()
  const wire = wireRequest(request, served.prefix, setup.publicUrl)
  const given: Omit<Entry, 'caller' | 'refused' | 'version'> = {
    id,
    started: performance.now(),
    log: setup.log.child({ request: id }),
    wire,
  }
  let version = served.dialect.newest
  try {
    checkQuery(wire.query)
    const caller = await who(setup.authenticator, route, wire, served.prefix)
    version = served.dialect.version(wire)
    const since = route.spec.since ?? 0
    if (since > version)
      throw route.spec.below === 'missing'
        ? new Refused('missing', 'The resource could not be found.')
        : new Refused('version', `This request needs version 1.${since} or later.`)
    return { ...given, version, caller, refused: undefined }
  } catch (error) {
    return { ...given, version: askedVersion(served.dialect, wire), caller: undefined, refused: error }
  }
}

/** For the headers of a reply that is refused already. */
export const askedVersion = (dialect: Dialect, wire: WireRequest): number => {
  try {
    return dialect.version(wire)
  } catch {
    return dialect.newest
  }
}

/** One request through its route: who asks, at which version, with what body; then the handler; then the dialect's form for what came of it. */
export const run = async (
  served: Served,
  route: Route,
  setup: ServerSetup,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const entry = entries.get(request) ?? (await judge(served, route, setup, request))
  const { id, wire, version, caller, log } = entry
  const { dialect } = served
  let outcome: Outcome
  const gone = new AbortController()
  // The reply's end and not the request's: that one ends as soon as its body is read.
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  try {
    if (entry.refused !== undefined) throw entry.refused
    if (request.body instanceof Refused) throw request.body
    const text = typeof request.body === 'string' ? request.body : ''
    const raw = route.spec.stream ? request.body : route.spec.text ? text : readJson(text)
    const effects: Effects[] = []
    // Not spread: `who` is a getter that throws where nobody asks.
    const context = Object.assign(
      createContext({
        id,
        wire: { ...wire, body: raw },
        version,
        caller,
        clock: setup.clock,
        policy: served.policy,
        address: request.ip,
        log,
        signal: gone.signal,
        denied: dialect.denied,
        route: `${served.name} ${route.spec.method} ${route.spec.path}`,
        bodyText: text,
      }),
      { effects: (caused: Effects) => void effects.push(caused) },
    )
    const input = {
      params: request.params as Record<string, string>,
      raw,
      body: route.spec.body ? bodyOf(route.spec.body, objectBody(raw), version, route.spec.additional) : {},
      query: route.spec.query ? bodyOf(route.spec.query, plain(wire.query), version, false, 'query') : {},
    }
    const result = await route.handle(context, input)
    outcome = { reply: result, status: result.status ?? route.spec.status, ...(context.dryRun ? { effects } : {}) }
  } catch (error) {
    outcome = failed(served, setup, entry, error, gone.signal)
  }
  return finish(served, route, setup, request, reply, entry, outcome)
}

const failed = (
  { dialect, prefix }: Served,
  setup: ServerSetup,
  { log, wire, version }: Entry,
  error: unknown,
  gone?: AbortSignal,
): Outcome => {
  const refused = refusal(error)
  if (refused.kind === 'internal') {
    // What fails because nobody waits for it any more is no fault.
    if (gone?.aborted) log.debug({ error, path: wire.path }, 'a request whose client went away was given up')
    else log.error({ error, path: wire.path }, 'a request failed')
  }
  return refusedOutcome(dialect, refused, version, challengeFor(setup, prefix, wire.base))
}

const finish = (
  served: Served,
  route: Route,
  setup: ServerSetup,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, started, version }: Entry,
  outcome: Outcome,
): FastifyReply => {
  setup.observe?.({
    service: served.name,
    route: route.spec.name,
    method: request.method,
    status: outcome.status,
    seconds: (performance.now() - started) / 1000,
  })
  return answer(reply, id, outcome, served.dialect.headers(version))
}

/** The caller behind the token. A token that is given must be good, even where none is needed it is not looked at. */
const who = async (
  authenticator: Authenticator | undefined,
  route: Route,
  { headers, method, path }: WireRequest,
  prefix: string,
): Promise<Caller | undefined> => {
  if (route.spec.open) return undefined
  const token = headers['x-auth-token']
  const caller = token ? await authenticator?.authenticate(token, { prefix, method, path }) : undefined
  if (!caller) throw new Refused('unauthenticated', 'The request you have made requires authentication.')
  return caller
}

const objectBody = (raw: unknown): Record<string, unknown> => {
  if (raw === undefined || raw === null) return {}
  if (typeof raw !== 'object' || Array.isArray(raw)) throw new Refused('invalid', 'The body must be a JSON object.')
  return raw as Record<string, unknown>
}

const plain = (query: URLSearchParams): Record<string, unknown> => {
  const out = Object.fromEntries(query)
  delete out['dry_run']
  return out
}
