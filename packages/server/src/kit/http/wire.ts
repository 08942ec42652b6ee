import type { WireRequest } from '@esi/api/dialect'
import type { FastifyRequest } from 'fastify'

/** Path and query of a request target, which may be a whole URL; without doubled slashes and without one at the end. */
export const target = (url: string): { readonly path: string; readonly query: string } => {
  // What the router takes for the end of the path is one here too.
  const end = url.search(/[?#]/)
  const whole = (end < 0 ? url : url.slice(0, end)).replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  const path = whole.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  return { path: path || '/', query: end < 0 || url[end] === '#' ? '' : url.slice(end + 1).split('#', 1)[0]! }
}

/**
 * A request as dialects read it. Links are built from the host that the client called, so that `localhost`, an address and a
 * name all work; behind a proxy `publicUrl` says what clients call. What a client says of proxies itself is not believed.
 */
export const wireRequest = (request: FastifyRequest, prefix: string, publicUrl?: string): WireRequest => {
  const { path, query } = target(request.raw.url ?? '/')
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value.join(', ') : value
  const root = publicUrl ?? `${request.protocol}://${headers['host'] || 'localhost'}`
  return {
    method: request.method,
    path: path.slice(prefix.length) || '/',
    query: new URLSearchParams(query),
    headers,
    base: `${root}${prefix}`,
  }
}
