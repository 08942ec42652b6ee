import { Agent, request } from 'undici'
import type { Server } from './server.ts'

export interface Answer {
  readonly status: number
  readonly body: any
  readonly headers: Readonly<Record<string, unknown>>
}

/** Somebody with a login, who may ask any of the servers. */
export interface Person {
  readonly name: string
  readonly project: string
  readonly token: string
  /** One try at one server; throws when the connection breaks. */
  ask(server: Server, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** The same, which must be answered with that status. */
  must(server: Server, status: number, method: string, path: string, body?: unknown): Promise<any>
}

// Rivals must not wait for each other on this side. `pipelining: 0` closes each connection: a killed server leaves none half open.
const agent = new Agent({ connections: null, headersTimeout: 60_000, bodyTimeout: 60_000, connect: { timeout: 30_000 } })

export const send = async (url: string, method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> => {
  const reply = await request(`${url}${path}`, {
    method: method as 'GET',
    dispatcher: agent,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.body.text()
  return { status: reply.statusCode, headers: reply.headers, body: text === '' ? undefined : read(text) }
}

const read = (text: string): any => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export const login = async (server: Server, name: string, password: string): Promise<Person> => {
  const domain = { id: 'default' }
  const auth = {
    identity: { methods: ['password'], password: { user: { name, domain, password } } },
    scope: { project: { name, domain } },
  }
  const reply = await send(server.url, 'POST', '/identity/v3/auth/tokens', { auth }, {})
  if (reply.status !== 201) throw new Error(`${name} could not log in: ${reply.status} ${JSON.stringify(reply.body)}`)
  const token = String(reply.headers['x-subject-token'])
  const ask: Person['ask'] = (at, method, path, body, headers = {}) =>
    send(at.url, method, path, body, { 'x-auth-token': token, 'x-openstack-ironic-api-version': 'latest', ...headers })
  return {
    name,
    project: reply.body.token.project.id,
    token,
    ask,
    async must(at, status, method, path, body) {
      const answer = await ask(at, method, path, body)
      if (answer.status !== status)
        throw new Error(`${name}: ${method} ${path} was answered ${answer.status} and not ${status}: ${JSON.stringify(answer.body)}`)
      return answer.body
    },
  }
}

/**
 * As our own client does it: the same request with the same key, at one server after the other, until somebody answers with something
 * else than "not now". Gives every answer that was no such thing, so that a wrong one in between is seen.
 */
export const insist = async (
  who: Person,
  servers: () => readonly Server[],
  method: string,
  path: string,
  body: unknown,
  limit = 100_000,
): Promise<Answer> => {
  const key = crypto.randomUUID()
  const late = performance.now() + limit
  for (let tries = 1; ; tries++) {
    const there = servers()
    const server = there[tries % Math.max(1, there.length)]
    try {
      if (!server) throw new Error('no server runs')
      const answer = await who.ask(server, method, path, body, { 'idempotency-key': key })
      if (answer.status !== 503) return answer
    } catch (e) {
      if (performance.now() > late) throw e
    }
    if (performance.now() > late) throw new Error(`nobody answered ${method} ${path} within ${limit} ms`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
