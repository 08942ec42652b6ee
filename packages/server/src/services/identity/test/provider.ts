import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** An OpenID Connect provider for tests: signs with a key of its own, lets everybody in whom a test names. */
export interface Provider {
  readonly issuer: string
  /** Who logs in next in a browser or by a device. */
  person: JWTPayload
  /** An access token that is a JWT; `changes` over what it says, `key` instead of the published one. */
  jwt(claims: JWTPayload, how?: { readonly foreignKey?: boolean; readonly expires?: number; readonly algorithm?: string }): Promise<string>
  /** An access token that only the provider can read. */
  opaque(claims: Record<string, unknown>): string
  /** Requests that came, by path. */
  readonly asked: string[]
  /** Makes it answer nothing but errors. */
  broken: boolean
  close(): Promise<void>
}

export const CLIENT = { id: 'esi', secret: 'client secret' }

export const startProvider = async (): Promise<Provider> => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const foreign = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, { challenge: string | null; nonce: string | null; redirect: string; person: JWTPayload }>()
  const opaque = new Map<string, Record<string, unknown>>()
  const devices = new Map<string, { polls: number; person: JWTPayload }>()
  const asked: string[] = []

  const sign = (claims: JWTPayload, expires: number, key = privateKey) =>
    new SignJWT({ iss: issuer(), aud: CLIENT.id, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + expires)
      .sign(key)

  const form = async (request: IncomingMessage): Promise<URLSearchParams> => {
    let text = ''
    for await (const chunk of request) text += chunk
    return new URLSearchParams(text)
  }

  const isClient = (request: IncomingMessage): boolean =>
    request.headers.authorization ===
    `Basic ${Buffer.from(`${CLIENT.id}:${encodeURIComponent(CLIENT.secret).replaceAll('%20', '+')}`).toString('base64')}`

  const answer = async (request: IncomingMessage): Promise<[status: number, body: object, headers?: Record<string, string>]> => {
    const url = new URL(request.url!, issuer())
    asked.push(url.pathname)
    if (provider.broken) return [500, { error: 'broken' }]
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return [
          200,
          {
            issuer: issuer(),
            authorization_endpoint: `${issuer()}/authorize`,
            token_endpoint: `${issuer()}/token`,
            device_authorization_endpoint: `${issuer()}/device`,
            introspection_endpoint: `${issuer()}/introspect`,
            userinfo_endpoint: `${issuer()}/userinfo`,
            jwks_uri: `${issuer()}/jwks`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
          },
        ]
      case '/jwks':
        return [200, { keys: [jwk] }]
      case '/authorize': {
        const q = url.searchParams
        const code = randomUUID()
        const redirect = q.get('redirect_uri')!
        codes.set(code, { challenge: q.get('code_challenge'), nonce: q.get('nonce'), redirect, person: provider.person })
        const back = new URL(redirect)
        back.searchParams.set('code', code)
        back.searchParams.set('state', q.get('state')!)
        return [302, {}, { location: back.href }]
      }
      case '/device': {
        const code = randomUUID()
        devices.set(code, { polls: 0, person: provider.person })
        return [
          200,
          { device_code: code, user_code: 'ABCD-EFGH', verification_uri: `${issuer()}/activate`, expires_in: 60, interval: 0.01 },
        ]
      }
      case '/token': {
        const given = await form(request)
        if (given.get('grant_type') === 'urn:ietf:params:oauth:grant-type:device_code') {
          const device = devices.get(given.get('device_code') ?? '')
          if (!device) return [400, { error: 'invalid_grant' }]
          if (device.polls++ === 0) return [400, { error: 'authorization_pending' }]
          return [200, { access_token: await sign({ ...device.person, azp: CLIENT.id }, 60), token_type: 'Bearer' }]
        }
        if (!isClient(request)) return [401, { error: 'invalid_client' }]
        const grant = codes.get(given.get('code') ?? '')
        codes.delete(given.get('code') ?? '')
        const challenge = createHash('sha256')
          .update(given.get('code_verifier') ?? '')
          .digest('base64url')
        if (!grant || grant.challenge !== challenge || grant.redirect !== given.get('redirect_uri'))
          return [400, { error: 'invalid_grant' }]
        const id = await sign({ ...grant.person, nonce: grant.nonce }, 60)
        return [200, { access_token: provider.opaque({ ...grant.person }), token_type: 'Bearer', id_token: id, expires_in: 60 }]
      }
      case '/introspect': {
        if (!isClient(request)) return [401, { error: 'invalid_client' }]
        const told = opaque.get((await form(request)).get('token') ?? '')
        return [200, told ? { active: true, client_id: CLIENT.id, ...told } : { active: false }]
      }
      case '/userinfo': {
        const bearer = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
        const told = opaque.get(bearer)
        if (told) return [200, { ...told, department: 'physics' }]
        const [, payload] = bearer.split('.')
        return [200, { ...JSON.parse(Buffer.from(payload!, 'base64url').toString()), department: 'physics' }]
      }
      default:
        return [404, {}]
    }
  }

  const server = createServer((request, response) => {
    void answer(request).then(([status, body, headers = {}]) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const issuer = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const provider: Provider = {
    issuer: issuer(),
    person: { sub: 'nobody' },
    asked,
    broken: false,
    async jwt(claims, { foreignKey = false, expires = 60, algorithm } = {}) {
      const token = await sign(claims, expires, foreignKey ? foreign.privateKey : privateKey)
      if (algorithm === undefined) return token
      const [, payload] = token.split('.')
      return `${Buffer.from(JSON.stringify({ alg: algorithm })).toString('base64url')}.${payload}.`
    },
    opaque(claims) {
      const token = randomUUID()
      opaque.set(token, claims)
      return token
    },
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return provider
}
