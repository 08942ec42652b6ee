import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { isIPv6 } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Seek, Sighting } from '../driver.ts'
import { isObject, type Json } from './resource.ts'
import { LEGACY } from './tls.ts'

const ROOT = '/redfish/v1/'
const BODY = 256 * 1024
// What servers and we say when there is no version or cipher that both would speak.
const NO_TLS = /^(ERR_SSL_(?!WRONG_VERSION|PACKET|HTTP)|ERR_TLS_|EPROTO)/

/**
 * Redfish as its service root shows it, which is open to everybody (DSP0266, 13.3). Who is at the other end is not judged, since nothing
 * secret is sent: what it shows is kept instead, and must be shown again when a password is sent.
 */
export const seek: Seek = {
  async at(host, port, signal) {
    const safe = await look(host, port, signal, false)
    return safe === 'other tls' ? settled(await look(host, port, signal, true)) : settled(safe)
  },
  as: (settings, username, password) => ({ ...settings, redfish_username: username, redfish_password: password }),
}

type Looked = Sighting | null | 'other tls'

const settled = (looked: Looked): Sighting | null => (looked === 'other tls' ? null : looked)

const look = (host: string, port: number | null, signal: AbortSignal, legacy: boolean): Promise<Looked> =>
  new Promise(resolve => {
    let shown: { readonly trusted: boolean; readonly sha256: string } | null = null
    const asked = request({
      host,
      port: port ?? 443,
      path: ROOT,
      headers: { accept: 'application/json' },
      rejectUnauthorized: false,
      agent: false,
      signal,
      ...(legacy ? LEGACY : { minVersion: 'TLSv1.2' as const }),
    })
    asked.on('socket', socket =>
      socket.on('secureConnect', () => {
        if (!(socket instanceof TLSSocket)) return
        const sha256 = socket.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase() ?? ''
        shown = { trusted: socket.authorized, sha256 }
      }),
    )
    // The signal's end comes as an error, too: whoever asked looks at it.
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(NO_TLS.test(error.code ?? '') ? 'other tls' : null))
    asked.on('response', response => {
      body(response).then(
        root => resolve(root !== null && shown !== null && isRoot(root) ? sighting(host, port, shown, legacy) : null),
        () => resolve(null),
      )
    })
    asked.end()
  })

const sighting = (host: string, port: number | null, shown: { trusted: boolean; sha256: string }, legacy: boolean): Sighting => {
  const certificate = shown.trusted ? null : `sha256:${shown.sha256}`
  const name = isIPv6(host) ? `[${host}]` : host
  return {
    settings: {
      redfish_address: `https://${name}${port === null || port === 443 ? '' : `:${port}`}`,
      ...(certificate === null ? {} : { redfish_verify_ca: certificate }),
      ...(legacy ? { redfish_tls: 'legacy' } : {}),
    },
    certificate,
    weak: legacy ? ['It speaks only versions of TLS that are no longer safe; its connection is as safe as its network.'] : [],
  }
}

const isRoot = (body: Json): boolean =>
  typeof body['RedfishVersion'] === 'string' || /#ServiceRoot\./.test(String(body['@odata.type'] ?? '')) || isObject(body['Systems'])

const body = async (response: IncomingMessage): Promise<Json | null> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY) return null
    chunks.push(chunk)
  }
  if (response.statusCode !== 200) return null
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return isObject(value) ? value : null
}
