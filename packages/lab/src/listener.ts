import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import type { Bmc } from './bmc.ts'
import { type Call, masked } from './call-log.ts'
import type { FaultKind } from './faults.ts'
import type { Lab } from './lab.ts'
import { answer, busyBody, failureBody } from './redfish/service.ts'
import type { Authority } from './tls/authority.ts'

const BODY_LIMIT = 1_048_576
const CONTEXTS_KEPT = 500
const TLS: Readonly<Record<'current' | 'old', SecureContextOptions>> = {
  current: { minVersion: 'TLSv1.2' },
  old: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
}

/**
 * One listener for all BMCs: the address that was called says which one is meant. It has to listen on every address, so that
 * whatever did not come over loopback is dropped first.
 */
export class Listener {
  private readonly lab: Lab
  private readonly authority: Authority
  private readonly server: Server
  private readonly http = createHttp({ keepAliveTimeout: 60_000, noDelay: true })
  private readonly contexts = new Map<string, Promise<SecureContext>>()
  private readonly sockets = new Map<Socket, Bmc>()
  private readonly bmcs = new WeakMap<object, Bmc>()

  constructor(lab: Lab, authority: Authority) {
    this.lab = lab
    this.authority = authority
    this.server = createServer({ noDelay: true }, socket => this.connected(socket))
    this.http.on('request', (request, response) => void this.requested(request, response))
    this.http.on('clientError', (_error, socket) => socket.destroy())
  }

  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen({ port, host: '0.0.0.0', backlog: 4096 }, () => {
        this.server.removeListener('error', reject)
        resolve((this.server.address() as AddressInfo).port)
      })
    })
  }

  close(): Promise<void> {
    for (const socket of this.sockets.keys()) socket.destroy()
    this.http.close()
    return new Promise(resolve => this.server.close(() => resolve()))
  }

  get connections(): number {
    return this.sockets.size
  }

  /** Cuts all connections of one BMC. */
  cut(bmc: Bmc): void {
    for (const [socket, owner] of this.sockets) if (owner === bmc) socket.destroy()
  }

  private connected(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    const host = socket.localAddress
    const bmc = host?.startsWith('127.') ? this.lab.at(host) : undefined
    if (!bmc || !host) {
      socket.resetAndDestroy()
      return
    }
    const { name } = bmc.machine.spec
    if (bmc.away || this.lab.faults.strikes('refuse', name)) {
      socket.resetAndDestroy()
      return
    }
    bmc.cut = b => this.cut(b)
    bmc.connections++
    this.sockets.set(socket, bmc)
    socket.once('close', () => {
      bmc.connections--
      this.sockets.delete(socket)
    })
    if (this.lab.faults.strikes('hang', name)) {
      socket.resume()
      return
    }
    const { tls } = bmc.machine.spec
    this.context(host, bmc.machine.touched ? bmc.machine.state.certificate : 0, tls).then(
      secureContext => {
        if (socket.destroyed) return
        const secure = new TLSSocket(socket, { isServer: true, secureContext })
        secure.on('error', () => secure.destroy())
        secure.on('close', () => socket.destroy())
        secure.once('secure', () => {
          this.bmcs.set(secure, bmc)
          this.http.emit('connection', secure)
        })
      },
      () => socket.destroy(),
    )
  }

  /** The last few hundred are kept. */
  private context(host: string, generation: number, tls: 'current' | 'old'): Promise<SecureContext> {
    const key = `${host} ${generation}`
    let made = this.contexts.get(key)
    if (made) this.contexts.delete(key)
    // From the second generation on a certificate is signed by itself.
    made ??= this.authority
      .leaf(host, tls === 'old' ? generation + 1 : generation)
      .then(leaf => createSecureContext({ ...leaf, ...TLS[tls] }))
    this.contexts.set(key, made)
    if (this.contexts.size > CONTEXTS_KEPT) this.forget(this.contexts.keys().next().value!)
    return made
  }

  /**
   * Frees it by hand: the collector sees some hundred bytes where there are 40 kB, and comes too late. Connections that use it
   * hold it themselves; those that still wait for it asked before and are served before.
   */
  private forget(key: string): void {
    const made = this.contexts.get(key)
    this.contexts.delete(key)
    made?.then(
      c => (c.context as { close?: () => void }).close?.(),
      () => {},
    )
  }

  private async requested(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bmc = this.bmcs.get(request.socket)
    if (!bmc) {
      request.socket.destroy()
      return
    }
    const { lab } = this
    const method = request.method ?? 'GET'
    const url = request.url ?? '/'
    const path = url.split('?', 1)[0]!
    const { name } = bmc.machine.spec
    const call = lab.calls.begin(name, method, url, lab.time.now())
    const began = performance.now()
    const settle = (outcome: Call['outcome']) => {
      call.outcome = outcome
      call.ms = Math.round(performance.now() - began)
      lab.calls.settled()
    }
    const strikes = (kind: FaultKind) => {
      const fault = lab.faults.strikes(kind, name, { method, path })
      if (fault) call.fault = call.fault === null ? kind : `${call.fault}, ${kind}`
      return fault
    }
    const cut = () => {
      request.socket.destroy()
      settle('cut')
    }
    try {
      const body = await read(request)
      if (body === undefined) {
        response.writeHead(413, { Connection: 'close' }).end()
        call.status = 413
        return settle('answered')
      }
      call.body = told(body)
      if (bmc.away || strikes('refuse')) return cut()
      if (strikes('hang')) return settle('hangs')
      const slow = strikes('slow')
      if (slow) {
        const { promise, resolve } = Promise.withResolvers<void>()
        setTimeout(resolve, slow.ms)
        await promise
        if (request.socket.destroyed) return settle('gone')
      }
      const send = (status: number, headers: Record<string, string>, text: string | Buffer) => {
        call.status = status
        const garbled = text.length > 0 && strikes('garbled')
        const out = garbled ? text.slice(0, Math.ceil(text.length / 2)) : text
        response.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(out)) }) })
        response.end(method === 'HEAD' ? undefined : out)
        settle(garbled ? 'garbled' : 'answered')
      }
      const json = { 'Content-Type': 'application/json; charset=utf-8' }
      const busy = strikes('busy')
      if (busy) return send(503, { ...json, 'Retry-After': String(busy.seconds ?? 1) }, busyBody(busy.seconds ?? 1))
      const failing = strikes('error')
      if (failing) return send(failing.status ?? 500, json, failureBody())
      if (strikes('lost-sessions')) bmc.sessions.closeAll()
      const said = answer(
        bmc,
        { method, url, headers: request.headers, body },
        { refuseLogin: strikes('wrong-password') !== undefined, struck: kind => strikes(kind) !== undefined },
      )
      call.user = said.user
      call.done = said.done && !/-ignored/.test(call.fault ?? '')
      const restart = strikes('bmc-restart')
      if (restart) {
        settle('cut')
        bmc.restart(restart.seconds === undefined ? undefined : restart.seconds * 1000)
        return
      }
      if (strikes('lost-reply')) return cut()
      send(said.status, said.headers, said.body)
    } catch {
      request.socket.destroy()
      settle('gone')
    }
  }
}

/** The body; undefined when it is too large. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > BODY_LIMIT) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** A body as the log tells it. */
function told(body: Buffer): unknown {
  if (body.length === 0) return null
  try {
    return masked(JSON.parse(body.toString('utf8')))
  } catch {
    return `(${body.length} bytes that are no JSON)`
  }
}
