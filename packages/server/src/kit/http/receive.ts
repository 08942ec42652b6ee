import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { Refused } from '@esi/api/dialect'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export const BODY_LIMIT = 1024 * 1024

/** Bytes that are read and thrown away after a body was refused, so that its sender gets to read why; then the connection is cut. */
const DRAINED = 256 * 1024 * 1024

/** What a route says of its body to `readBodies`. */
export interface BodyRules {
  readonly stream: boolean
  readonly limit: number
}

/**
 * Bodies come as text and are read with the route; a route that takes a stream gets it untouched. A body must arrive within
 * `seconds`; of a stream, something must.
 */
export const readBodies = (app: FastifyInstance, seconds: number): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, payload, done) => {
    const rules = request.routeOptions.config as Partial<BodyRules>
    if (!rules.stream) return collect(request, rules.limit ?? BODY_LIMIT, seconds, done)
    const { socket } = request.raw
    socket.setTimeout(seconds * 1000, () => socket.destroy())
    payload.once('close', () => socket.setTimeout(0))
    done(null, payload)
  })
}

/** Gives the text, or the `Refused` that the route is to answer with: as an error, the framework would cut the connection. */
const collect = (
  request: FastifyRequest,
  limit: number,
  seconds: number,
  done: (error: Error | null, body?: string | Refused) => void,
): void => {
  const message: IncomingMessage = request.raw
  let parts: Buffer[] = []
  let size = 0
  let settled = false
  const settle = (body: string | Refused) => {
    if (settled) return
    settled = true
    parts = []
    done(null, body)
  }
  const large = () => settle(new Refused('too large', `The body has more than ${limit} bytes.`))
  const late = setInterval(() => {
    // Was refused in the meantime, and is still being sent.
    if (settled) message.destroy()
    else settle(new Refused('invalid', `The body did not arrive within ${seconds} s.`))
  }, seconds * 1000).unref()

  message.on('data', (part: Buffer) => {
    size += part.length
    if (settled) {
      if (size > limit + DRAINED) message.destroy()
    } else if (size > limit) large()
    else parts.push(part)
  })
  message.on('end', () => {
    clearInterval(late)
    const whole = Buffer.concat(parts)
    // Nothing is guessed: what is not UTF-8 would be kept as something else.
    settle(isUtf8(whole) ? whole.toString('utf8') : new Refused('invalid', 'The body is not UTF-8 text.'))
  })
  const ended = () => {
    clearInterval(late)
    settle(new Refused('invalid', 'The body ended early.'))
  }
  message.on('error', ended)
  message.on('close', ended)
  if (Number(message.headers['content-length']) > limit) large()
}
