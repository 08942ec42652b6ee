import { ApiError } from './api-error.ts'
import type { OidcCredentials } from './clouds.ts'
import type { Incoming, Transport } from './transport.ts'

/** What a login may need of whoever asked for it. */
export interface LoginHelp {
  /** Tells a person what to do, and where. */
  tell(text: string): void
  /** Keeps a token over several runs, so that a person need not log in for each. */
  readonly kept?: { read(): KeptToken | undefined; write(token: KeptToken): void; forget(): void }
  readonly signal?: AbortSignal
}

export interface KeptToken {
  readonly text: string
  /** ISO 8601. */
  readonly expires: string
}

/** An unscoped token of the identity service at `base`, by the provider that knows the user. */
export const federatedToken = async (
  auth: OidcCredentials,
  base: string,
  transport: Transport,
  help: LoginHelp | undefined,
): Promise<KeptToken> => {
  const bearer = 'accessToken' in auth.by ? auth.by.accessToken : await byDevice(auth.by, transport, help)
  const path = `/v3/OS-FEDERATION/identity_providers/${encodeURIComponent(auth.provider)}/protocols/${encodeURIComponent(auth.protocol)}/auth`
  const incoming = await transport({
    method: 'POST',
    url: `${base}${path}`,
    headers: { Accept: 'application/json', Authorization: `Bearer ${bearer}` },
  })
  const body = json(incoming)
  const text = incoming.headers['x-subject-token']
  const token = body['token'] as { expires_at: string } | undefined
  if (incoming.status !== 201 || !text || !token)
    throw new ApiError(
      incoming.status,
      `Login at ${base} by the identity provider ${auth.provider} was refused: ${String((body['error'] as { message?: string } | undefined)?.message ?? `status ${incoming.status}`)}`,
      incoming.headers['x-openstack-request-id'],
      body,
    )
  return { text, expires: token.expires_at }
}

type Device = Exclude<OidcCredentials['by'], { accessToken: string }>

/** The device flow (RFC 8628): a person confirms in a browser, anywhere; gives the provider's access token. */
const byDevice = async (by: Device, transport: Transport, help: LoginHelp | undefined): Promise<string> => {
  if (!help) throw new Error('To log in at an identity provider somebody must be told where to go.')
  const provider = json(await transport({ method: 'GET', url: by.discovery, headers: { Accept: 'application/json' } }))
  const { device_authorization_endpoint: start, token_endpoint: end } = provider
  if (typeof start !== 'string' || typeof end !== 'string')
    throw new ApiError(501, `The identity provider at ${by.discovery} knows no login by another device.`, undefined, provider)
  const client: Record<string, string> = { client_id: by.clientId, ...(by.clientSecret ? { client_secret: by.clientSecret } : {}) }
  const begun = await post(transport, start, { ...client, scope: by.scope })
  const { device_code: code, user_code: word, verification_uri: where, verification_uri_complete: whole } = begun.body
  if (begun.status !== 200 || typeof code !== 'string') throw refused(begun)
  help.tell(`To log in, open ${String(whole ?? where)} in a browser and confirm the code ${String(word)}.`)

  const ends = Date.now() + Number(begun.body['expires_in'] ?? 600) * 1000
  let pause = Number(begun.body['interval'] ?? 5) * 1000
  while (Date.now() < ends) {
    await sleep(pause, help.signal)
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: code }
    const answer = await post(transport, end, { ...client, ...grant })
    if (answer.status === 200 && typeof answer.body['access_token'] === 'string') return answer.body['access_token']
    if (answer.body['error'] === 'slow_down') pause += 5000
    else if (answer.body['error'] !== 'authorization_pending') throw refused(answer)
  }
  throw new ApiError(401, 'Nobody confirmed the code in time.', undefined, undefined)
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

const post = async (transport: Transport, url: string, form: Record<string, string>): Promise<Answer> => {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' }
  const incoming = await transport({ method: 'POST', url, headers, body: new URLSearchParams(form).toString() })
  return { status: incoming.status, body: json(incoming) }
}

const refused = ({ status, body }: Answer): ApiError =>
  new ApiError(
    status,
    `The identity provider refused the login: ${String(body['error_description'] ?? body['error'] ?? `status ${status}`)}`,
    undefined,
    body,
  )

const json = (incoming: Incoming): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(incoming.text)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const sleep = (millis: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, millis)
    signal?.addEventListener('abort', stop, { once: true })
  })
