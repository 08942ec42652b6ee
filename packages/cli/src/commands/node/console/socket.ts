import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { ApiError } from '@esi/client'
import { WebSocket } from 'ws'
import type { Address } from './address.ts'

/** Milliseconds for the way to the BMC, which the server makes before it answers. */
const OPENING = 90_000

/** Connects; a refusal is an `ApiError` in the service's own words. */
export const openSocket = async ({ url, dialect }: Address, verify: boolean | string, signal: AbortSignal): Promise<WebSocket> => {
  signal.throwIfAborted()
  const socket = new WebSocket(url, ['binary'], {
    perMessageDeflate: false,
    handshakeTimeout: OPENING,
    ...(typeof verify === 'string' ? { ca: readFileSync(verify) } : { rejectUnauthorized: verify }),
  })
  // Nothing of what comes with the answer is lost before somebody listens.
  socket.once('open', () => socket.pause())
  const refused = new Promise<IncomingMessage>(resolve => socket.once('unexpected-response', (_request, answer) => resolve(answer)))
  const opened = once(socket, 'open', { signal }).catch(error => {
    socket.on('error', () => {})
    socket.terminate()
    throw signal.aborted ? signal.reason : new Error(`The console cannot be reached at ${new URL(url).host}: ${plain(error)}`)
  })
  const answer = await Promise.race([opened.then(() => undefined), refused])
  if (answer === undefined) return socket
  opened.catch(() => {})
  const { text, body } = await bodyOf(answer)
  socket.terminate()
  const id = answer.headers['x-openstack-request-id']
  const said = dialect.client.message(body) ?? (text.trim() || `The server answered ${answer.statusCode}.`)
  throw new ApiError(answer.statusCode ?? 0, said, typeof id === 'string' ? id : undefined, body)
}

const bodyOf = async (answer: IncomingMessage): Promise<{ text: string; body: unknown }> => {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  try {
    return { text, body: JSON.parse(text) }
  } catch {
    return { text, body: undefined }
  }
}

const plain = (error: NodeJS.ErrnoException): string => (error.code === 'ECONNREFUSED' ? 'nothing listens there.' : error.message)
