import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { isObject } from '@esi/api/types'

/** A request that somebody signed with an EC2 secret, as the one who received it passes it on. */
export interface SignedRequest {
  readonly access: string
  readonly signature: string
  readonly params: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly verb: string
  readonly host: string
  readonly path: string
  readonly bodyHash: string
}

/** Reads it from a body; `undefined` for what is none. */
export const readSigned = (given: unknown): SignedRequest | undefined => {
  if (!isObject(given)) return undefined
  const text = (key: string): string => (typeof given[key] === 'string' ? given[key] : '')
  const texts = (value: unknown): Record<string, string> =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([k, v]) => (typeof v === 'string' || typeof v === 'number' ? [[k, String(v)]] : [])),
        )
      : {}
  if (text('access') === '' || text('signature') === '') return undefined
  return {
    access: text('access'),
    signature: text('signature'),
    params: texts(given['params']),
    headers: texts(given['headers']),
    verb: text('verb'),
    host: text('host'),
    path: text('path'),
    bodyHash: text('body_hash'),
  }
}

/** Whether the signature is that secret's: versions 0, 1, 2 and 4, with the port of the host or without. Source: keystoneclient's Ec2Signer. */
export const isSignedBy = (request: SignedRequest, secret: string): boolean => {
  const hosts = request.host.includes(':') ? [request.host, request.host.replace(/:\d*$/, '')] : [request.host]
  return hosts.some(host => {
    const made = sign({ ...request, host }, secret)
    return made !== undefined && same(made, request.signature)
  })
}

/** When it was signed, as it says; `undefined` where it does not. */
export const signedAt = ({ params, headers }: SignedRequest): string | undefined =>
  params['Timestamp'] ?? header(headers, 'x-amz-date') ?? params['X-Amz-Date']

const sign = (request: SignedRequest, secret: string): string | undefined => {
  const { params } = request
  switch (params['SignatureVersion']) {
    case '0':
      return hmac('sha1', secret, `${params['Action'] ?? ''}${params['Timestamp'] ?? ''}`).toString('base64')
    case '1': {
      const keys = Object.keys(params).sort((a, b) => order(a.toLowerCase(), b.toLowerCase()))
      return hmac('sha1', secret, keys.map(key => key + params[key]).join('')).toString('base64')
    }
    case '2': {
      const query = queryOf({ ...params, SignatureMethod: 'HmacSHA256' })
      return hmac('sha256', secret, `${request.verb}\n${request.host}\n${request.path}\n${query}`).toString('base64')
    }
    case undefined:
      return fourth(request, secret)
    default:
      return undefined
  }
}

const fourth = ({ params, headers, verb, path, bodyHash }: SignedRequest, secret: string): string | undefined => {
  const authorization = header(headers, 'authorization')
  if (!authorization?.startsWith('AWS4-HMAC-SHA256') && params['X-Amz-Algorithm'] !== 'AWS4-HMAC-SHA256') return undefined
  const said = (name: string): string =>
    authorization === undefined ? (params[`X-Amz-${name}`] ?? '') : (new RegExp(`${name}=([^,]*)`).exec(authorization)?.[1] ?? '')
  const [, ...scope] = said('Credential').split('/')
  const [day = '', region = '', service = ''] = scope
  const date = header(headers, 'x-amz-date') ?? params['X-Amz-Date'] ?? ''
  if (day === '' || !date.startsWith(day)) return undefined
  const signed = said('SignedHeaders')
  const lines = signed.split(';').flatMap(name => {
    const value = header(headers, name)
    return value === undefined ? [] : [`${name}:${value.trim()}`]
  })
  const query = verb.toUpperCase() === 'POST' ? '' : queryOf(params)
  const canonical = [verb.toUpperCase(), path, query, `${lines.join('\n')}\n`, signed, bodyHash].join('\n')
  const digest = createHash('sha256').update(canonical).digest('hex')
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>((k, part) => hmac('sha256', k, part), `AWS4${secret}`)
  return hmac('sha256', key, ['AWS4-HMAC-SHA256', date, scope.join('/'), digest].join('\n')).toString('hex')
}

const header = (headers: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.entries(headers).find(([key]) => key.trim().toLowerCase() === name)?.[1]

const queryOf = (params: Readonly<Record<string, string>>): string =>
  Object.keys(params)
    .sort(order)
    .map(key => `${quote(key)}=${quote(params[key]!)}`)
    .join('&')

// Python's urllib.parse.quote.
const quote = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const hmac = (hash: string, key: string | Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()

/** Whether two texts are the same, without telling by time how far. */
export const same = (a: string, b: string): boolean => {
  const [one, two] = [Buffer.from(a), Buffer.from(b)]
  return one.length === two.length && timingSafeEqual(one, two)
}
