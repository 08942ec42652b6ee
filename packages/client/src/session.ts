import type { Dialect, WireReply } from '@esi/api/dialect'
import { ApiError } from './api-error.ts'
import type { Cloud, Credentials, Scope } from './clouds.ts'
import type { LoginHelp } from './oidc.ts'
import { type Incoming, type Transport, Unreachable } from './transport.ts'

export interface Token {
  readonly text: string
  readonly expires: string
  readonly catalog: readonly {
    readonly type: string
    readonly name: string
    readonly endpoints: readonly { readonly interface: string; readonly url: string; readonly region: string | null }[]
  }[]
  readonly user: { readonly id: string; readonly name: string }
  readonly project?: { readonly id: string; readonly name: string }
  readonly roles: readonly { readonly id: string; readonly name: string }[]
}

export interface Call {
  readonly method: string
  /** Below the service's address in the catalog: `/v1/nodes`. */
  readonly path: string
  readonly query?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly type?: string
  readonly signal?: AbortSignal
}

export interface Answer extends WireReply {
  readonly body: unknown
  readonly requestId: string | undefined
}

/** A login: finds services by the catalog and keeps its token, which it renews once it is refused or about to end. */
export class Session {
  readonly cloud: Cloud
  readonly #transport: Transport
  #token: Promise<Token> | undefined

  readonly help: LoginHelp | undefined
  /** Called with what a server says beside its answers, such as that nobody does at present what is asked of it. */
  warned: ((text: string) => void) | undefined

  constructor(cloud: Cloud, transport: Transport, help?: LoginHelp) {
    this.cloud = cloud
    this.help = help
    this.#transport = transport
  }

  /** The token, got at the first use. */
  token(): Promise<Token> {
    this.#token ??= this.#login().catch(e => {
      this.#token = undefined
      throw e
    })
    return this.#token
  }

  /** Where a service is: the catalog's public address, or the one that clouds.yaml puts in its place. */
  async endpoint(type: string): Promise<string> {
    const { auth, endpoints, region, interface: face = 'public' } = this.cloud
    if (endpoints[type]) return trim(endpoints[type])
    if (auth.kind === 'none') return trim(auth.endpoint)
    const { catalog } = await this.token()
    const found = catalog.find(entry => entry.type === type)?.endpoints.filter(e => !region || e.region === region)
    const url = (found?.find(e => e.interface === face) ?? found?.[0])?.url
    if (!url)
      throw new ApiError(
        404,
        `The catalog of ${this.cloud.authUrl} has no ${type} service${region ? ` in the region ${region}` : ''}.`,
        undefined,
        undefined,
      )
    return trim(url)
  }

  /** One call to a service; throws `ApiError` with the service's own words when it is refused. */
  async call(type: string, dialect: Dialect, call: Call): Promise<Answer> {
    const url = `${await this.endpoint(type)}${call.path}${call.query?.size ? `?${call.query}` : ''}`
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'User-Agent': 'esi',
      ...call.headers,
      ...(call.body === undefined ? {} : { 'Content-Type': call.type ?? 'application/json' }),
      // A POST that is sent twice, after a lost answer say, makes one thing.
      ...(call.method === 'POST' && !call.headers?.['Idempotency-Key'] ? { 'Idempotency-Key': globalThis.crypto.randomUUID() } : {}),
    }
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) }
    const signal = call.signal ? { signal: call.signal } : {}
    const send = async (): Promise<Incoming> => {
      const auth = this.cloud.auth.kind === 'none' ? {} : { 'X-Auth-Token': (await this.token()).text }
      return this.#transport({ method: call.method, url, headers: { ...headers, ...auth }, ...body, ...signal })
    }
    let incoming = await send().catch(e => {
      // The answer may be what was lost; a key (or a method that may be repeated) makes the second try safe.
      if (e instanceof Unreachable && call.method !== 'PATCH') return send()
      throw e
    })
    if (incoming.status === 401 && this.cloud.auth.kind !== 'token' && this.cloud.auth.kind !== 'none') {
      this.#token = undefined
      incoming = await send()
    }
    const warning = incoming.headers['esi-warning']
    if (warning !== undefined) this.warned?.(warning)
    return read(incoming, dialect)
  }

  async #login(): Promise<Token> {
    const base = trim(this.cloud.authUrl).replace(/\/v3$/, '')
    const { auth } = this.cloud
    if (auth.kind !== 'oidc') return this.#issue(base, auth)
    const { kept } = this.help ?? {}
    const known = kept?.read()
    const by = (text: string): Promise<Token> => this.#issue(base, { kind: 'token', token: text, scope: auth.scope })
    if (known && Date.parse(known.expires) > Date.now()) {
      try {
        return await by(known.text)
      } catch (e) {
        // Ended before its time.
        if (!(e instanceof ApiError) || (e.status !== 401 && e.status !== 404)) throw e
        kept?.forget()
      }
    }
    // Loaded only where it is needed: a command starts the sooner.
    const { federatedToken } = await import('./oidc.ts')
    const fresh = await federatedToken(auth, base, this.#transport, this.help)
    kept?.write(fresh)
    return by(fresh.text)
  }

  async #issue(base: string, auth: Credentials): Promise<Token> {
    const request = { auth: { identity: identity(auth), ...scoped(auth) } }
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' }
    const tokens = `${base}/v3/auth/tokens`
    let incoming = await this.#transport({ method: 'POST', url: tokens, headers, body: JSON.stringify(request) })
    // `http://host:port` alone works too: the identity service then is below /identity.
    if (incoming.status === 404 && new URL(base).pathname === '/')
      incoming = await this.#transport({ method: 'POST', url: `${base}/identity/v3/auth/tokens`, headers, body: JSON.stringify(request) })
    const body = json(incoming.text) as { token?: Record<string, any>; error?: { message?: string } } | undefined
    const text = incoming.headers['x-subject-token']
    if (incoming.status !== 201 || !text || !body?.token)
      throw new ApiError(
        incoming.status,
        `Login at ${base} was refused: ${body?.error?.message ?? `status ${incoming.status}`}`,
        incoming.headers['x-openstack-request-id'],
        body,
      )
    const { token } = body
    return {
      text,
      expires: token['expires_at'],
      catalog: token['catalog'] ?? [],
      user: token['user'],
      ...(token['project'] ? { project: token['project'] } : {}),
      roles: token['roles'] ?? [],
    }
  }
}

