import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { Refused, STATUS } from '@esi/api/dialect'
import type { FastifyInstance } from 'fastify'
import { WebSocket, WebSocketServer } from 'ws'
import { requestId } from './context.ts'
import { refusal } from './refusal.ts'
import { common, refusedOutcome } from './reply.ts'
import type { Served, ServerSetup } from './setup.ts'
import { target } from './wire.ts'

/** Bytes of one message from a client; people type, and paste. */
const MESSAGE = 256 * 1024
/** Milliseconds between two questions whether the client is still there; without an answer to one it is gone by the next. */
const PING = 30_000
/** Bytes that may wait for a slow client; then what it reads from is not read any further. */
const WAITING = 256 * 1024

/** The close code for what came to its end, and for what was ended; RFC 6455, 7.4.1. */
const NORMAL = 1000
const GOING_AWAY = 1001

/** Answers upgrades: those of the services' routes with what they open, all others as not found. */
export const serveSockets = (app: FastifyInstance, setup: ServerSetup): void => {
  if (setup.services.every(s => (s.sockets?.length ?? 0) === 0)) return
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE,
    handleProtocols: offered => (offered.has('binary') ? 'binary' : false),
  })
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    void upgrade(setup, sockets, request, socket, head)
  })
  // Before the server waits for its connections to end, which these would not do by themselves.
  app.addHook('preClose', async () => {
    for (const client of sockets.clients) {
      client.close(GOING_AWAY, 'the server stops')
      setTimeout(() => client.terminate(), 1000).unref()
    }
  })
}

const upgrade = async (
  setup: ServerSetup,
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> => {
  const { path, query } = target(request.url ?? '/')
  const id = requestId()
  const served = setup.services.find(s => path.startsWith(`${s.prefix}/`)) ?? setup.services[0]!
  const route = served.sockets?.find(each => `${served.prefix}${each.path}` === path)
  const log = setup.log.child({ request: id })
  const gone = new AbortController()
  const early = listen(socket, () => {
    gone.abort()
    socket.destroy()
  })
  let stream: Duplex | undefined
  try {
    if (!route) throw new Refused('missing', 'The resource could not be found.')
    stream = await route.open({
      query: new URLSearchParams(query),
      address: request.socket.remoteAddress ?? '',
      log,
      signal: gone.signal,
    })
    if (gone.signal.aborted) return void stream.destroy()
  } catch (error) {
    if (!gone.signal.aborted) {
      const why = refusal(error)
      if (why.kind === 'internal') log.error({ path, error }, 'a request failed')
      refuse(served, socket, id, why)
    }
    return
  }
  const opened = stream
  let joined = false
  sockets.handleUpgrade(request, socket, Buffer.concat([head, ...early()]), client => {
    joined = true
    join(client, opened)
  })
  // A handshake that is not one was answered by the library.
  if (!joined) opened.destroy()
}

/** Notices a client that leaves before it is answered, which takes reading; gives what it has sent already. */
const listen = (socket: Duplex, left: () => void): (() => readonly Buffer[]) => {
  const parts: Buffer[] = []
  let size = 0
  const read = () => {
    for (let part = socket.read(); part !== null; part = socket.read()) {
      parts.push(part)
      size += part.length
      if (size > MESSAGE) socket.destroy()
    }
  }
  socket.on('readable', read)
  socket.once('end', left)
  socket.once('close', left)
  return () => {
    socket.off('readable', read)
    socket.off('end', left)
    return parts
  }
}

/** What a client gets that is not let in: an ordinary answer in the service's form. */
const refuse = (served: Served, socket: Duplex, id: string, why: Refused): void => {
  const outcome = refusedOutcome(served.dialect, why, served.dialect.newest)
  const body = Buffer.from(JSON.stringify(outcome.reply.body ?? {}))
  const headers = {
    ...common(id),
    ...(outcome.reply.headers as Record<string, string> | undefined),
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    Connection: 'close',
  }
  const status = outcome.status || STATUS[why.kind]
  const lines = [`HTTP/1.1 ${status} Refused`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
}

/** Carries bytes both ways, no faster than either side takes them, until one of them ends. */
const join = (client: WebSocket, stream: Duplex): void => {
  let heard = true
  const ping = setInterval(() => {
    if (!heard) return client.terminate()
    heard = false
    client.ping()
  }, PING)
  client.on('pong', () => {
    heard = true
  })
  client.on('message', (data: Buffer) => {
    heard = true
    if (stream.destroyed || stream.write(data)) return
    client.pause()
    stream.once('drain', () => client.resume())
  })
  client.on('error', () => client.terminate())
  client.on('close', () => {
    clearInterval(ping)
    stream.destroy()
  })
  stream.on('data', (data: Buffer) => {
    if (client.readyState !== WebSocket.OPEN) return
    client.send(data, { binary: true }, () => {
      if (stream.isPaused() && client.bufferedAmount < WAITING) stream.resume()
    })
    if (client.bufferedAmount >= WAITING) stream.pause()
  })
  let why = 'the session has ended'
  stream.on('error', error => {
    why = error.message
  })
  stream.once('close', () => {
    // A reason is at most 123 bytes.
    client.close(
      NORMAL,
      Buffer.from(why)
        .subarray(0, 120)
        .toString()
        .replace(/\uFFFD$/, ''),
    )
    setTimeout(() => client.terminate(), 5000).unref()
  })
  stream.once('end', () => stream.destroy())
}
