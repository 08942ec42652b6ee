import { createHmac } from 'node:crypto'
import type { Answer } from '../../../kit/testing/serve.ts'
import type { Site } from './site.ts'

/** A consumer, or what it was given: an id and a secret. */
export interface Keys {
  readonly id: string
  readonly secret: string
}

export interface SignedBy {
  readonly token?: Keys
  readonly more?: Readonly<Record<string, string>>
  /** Another URL than the one that is called. */
  readonly url?: string
}

let nonce = 0
const quote = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** A POST as a program signs it (RFC 5849, HMAC-SHA1). */
export const signed = (
  site: Site,
  path: string,
  consumer: Keys,
  { token, more = {}, url = `http://localhost/identity${path}` }: SignedBy = {},
) => {
  const params: Record<string, string> = {
    oauth_consumer_key: consumer.id,
    oauth_nonce: String(++nonce),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(site.clock.millis() / 1000)),
    oauth_version: '1.0',
    ...(token ? { oauth_token: token.id } : {}),
    ...more,
  }
  const pairs = Object.keys(params)
    .sort()
    .map(key => `${quote(key)}=${quote(params[key]!)}`)
    .join('&')
  const signature = createHmac('sha1', `${consumer.secret}&${token?.secret ?? ''}`)
    .update(['POST', url, pairs].map(quote).join('&'))
    .digest('base64')
  const all = Object.entries({ ...params, oauth_signature: signature })
  return { authorization: `OAuth ${all.map(([name, value]) => `${quote(name)}="${quote(value)}"`).join(', ')}` }
}

export const keysOf = (body: string): Keys & { readonly expires: string } => {
  const form = new URLSearchParams(body)
  return { id: form.get('oauth_token')!, secret: form.get('oauth_token_secret')!, expires: form.get('oauth_expires_at')! }
}

export const consumerOf = async (site: Site): Promise<Keys> => (await site.ask('POST', '/v3/OS-OAUTH1/consumers', {})).body.consumer

export const askFor = (
  site: Site,
  project: string,
  consumer: Keys,
  headers = signed(site, '/v3/OS-OAUTH1/request_token', consumer),
): Promise<Answer> =>
  site.request(undefined, 'POST', '/v3/OS-OAUTH1/request_token', undefined, { ...headers, 'requested-project-id': project })

export const collect = (site: Site, consumer: Keys, token: Keys, verifier: string): Promise<Answer> =>
  site.request(
    undefined,
    'POST',
    '/v3/OS-OAUTH1/access_token',
    undefined,
    signed(site, '/v3/OS-OAUTH1/access_token', consumer, { token, more: { oauth_verifier: verifier } }),
  )

/** An access token for roles that whoever has the token `by` lends in that project. */
export const lend = async (site: Site, by: string, project: string, roles: readonly object[]) => {
  const consumer = await consumerOf(site)
  const request = keysOf((await askFor(site, project, consumer)).body)
  const agreed = await site.request(by, 'PUT', `/v3/OS-OAUTH1/authorize/${request.id}`, { roles })
  if (agreed.status !== 200) throw new Error(`not lent: ${agreed.status} ${JSON.stringify(agreed.body)}`)
  const access = keysOf((await collect(site, consumer, request, agreed.body.token.oauth_verifier)).body)
  return { consumer, request, access }
}
