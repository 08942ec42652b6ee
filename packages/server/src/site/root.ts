import type { FastifyInstance } from 'fastify'
import { run } from '../kit/http/run.ts'
import type { Served, ServerSetup } from '../kit/http/setup.ts'
import type { Metrics } from './metrics.ts'

export interface RootOptions {
  readonly setup: ServerSetup
  readonly metrics: Metrics
  /** Resolves while requests can be served; rejects with the reason why not. */
  readonly ready: () => Promise<void>
}

/** What is no service's: health, metrics, and the identity service's version document for a client that knows no path yet. */
export const serveRoot = (app: FastifyInstance, { setup, metrics, ready }: RootOptions): void => {
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('alive\n'))
  app.get('/readyz', async (_request, reply) => {
    try {
      await ready()
      return reply.type('text/plain').send('ready\n')
    } catch (e) {
      return reply
        .code(503)
        .type('text/plain')
        .send(`not ready: ${(e as Error).message}\n`)
    }
  })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.type).send(await metrics.text()))
  const first = setup.services[0]
  const versions = first?.routes.find(route => route.spec.method === 'GET' && route.spec.path === '/' && route.spec.open)
  if (first && versions) app.get('/', (request, reply) => run(first as Served, versions, setup, request, reply))
}