const trim = (url: string): string => url.replace(/\/+$/, '')

const json = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const read = (incoming: Incoming, dialect: Dialect): Answer => {
  const body = json(incoming.text)
  const requestId = incoming.headers['x-openstack-request-id']
  if (incoming.status >= 200 && incoming.status < 400) {
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([, v]) => v !== undefined)) as Record<string, string>
    return { status: incoming.status, headers, body, requestId }
  }
  throw new ApiError(incoming.status, dialect.client.message(body) ?? `The server answered ${incoming.status}.`, requestId, body)
}

const identity = (auth: Credentials): object => {
  switch (auth.kind) {
    case 'password': {
      const { user, password } = auth
      return {
        methods: ['password'],
        password: { user: { ...(user.id ? { id: user.id } : { name: user.name, domain: user.domain }), password } },
      }
    }
    case 'token':
      return { methods: ['token'], token: { id: auth.token } }
    case 'application credential':
      return {
        methods: ['application_credential'],
        application_credential: auth.id
          ? { id: auth.id, secret: auth.secret }
          : { name: auth.name, secret: auth.secret, user: { name: auth.user, domain: auth.domain } },
      }
    case 'oidc':
      throw new Error('a login at a provider becomes one by a token')
    case 'none':
      throw new Error('auth_type none has no login')
  }
}

const scoped = (auth: Credentials): object => {
  if (auth.kind !== 'password' && auth.kind !== 'token') return {}
  const { project, domain, system }: Scope = auth.scope
  if (system) return { scope: { system: { all: true } } }
  if (project) return { scope: { project: project.id ? { id: project.id } : { name: project.name, domain: project.domain } } }
  if (domain) return { scope: { domain } }
  return {}
}
