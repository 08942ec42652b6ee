import { readFileSync } from 'node:fs'
import { Refused, type WireReply } from '@esi/api/dialect'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import { requestId } from './context.ts'
import { answer } from './reply.ts'
import { run } from './run.ts'
import type { Served, ServerSetup } from './setup.ts'
import { wireRequest } from './wire.ts'

const BODY_LIMIT = 1024 * 1024

/** The HTTP server: one plugin a service, so that each has its own dialect for errors too. Every reply has a request id. */
export const createServer = async (setup: ServerSetup): Promise<FastifyInstance> => {
  const options: FastifyServerOptions = {
    logger: false,
    bodyLimit: BODY_LIMIT,
    // Python clients pause between requests and do not repeat a POST: the default of 5 s loses 2 in 360 of theirs.
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1024 },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const refused = new Refused(error.statusCode === 414 ? 'too large' : 'invalid', error.message)
      send(reply, requestId(), nearest(setup.services, request.raw.url ?? '/').dialect.error(refused, 0))
    },
  }
  const https = setup.tls ? { https: { cert: readFileSync(setup.tls.certificate), key: readFileSync(setup.tls.key) } } : {}
  const app: FastifyInstance = fastify({ ...options, ...https })
  readBodies(app)
  app.setSerializerCompiler(() => JSON.stringify)
  for (const served of setup.services) await app.register(async scope => serve(scope, served, setup), { prefix: served.prefix })
  return app
}

/** The service whose prefix a path has; the first one for paths outside of all. */
const nearest = (services: readonly Served[], url: string): Served =>
  services.find(s => s.prefix !== '' && (url === s.prefix || url.startsWith(`${s.prefix}/`) || url.startsWith(`${s.prefix}?`))) ??
  services[0]!

/** Bodies come as text and are read with the route; a route that takes a stream gets it untouched. */
const readBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, payload, done) => {
    const config = request.routeOptions.config as { stream?: boolean; limit?: number }
    if (config.stream) return done(null, payload)
    const limit = config.limit ?? BODY_LIMIT
    const parts: Buffer[] = []
    let size = 0
    payload.on('data', (part: Buffer) => {
      size += part.length
      if (size <= limit) parts.push(part)
    })
    payload.on('end', () => {
      if (size > limit) return done(new Refused('too large', `The body has more than ${limit} bytes.`))
      done(null, Buffer.concat(parts).toString('utf8'))
    })
    payload.on('error', done)
  })
}

const serve = (scope: FastifyInstance, served: Served, setup: ServerSetup): void => {
  const paths = served.routes.map(route => ({ method: route.spec.method, pattern: pattern(route.spec.path) }))
  for (const route of served.routes)
    scope.route({
      method: route.spec.method,
      url: route.spec.path,
      ...(route.spec.bodyLimit ? { bodyLimit: route.spec.bodyLimit } : {}),
      config: { stream: route.spec.stream ?? false, ...(route.spec.bodyLimit ? { limit: route.spec.bodyLimit } : {}) },
      handler: (request, reply) => run(served, route, setup, request, reply),
    })
  scope.setNotFoundHandler(async (request, reply) => {
    const wire = wireRequest(request, served.prefix, setup.publicUrl)
    const there = paths.some(p => p.pattern.test(wire.path))
    const refused = there
      ? new Refused('method', `The method ${request.method} is not allowed for this path.`)
      : new Refused('missing', 'The resource could not be found.')
    let version = 0
    try {
      version = served.dialect.version(wire)
    } catch {
      // The path is what is wrong; the version may be too.
    }
    const own = there ? undefined : served.notFound?.()
    return send(
      reply,
      requestId(),
      own ? { status: own.status ?? 404, headers: own.headers ?? {}, body: own.body } : served.dialect.error(refused, version),
    )
  })
  // Before a handler runs only the body can be at fault.
  scope.setErrorHandler((error, request, reply) => {
    const id = requestId()
    const refused = error instanceof Refused ? error : refusedBody(error as { statusCode?: number; message: string })
    if (refused.kind === 'internal') setup.log.error({ request: id, path: request.raw.url, error }, 'a request failed')
    return send(reply, id, served.dialect.error(refused, 0))
  })
}

const refusedBody = (error: { statusCode?: number; message: string }): Refused => {
  if (error.statusCode === 413) return new Refused('too large', 'The body is too large.')
  if (error.statusCode === 415) return new Refused('media', 'The media type is not supported.')
  if (error.statusCode && error.statusCode < 500) return new Refused('invalid', error.message)
  return new Refused('internal', 'The server had an unexpected error.')
}

const pattern = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/\/$/, '')
      .replace(/[.*+?^${}()|[\]\\]/g, c => (c === '*' ? c : `\\${c}`))
      .replaceAll('*', '.*')
      .replace(/:[A-Za-z_]+/g, '[^/]+')}/?$`,
  )

const send = (reply: FastifyReply, id: string, wired: WireReply): FastifyReply =>
  answer(reply, id, { reply: wired, status: wired.status }, {})
