import { once } from 'node:events'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { dialect } from '@esi/api/baremetal/dialect'
import { Refused } from '@esi/api/dialect'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createPolicy } from '../policy/policy.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { silent } from '../testing/silent-log.ts'
import { createServer } from './server.ts'
import type { SocketAsk } from './socket-route.ts'

/** What a client is connected to: gives back what it gets, in capitals. */
class Echo extends Duplex {
  readonly got: string[] = []
  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.got.push(chunk.toString())
    this.push(chunk.toString().toUpperCase())
    done()
  }
}

let app: FastifyInstance
let port: number
let open: (ask: SocketAsk) => Promise<Duplex>
const url = (path: string) => `ws://127.0.0.1:${port}${path}`

beforeEach(async () => {
  open = async () => new Echo()
  app = await createServer({
    services: [
      {
        name: 'one',
        prefix: '/one',
        dialect,
        routes: [],
        policy: createPolicy({ defaults: [], log: silent }),
        sockets: [{ path: '/v1/echo', open: ask => open(ask) }],
      },
    ],
    authenticator: undefined,
    clock: fakeClock(),
    log: silent,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as { port: number }).port
})
afterEach(() => app?.close())

const refused = async (path: string): Promise<{ status: number; text: string }> => {
  const client = new WebSocket(url(path))
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, NodeJS.ReadableStream & { statusCode: number }]
  let text = ''
  for await (const part of response) text += part
  return { status: response.statusCode, text }
}

describe('a WebSocket', () => {
  it('carries bytes both ways until the client leaves', async () => {
    const echo = new Echo()
    const asked = Promise.withResolvers<SocketAsk>()
    open = async ask => {
      asked.resolve(ask)
      return echo
    }
    const client = new WebSocket(url('/one/v1/echo?token=t%201'), 'binary')
    await once(client, 'open')
    expect((await asked.promise).query.get('token')).toBe('t 1')
    expect(client.protocol).toBe('binary')
    client.send('héllo')
    const [data, binary] = await once(client, 'message')
    expect([data.toString(), binary]).toEqual(['HÉLLO', true])
    client.close()
    await once(echo, 'close')
    expect(echo.got).toEqual(['héllo'])
  })

  it('is closed with a reason when what it is connected to ends, or breaks', async () => {
    for (const [end, words] of [
      [(echo: Echo) => echo.push(null), 'the session has ended'],
      [(echo: Echo) => echo.destroy(new Error('The console was disabled.')), 'The console was disabled.'],
    ] as const) {
      const echo = new Echo()
      open = async () => echo
      const client = new WebSocket(url('/one/v1/echo'))
      await once(client, 'open')
      end(echo)
      const [code, reason] = await once(client, 'close')
      expect([code, reason.toString()]).toEqual([1000, words])
      expect(echo.destroyed).toBe(true)
    }
  })

  it('is refused in the words of the service, and elsewhere there is none', async () => {
    open = async () => {
      throw new Refused('conflict', 'Somebody else has it.')
    }
    const busy = await refused('/one/v1/echo')
    expect([busy.status, busy.text]).toEqual([409, expect.stringContaining('Somebody else has it')])
    open = async () => {
      throw new Error('a secret detail of ours')
    }
    const broken = await refused('/one/v1/echo')
    expect([broken.status, broken.text]).toEqual([500, expect.not.stringContaining('secret')])
    expect((await refused('/one/v1/other')).status).toBe(404)
    expect((await refused('/')).status).toBe(404)
  })

  it('that nobody waits for any more is let go of', async () => {
    const asked = Promise.withResolvers<SocketAsk>()
    const go = Promise.withResolvers<void>()
    const echo = new Echo()
    open = async ask => {
      asked.resolve(ask)
      await go.promise
      return echo
    }
    const client = new WebSocket(url('/one/v1/echo'))
    client.on('error', () => {})
    const { signal } = await asked.promise
    client.terminate()
    if (!signal.aborted) await once(signal, 'abort')
    go.resolve()
    await expect.poll(() => echo.destroyed).toBe(true)
  })

  it('waits for a client that reads slowly instead of keeping all for it', async () => {
    let made = 0
    const chunk = Buffer.alloc(64 * 1024)
    const stream = new Duplex({
      read() {
        if (made < 2000) setImmediate(() => this.push(chunk) && made++)
      },
      write: (_, __, done) => done(),
    })
    open = async () => stream
    const client = new WebSocket(url('/one/v1/echo'))
    await once(client, 'open')
    client.pause()
    await expect.poll(() => stream.isPaused(), { timeout: 10_000 }).toBe(true)
    const before = made
    expect(before).toBeLessThan(1000)
    client.resume()
    await expect.poll(() => made, { timeout: 10_000 }).toBeGreaterThan(before + 10)
    client.terminate()
  })

  it('is ended when the server stops, and by a handshake that is none', async () => {
    const echo = new Echo()
    open = async () => echo
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write('GET /one/v1/echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(socket, 'close')
    await expect.poll(() => echo.destroyed).toBe(true)
    open = async () => new Echo()
    const client = new WebSocket(url('/one/v1/echo'))
    await once(client, 'open')
    const closed = once(client, 'close')
    await app.close()
    expect((await closed)[0]).toBe(1001)
  })
})
