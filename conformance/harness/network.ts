import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A stand-in for the network service: what a test of another service makes there, it finds there again, and that is all. */
export interface NetworkStandIn {
  readonly url: string
  stop(): Promise<void>
}

const KINDS = ['network', 'port'] as const

/**
 * Answers for networks and ports as Neutron v2.0 does: create, show, list, delete, with a token of any kind. It wires nothing and
 * judges nobody: what is tested beside it must not be what it does.
 */
export const startNetworkStandIn = async (): Promise<NetworkStandIn> => {
  const rows = new Map<string, Map<string, object>>(KINDS.map(kind => [kind, new Map()]))
  const server = createServer(async (request, reply) => {
    const answer = (status: number, body?: object) => {
      reply.writeHead(status, { 'content-type': 'application/json' })
      reply.end(body && JSON.stringify(body))
    }
    const [, collection, id] = /^\/v2\.0\/(\w+)(?:\/([\w-]+))?(?:\.json)?(?:\?|$)/.exec(request.url ?? '') ?? []
    const kind = KINDS.find(name => `${name}s` === collection)
    if (!request.headers['x-auth-token']) return answer(401, { error: { message: 'Authentication required' } })
    if (kind === undefined)
      return answer(404, { NeutronError: { type: 'HTTPNotFound', message: 'There is no such resource here.', detail: '' } })
    const there = rows.get(kind)!
    if (request.method === 'POST' && id === undefined) {
      const row = { ...(await bodyOf(request))[kind], id: randomUUID(), status: 'ACTIVE' }
      there.set(row.id, row)
      return answer(201, { [kind]: row })
    }
    if (request.method === 'GET' && id === undefined) return answer(200, { [`${kind}s`]: [...there.values()] })
    const row = there.get(id ?? '')
    if (!row) return answer(404, { NeutronError: { type: `${kind}NotFound`, message: `${kind} ${id} could not be found.`, detail: '' } })
    if (request.method === 'GET') return answer(200, { [kind]: row })
    if (request.method !== 'DELETE') return answer(405)
    there.delete(id!)
    return answer(204)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const bodyOf = async (request: IncomingMessage): Promise<any> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return JSON.parse(Buffer.concat(parts).toString())
}
