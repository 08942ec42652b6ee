import { Refused } from '@esi/api/dialect'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticator, Caller } from '../auth/caller.ts'
import type { Effects } from '../db/transaction.ts'
import { bodyOf } from '../resource/accept.ts'
import { readJson, readQuery } from './body.ts'
import { createContext, requestId } from './context.ts'
import { refusal } from './refusal.ts'
import { answer, type Outcome } from './reply.ts'
import type { Route } from './route.ts'
import type { Served, ServerSetup } from './setup.ts'
import { wireRequest } from './wire.ts'

/** One request through its route: who asks, at which version, with what body; then the handler; then the dialect's form for what came of it. */
export const run = async (
  served: Served,
  route: Route,
  setup: ServerSetup,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const id = requestId()
  const started = performance.now()
  const log = setup.log.child({ request: id })
  const { dialect } = served
  let version = 0
  let outcome: Outcome
  const gone = new AbortController()
  request.raw.on('close', () => gone.abort())
  try {
    const wire = wireRequest(request, served.prefix, setup.publicUrl)
    const caller = await who(setup.authenticator, route, wire.headers['x-auth-token'])
    version = dialect.version(wire)
    const since = route.spec.since ?? 0
    if (since > version)
      throw route.spec.below === 'missing'
        ? new Refused('missing', 'The resource could not be found.')
        : new Refused('version', `This request needs version 1.${since} or later.`)
    const text = typeof request.body === 'string' ? request.body : ''
    const raw = route.spec.stream ? request.body : readJson(text)
    const query = readQuery(wire.query.toString())
    const effects: Effects[] = []
    // Not spread: `who` is a getter that throws where nobody asks.
    const context = Object.assign(
      createContext({
        id,
        wire: { ...wire, query, body: raw },
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
      query: route.spec.query ? bodyOf(route.spec.query, plain(query), version, false, 'query') : {},
    }
    const result = await route.handle(context, input)
    outcome = { reply: result, status: result.status ?? route.spec.status, ...(context.dryRun ? { effects } : {}) }
  } catch (error) {
    const refused = refusal(error)
    if (refused.kind === 'internal') log.error({ error, path: request.raw.url?.split('?')[0] }, 'a request failed')
    const wired = dialect.error(refused, version || dialect.newest)
    outcome = {
      reply: {
        ...wired,
        headers: { ...wired.headers, ...(refused.retryAfter === undefined ? {} : { 'Retry-After': String(refused.retryAfter) }) },
      },
      status: wired.status,
    }
  }
  setup.observe?.({
    service: served.name,
    route: route.spec.name,
    method: request.method,
    status: outcome.status,
    seconds: (performance.now() - started) / 1000,
  })
  return answer(reply, id, outcome, dialect.headers(version))
}

/** The caller behind the token. A token that is given must be good, even where none is needed it is not looked at. */
const who = async (authenticator: Authenticator | undefined, route: Route, token: string | undefined): Promise<Caller | undefined> => {
  if (route.spec.open) return undefined
  const caller = token ? await authenticator?.authenticate(token) : undefined
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
