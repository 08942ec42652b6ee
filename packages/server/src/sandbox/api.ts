import type { FastifyInstance } from 'fastify'

/** The sandbox is furnished through the same API that everybody uses, without the network. */
export class Api {
  readonly #app: FastifyInstance
  #token: string | undefined
  constructor(app: FastifyInstance) {
    this.#app = app
  }

  async login(user: string, password: string, project: string): Promise<void> {
    const domain = { id: 'default' }
    const reply = await this.#send('POST', '/identity/v3/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    })
    this.#token = reply.headers['x-subject-token'] as string
  }

  async call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<any> {
    const reply = await this.#send(method, path, body)
    return reply.body === '' ? undefined : JSON.parse(reply.body)
  }

  /** The first of a list that has this name. */
  async named(path: string, plural: string, name: string): Promise<any> {
    const answer = await this.call('GET', `${path}?name=${encodeURIComponent(name)}`)
    return answer[plural].find((each: { name: string }) => each.name === name)
  }

  async #send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: unknown) {
    const reply = await this.#app.inject({
      method,
      url: path,
      headers: {
        'x-openstack-ironic-api-version': 'latest',
        ...(this.#token ? { 'x-auth-token': this.#token } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    if (reply.statusCode >= 300)
      throw new Error(`The sandbox could not be furnished: ${method} ${path} was answered ${reply.statusCode}: ${reply.body.slice(0, 300)}`)
    return reply
  }
}
