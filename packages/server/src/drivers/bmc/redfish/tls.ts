import { constants } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { isIP, type Socket } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import { BmcError } from '../driver.ts'
import type { Target, Trust } from './settings.ts'

/** The connection was never made, so nothing was asked and nothing can have been done. */
export class NotConnected extends Error {
  readonly fault: BmcError
  constructor(fault: BmcError) {
    super(fault.message)
    this.fault = fault
  }
}

/** Opens connections to one BMC, and hands them over only once the other end has proved who it is. */
export const connector = (target: Target, connect: number): buildConnector.connector => {
  const open = buildConnector({
    timeout: connect,
    // A resumed session shows no certificate, so each connection makes a whole handshake.
    maxCachedSessions: 0,
    // Judged below instead, where the certificate can still be shown to the person who must decide about it.
    rejectUnauthorized: false,
    ...authorities(target.trust),
    ...(target.legacy ? LEGACY : { minVersion: 'TLSv1.2' as const }),
  })
  return (options, done) => {
    open(options, (error, socket) => {
      if (error !== null || !socket) return done(new NotConnected(noConnection(target, error as NodeJS.ErrnoException | null)), null)
      const fault = socket instanceof TLSSocket ? distrust(target, socket) : null
      if (fault === null) return done(null, socket as Socket)
      socket.on('error', () => undefined).destroy()
      done(new NotConnected(fault), null)
    })
  }
}

export const LEGACY = {
  minVersion: 'TLSv1' as const,
  ciphers: 'ALL:!aNULL:!eNULL:@SECLEVEL=0',
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
}

const authorities = (trust: Trust): { ca?: string[] } => {
  if (trust.by === 'pem') return { ca: [trust.pem] }
  if (trust.by !== 'path') return {}
  try {
    const files = statSync(trust.path).isDirectory() ? readdirSync(trust.path).map(name => join(trust.path, name)) : [trust.path]
    const ca = files
      .filter(file => statSync(file).isFile())
      .map(file => readFileSync(file, 'utf8'))
      .filter(text => text.includes('-----BEGIN CERTIFICATE-----'))
    if (ca.length > 0) return { ca }
  } catch {
    // Falls through to the same sentence: what exactly is on the server's disk is nobody's business.
  }
  throw new BmcError('settings', 'redfish_verify_ca names a file or folder in which the server can read no certificate.')
}

const distrust = (target: Target, socket: TLSSocket): BmcError | null => {
  const { trust, origin } = target
  if (trust.by === 'nothing') return null
  const shown = socket.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase() ?? ''
  if (trust.by === 'fingerprint') {
    if (shown === trust.sha256) return null
    const message =
      `The BMC at ${origin} shows another certificate (sha256:${shown}) than the one that redfish_verify_ca names. ` +
      'If its certificate was renewed, set redfish_verify_ca to the new fingerprint; if not, somebody may be in between.'
    return new BmcError('certificate', message)
  }
  if (socket.authorized) return null
  const why = String(socket.authorizationError ?? 'unknown')
  const message =
    `The certificate of the BMC at ${origin} is not trusted (${WHY[why] ?? why}). Set redfish_verify_ca to the certificate authority ` +
    `that signed it, or, if its fingerprint is the one that the BMC itself shows, to sha256:${shown}.`
  return new BmcError('certificate', message)
}

const WHY: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signed it itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known here',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet, or a clock is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name or address',
}

const noConnection = (target: Target, error: NodeJS.ErrnoException | null): BmcError => {
  const { origin } = target
  const code = error?.code ?? ''
  const cause = { cause: error }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code))
    return new BmcError('settings', `What answers at ${origin} does not speak TLS. Correct port or scheme in redfish_address.`, cause)
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) {
    const advice = target.legacy
      ? 'Update its firmware.'
      : 'If it is old and cannot be updated, set redfish_tls to legacy; its connection is then only as safe as its network.'
    return new BmcError('certificate', `The BMC at ${origin} and the server agree on no safe version of TLS (${code}). ${advice}`, cause)
  }
  return new BmcError('unreachable', `The BMC at ${origin} cannot be reached: ${reach(target, code)}.`, cause)
}

const reach = (target: Target, code: string): string => {
  const host = new URL(target.origin).hostname.replace(/^\[|\]$/g, '')
  if (/^(ENOTFOUND|EAI_)/.test(code)) return `the name ${host} is not known; correct redfish_address or the name service`
  if (code === 'ECONNREFUSED') return 'it refuses connections there; check the port in redfish_address and that its web service is on'
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'nothing answers; check that it has power and that its network is reachable from here'
  if (/UNREACH/.test(code)) return `there is no route to ${isIP(host) ? 'that address' : host}; check its network`
  return `the connection broke${code === '' ? '' : ` (${code})`}; check its network`
}
