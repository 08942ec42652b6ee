import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** Stands between the driver and a service that speaks plain HTTP on loopback, to do what the service itself never does. */
export interface Relay {
  readonly url: string
  /** What it does to a request: passes it on, or answers in its place, or lets it be carried out and says nothing, or breaks off. */
  instead: (method: string, path: string) => 'pass' | 'lose' | 'break' | { readonly status: number; readonly body: string }
  stop(): Promise<void>
}

export const startRelay = async (port: number): Promise<Relay> => {
  const sockets = new Set<Socket>()
  const server = createServer((asked, answer) => void handle(relay, port, asked, answer))
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    instead: () => 'pass',
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return relay
}

const handle = (relay: Relay, port: number, asked: IncomingMessage, answer: ServerResponse): void => {
  const { method = 'GET', url = '/' } = asked
  const instead = relay.instead(method, url)
  if (instead === 'break') return void asked.socket.destroy()
  if (typeof instead === 'object') {
    asked.resume()
    answer.writeHead(instead.status, { 'content-type': 'application/json' }).end(instead.body)
    return
  }
  const on = request({ host: '127.0.0.1', port, method, path: url, headers: asked.headers }, said => {
    if (instead === 'lose') {
      said.resume().once('end', () => asked.socket.destroy())
      return
    }
    answer.writeHead(said.statusCode ?? 502, said.headers)
    said.pipe(answer)
  })
  on.on('error', () => asked.socket.destroy())
  asked.pipe(on)
}
