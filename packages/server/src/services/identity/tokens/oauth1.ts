import { createHmac } from 'node:crypto'
import { same } from './ec2.ts'

/** A request as it was signed by OAuth 1.0a (RFC 5849). */
export interface OAuthRequest {
  readonly method: string
  /** As the client called it, without the query. */
  readonly url: string
  /** Of the query, and of a form in the body. */
  readonly params: readonly (readonly [string, string])[]
  readonly authorization: string | undefined
}

/** What the header says, `realm` left out. */
export type OAuthParams = Readonly<Record<string, string>>

const ALGORITHMS: Readonly<Record<string, string>> = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256', 'HMAC-SHA512': 'sha512' }

/** Seconds that the client's clock and ours may differ. */
const SKEW = 600

/** Reads an `Authorization: OAuth …`; `undefined` for what is none, or says something twice. */
export const readOAuth = (header: string | undefined): OAuthParams | undefined => {
  const [, text] = /^OAuth +(.+)$/is.exec(header ?? '') ?? []
  if (text === undefined) return undefined
  const params = new Map<string, string>()
  for (const part of text.split(',')) {
    const [, key, value] = /^\s*([^=\s]+)="([^"]*)"\s*$/.exec(part) ?? []
    if (key === undefined || value === undefined) return undefined
    try {
      const name = decodeURIComponent(key)
      if (params.has(name)) return undefined
      if (name.toLowerCase() !== 'realm') params.set(name, decodeURIComponent(value))
    } catch {
      return undefined
    }
  }
  return Object.fromEntries(params)
}

/** Whether it was signed just now with these secrets. */
export const isSigned = (
  request: OAuthRequest,
  oauth: OAuthParams,
  secrets: readonly [consumer: string, token: string],
  millis: number,
): boolean => {
  const algorithm = ALGORITHMS[oauth['oauth_signature_method'] ?? '']
  const { oauth_timestamp: at = '', oauth_nonce: nonce, oauth_version: version = '1.0' } = oauth
  if (algorithm === undefined || version !== '1.0' || !nonce || !/^\d{1,12}$/.test(at)) return false
  if (Math.abs(millis / 1000 - Number(at)) > SKEW) return false
  const made = createHmac(algorithm, secrets.map(quote).join('&')).update(baseString(request, oauth)).digest('base64')
  return same(made, oauth['oauth_signature'] ?? '')
}

/** RFC 5849, 3.4.1. */
const baseString = ({ method, url, params }: OAuthRequest, oauth: OAuthParams): string => {
  const all = [...params, ...Object.entries(oauth)].filter(([key]) => key !== 'oauth_signature')
  const pairs = all.map(([key, value]) => [quote(key), quote(value)] as const)
  pairs.sort(([k1, v1], [k2, v2]) => order(k1, k2) || order(v1, v2))
  // A URL writes its host in small letters and leaves the usual port out, as is wanted here.
  const { protocol, host, pathname } = new URL(url)
  return [method.toUpperCase(), `${protocol}//${host}${pathname}`, pairs.map(pair => pair.join('=')).join('&')].map(quote).join('&')
}

const quote = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
