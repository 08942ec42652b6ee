import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type Kind, Refused } from '@esi/api/dialect'
import type { ConnectionError } from 'fastify'
import { requestId } from './context.ts'
import { nearest } from './paths.ts'
import { common } from './reply.ts'
import type { Served } from './setup.ts'
import { target } from './wire.ts'

/** What Node's parser says of a request that is none, in our words. */
const faults: Readonly<Record<string, readonly [status: number, kind: Kind, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'too large', 'The headers of the request are too large.'],
  HPE_INVALID_METHOD: [400, 'invalid', 'The request has no method that is known.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout', 'The request did not arrive in time.'],
}
const OTHER = [400, 'invalid', 'The request is not valid HTTP.'] as const

/** Parts of Node that its types do not have. */
type Held = Socket & {
  readonly _httpMessage?: { readonly headersSent: boolean } | null
  readonly parser?: { readonly incoming?: { readonly url?: string } | null } | null
}

/** Answers what cannot be read as a request at all: in the form of the service that its path names, as far as there is a path. */
export const answerBroken = (services: readonly Served[], error: ConnectionError, socket: Socket): void => {
  const held = socket as Held
  if (error.code === 'ECONNRESET' || !socket.writable || held._httpMessage?.headersSent) {
    socket.destroy()
    return
  }
  const [status, kind, message] = faults[error.code] ?? OTHER
  const url =
    held.parser?.incoming?.url ??
    /^[A-Z]+ ([^\s\0]+)/.exec((error.rawPacket as unknown as Buffer | undefined)?.subarray(0, 2048).toString('latin1') ?? '')?.[1] ??
    '/'
  const { dialect } = nearest(services, target(url).path)
  const wired = dialect.error(new Refused(kind, message), dialect.newest)
  const body = JSON.stringify(wired.body)
  const headers: Record<string, string> = {
    ...common(requestId()),
    ...wired.headers,
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`, () => socket.destroy())
}
