import type { WireRequest } from '@esi/api/dialect'
import type { FastifyRequest } from 'fastify'

/**
 * A request as dialects read it. Links are built from the host that the client called, so that `localhost`, an address and a
 * name all work; behind a proxy `publicUrl` says what clients call.
 */
export const wireRequest = (request: FastifyRequest, prefix: string, publicUrl?: string): WireRequest => {
  const url = request.raw.url ?? '/'
  const at = url.indexOf('?')
  const whole = (at < 0 ? url : url.slice(0, at)).replace(/\/{2,}/g, '/')
  const path = whole.slice(prefix.length).replace(/\/$/, '')
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value.join(', ') : value
  const root = publicUrl ?? `${request.protocol}://${headers['host'] ?? 'localhost'}`
  return {
    method: request.method,
    path: path || '/',
    query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)),
    headers,
    base: `${root}${prefix}`,
  }
}
