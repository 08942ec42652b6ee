import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { Exchange } from '../transcript.ts'

/**
 * Serves a transcript. Reading goes through the answers that were given to it since the last change, and stays at the last of them; a
 * change must be the next one of the transcript, in every word.
 */
export const play = async (exchanges: readonly Exchange[]) => {
  const wrong: string[] = []
  let at = 0
  const used = new Map<string, number>()
  const changes = (exchange: Exchange) => exchange.method !== 'GET'
  const nextChange = (from: number): number => {
    const found = exchanges.findIndex((exchange, index) => index >= from && changes(exchange))
    return found < 0 ? exchanges.length : found
  }
  const read = (path: string): Exchange | undefined => {
    const after = (used.get(path) ?? -1) + 1
    const fresh = exchanges.findIndex(
      (e, index) => index >= Math.max(at, after) && index < nextChange(at) && !changes(e) && e.path === path,
    )
    if (fresh >= 0) used.set(path, fresh)
    const known = used.get(path)
    return known === undefined ? undefined : exchanges[known]
  }
  const change = (method: string, path: string, sent: unknown, ifMatch: boolean): Exchange | undefined => {
    const index = nextChange(at)
    const exchange = exchanges[index]
    const same = exchange?.method === method && exchange.path === path && (exchange.ifMatch === true) === ifMatch
    if (!same || (sent !== undefined && !path.endsWith('/Sessions') && !isDeepStrictEqual(exchange.sent, sent))) return undefined
    at = index + 1
    return exchange
  }
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/' } = request
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const text = Buffer.concat(parts).toString()
    const found =
      method === 'GET'
        ? read(url)
        : change(method, url, text === '' ? undefined : JSON.parse(text), request.headers['if-match'] !== undefined)
    if (!found) wrong.push(`${method} ${url} ${text}`)
    response.writeHead(found?.status ?? 418, { 'content-type': 'application/json', ...found?.headers })
    response.end(found?.body === undefined ? '' : typeof found.body === 'string' ? found.body : JSON.stringify(found.body))
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What was asked that the transcript does not have. */
    wrong,
    /** Changes that nobody has asked for yet. */
    left: () => exchanges.slice(at).filter(changes),
    stop: async () => {
      server.closeAllConnections()
      await new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
}
