import { Refused } from '@esi/api/dialect'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import { answerBroken } from './before.ts'
import { allowed, nearest, rewritten } from './paths.ts'
import { BODY_LIMIT, type BodyRules, readBodies } from './receive.ts'
import { answer, challengeFor, refusedOutcome } from './reply.ts'
import { askedVersion, enter, idOf, run } from './run.ts'
import type { Served, ServerSetup } from './setup.ts'
import { serveSockets } from './sockets.ts'
import { target, wireRequest } from './wire.ts'

/** The HTTP server: one plugin a service, so that each has its own dialect for errors too. Every reply has a request id. */
export const createServer = async (setup: ServerSetup): Promise<FastifyInstance> => {
  const { services } = setup
  const options: FastifyServerOptions = {
    logger: false,
    bodyLimit: BODY_LIMIT,
    // Python clients pause between requests and do not repeat a POST: the default of 5 s loses 2 in 360 of theirs.
    keepAliveTimeout: 72_000,
    // Headers have 60 s; bodies see receive.ts, because an image may take long and still flow.
    requestTimeout: 0,
    forceCloseConnections: 'idle',
    trustProxy: false,
    rewriteUrl: raw => rewritten(services, raw.url ?? '/'),
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1024 },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      refuse(reply, request, nearest(services, target(request.raw.url ?? '/').path), setup, refusedEarly(error)),
    clientErrorHandler: (error, socket) => answerBroken(services, error, socket),
  }
  const https = setup.tls ? { https: { ...setup.tls } } : {}
  const app: FastifyInstance = fastify({ ...options, ...https })
  readBodies(app, setup.bodySeconds ?? 60)
  app.setSerializerCompiler(() => JSON.stringify)
  for (const served of services) await app.register(async scope => serve(scope, served, setup), { prefix: served.prefix })
  serveSockets(app, setup)
  // Outside of all services, in the words of the first.
  if (services.length > 0 && services.every(s => s.prefix !== ''))
    app.setNotFoundHandler((request, reply) => refuse(reply, request, { ...services[0]!, prefix: '' }, setup, nowhere()))
  return app
}

const serve = (scope: FastifyInstance, served: Served, setup: ServerSetup): void => {
  const methods = allowed(served.routes)
  for (const route of served.routes) {
    const { spec } = route
    const body: BodyRules = { stream: spec.stream ?? false, limit: spec.bodyLimit ?? BODY_LIMIT }
    scope.route({
      method: spec.method,
      url: spec.path,
      ...(spec.bodyLimit ? { bodyLimit: spec.bodyLimit } : {}),
      config: body,
      onRequest: (request, reply) => enter(served, route, setup, request, reply),
      handler: (request, reply) => run(served, route, setup, request, reply),
    })
  }
  scope.setNotFoundHandler((request, reply) => {
    const there = methods(wireRequest(request, served.prefix).path)
    if (there.length > 0) {
      reply.header('Allow', there.join(', '))
      return refuse(reply, request, served, setup, new Refused('method', `The method ${request.method} is not allowed for this path.`))
    }
    const own = served.notFound?.()
    if (!own) return refuse(reply, request, served, setup, nowhere())
    return answer(reply, idOf(request), { reply: own, status: own.status ?? 404 }, {})
  })
  // Before a handler runs only the body can be at fault.
  scope.setErrorHandler((error, request, reply) => {
    const refused = refusedEarly(error as Partial<FastifyError>)
    if (refused.kind === 'internal') setup.log.error({ request: idOf(request), path: request.raw.url, error }, 'a request failed')
    return refuse(reply, request, served, setup, refused)
  })
}

const nowhere = () => new Refused('missing', 'The resource could not be found.')

/** What the framework finds wrong before any of our code runs. */
const refusedEarly = (error: Partial<FastifyError>): Refused => {
  if (error.statusCode === 413) return new Refused('too large', 'The body is too large.')
  if (error.statusCode === 414) return new Refused('too large', 'A part of the path is too long.')
  if (error.statusCode === 415) return new Refused('media', 'The media type is not supported.')
  if (error.statusCode && error.statusCode < 500) return new Refused('invalid', error.message ?? 'The request is not valid.')
  return new Refused('internal', 'The server had an unexpected error.')
}

const refuse = (reply: FastifyReply, request: FastifyRequest, served: Served, setup: ServerSetup, refused: Refused): FastifyReply => {
  const { dialect, prefix } = served
  const wire = wireRequest(request, prefix, setup.publicUrl)
  const version = askedVersion(dialect, wire)
  const outcome = refusedOutcome(dialect, refused, version, challengeFor(setup, prefix, wire.base))
  return answer(reply, idOf(request), outcome, dialect.headers(version))
}
