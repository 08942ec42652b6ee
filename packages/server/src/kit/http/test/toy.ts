import { once } from 'node:events'
import { connect } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { route } from '@esi/api/define'
import type { Dialect } from '@esi/api/dialect'
import { Refused } from '@esi/api/dialect'
import { string } from '@esi/api/types'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../../log/log.ts'
import { createPolicy } from '../../policy/policy.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { personas } from '../../testing/personas.ts'
import { silent } from '../../testing/silent-log.ts'
import { type Context, handle } from '../route.ts'
import { createServer } from '../server.ts'

/** Two services side by side, so that it shows whose words an error is in. */
export interface Toys {
  readonly app: FastifyInstance
  readonly port: number
  /** What reached a handler. */
  readonly seen: { readonly path: string; readonly body: unknown; readonly context: Context }[]
  /** What was logged as an error. */
  readonly errors: { readonly fields: object; readonly message: string | undefined }[]
  readonly observed: { readonly route: string; readonly status: number }[]
  /** Runs when `/wait` is asked. */
  wait: (context: Context) => Promise<unknown>
  close(): Promise<void>
}

export const startToys = async (dialects: readonly [Dialect, Dialect], bodySeconds?: number): Promise<Toys> => {
  const toys: Partial<Toys> & Pick<Toys, 'seen' | 'errors' | 'observed' | 'wait'> = {
    seen: [],
    errors: [],
    observed: [],
    wait: async () => ({}),
  }
  const log: Log = { ...silent, error: (fields, message) => void toys.errors.push({ fields, message }), child: () => log }
  const see = (context: Context, body: unknown) => {
    toys.seen.push({ path: context.wire.path, body, context })
    return { body: { ok: true } }
  }
  const routes = [
    handle(route({ name: 'open', method: 'GET', path: '/', open: true, status: 200 }), async c => see(c, undefined)),
    handle(route({ name: 'things', method: 'GET', path: '/v1/things', status: 200 }), async c => see(c, undefined)),
    handle(route({ name: 'make', method: 'POST', path: '/v1/things', status: 201 }), async (c, i) => see(c, i.raw)),
    handle(
      route({ name: 'named', method: 'PUT', path: '/v1/named', body: { name: { type: string(), required: true } }, status: 200 }),
      async (c, i) => see(c, i.body.name),
    ),
    handle(route({ name: 'thing', method: 'GET', path: '/v1/things/:thing', status: 200 }), async (c, i) => see(c, i.params['thing'])),
    handle(route({ name: 'drop', method: 'DELETE', path: '/v1/things/:thing', status: 204 }), async (c, i) => {
      see(c, i.raw)
      return {}
    }),
    handle(route({ name: 'large', method: 'PUT', path: '/v1/large', status: 200, bodyLimit: 3 * 1024 * 1024 }), async (c, i) =>
      see(c, JSON.stringify(i.raw).length),
    ),
    handle(route({ name: 'stream', method: 'PUT', path: '/v1/stream', status: 200, stream: true }), async (c, i) =>
      see(c, await readAll(i.raw as NodeJS.ReadableStream)),
    ),
    handle(route({ name: 'text', method: 'PUT', path: '/v1/text', status: 200, text: true }), async (c, i) => see(c, i.raw)),
    handle(route({ name: 'wait', method: 'POST', path: '/v1/wait', status: 200 }), async c => ({ body: await toys.wait(c) })),
    handle(route({ name: 'broken', method: 'GET', path: '/v1/broken', status: 200 }), async () => {
      throw new Error('a secret detail of ours')
    }),
    handle(route({ name: 'busy', method: 'GET', path: '/v1/busy', status: 200 }), async () => {
      throw new Refused('unavailable', 'Busy.', { retryAfter: 7 })
    }),
    handle(route({ name: 'new', method: 'GET', path: '/v1/new', status: 200, since: 9 }), async c => see(c, undefined)),
  ]
  const policy = createPolicy({ defaults: [], log })
  const app = await createServer({
    services: [
      { name: 'one', prefix: '/one', dialect: dialects[0], routes, policy },
      { name: 'two', prefix: '/two', dialect: dialects[1], routes, policy },
    ],
    authenticator: { authenticate: async token => (personas as Record<string, (typeof personas)['owner']>)[token] },
    clock: fakeClock(),
    log,
    challenge: origin => `Toy uri="${origin}/two"`,
    observe: what => void toys.observed.push({ route: what.route, status: what.status }),
    ...(bodySeconds === undefined ? {} : { bodySeconds }),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(toys, {
    app,
    port: (app.server.address() as { port: number }).port,
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }) as Toys
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** All that comes back for these very bytes, until the server ends the connection (ask it to) or `until` has come. */
export const raw = async (port: number, bytes: string | Buffer, until?: (got: string) => boolean): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  let got = ''
  socket.on('error', () => {})
  socket.on('data', part => {
    got += part.toString('latin1')
    if (until?.(got)) socket.destroy()
  })
  socket.write(bytes)
  await once(socket, 'close')
  return got
}

/** The replies in what came back. */
export const answers = (got: string): RawAnswer[] => {
  const out: RawAnswer[] = []
  for (let rest = got; rest.startsWith('HTTP/'); ) {
    const end = rest.indexOf('\r\n\r\n')
    const [first, ...lines] = rest.slice(0, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const length = Number(headers['content-length'] ?? 0)
    out.push({ status: Number(first!.split(' ')[1]), headers, body: rest.slice(end + 4, end + 4 + length) })
    rest = rest.slice(end + 4 + length)
  }
  return out
}

/** A request as text, with a token and the wish that the connection ends after it. */
export const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  [`${line} HTTP/1.1`, 'Host: localhost', 'X-Auth-Token: owner', 'Connection: close', ...headers, '', body].join('\r\n')
