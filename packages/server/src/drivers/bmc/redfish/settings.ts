import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { BmcError, type Settings } from '../driver.ts'

/** Keys and meanings are those of Ironic's redfish hardware type; `redfish_tls` and the two last forms of `redfish_verify_ca` are ours. */
export const SETTINGS = {
  redfish_address: {
    doc: 'URL of the BMC, for example https://10.0.0.5. Without a scheme https is meant. A path, if any, is the service root instead of /redfish/v1/.',
    required: true,
  },
  redfish_system_id: {
    doc: 'Path of the system, for example /redfish/v1/Systems/1. Needed only where the BMC manages more than one.',
  },
  redfish_username: { doc: 'Account with the right to control power, boot and virtual media.' },
  redfish_password: { doc: 'Password of that account.', secret: true },
  redfish_verify_ca: {
    doc:
      "Whom to trust: true (the server's certificate authorities, default), false (anybody), the path of a file or folder with " +
      'certificates, certificates as PEM text, or sha256:… (the one certificate with that fingerprint).',
  },
  redfish_auth_type: { doc: 'basic, session, or auto (default): a session where there is one, else basic.' },
  redfish_tls: { doc: 'legacy: also speak TLS 1.0 and 1.1 and weak ciphers, for old machines. Default: what is safe today.' },
  redfish_ssh_fingerprint: {
    doc: "SHA256:… of the host key that the BMC's SSH shows, for its serial console. Without it the console says which it shows, and is not opened.",
  },
  redfish_ssh_port: { doc: "Port of the BMC's SSH. Default: as the BMC says." },
} as const

export type Trust =
  | { readonly by: 'system' }
  | { readonly by: 'nothing' }
  | { readonly by: 'path'; readonly path: string }
  | { readonly by: 'pem'; readonly pem: string }
  | { readonly by: 'fingerprint'; readonly sha256: string }

/** Settings, understood. */
export interface Target {
  /** `https://10.0.0.5:8443` */
  readonly origin: string
  /** Path of the service root, ends with a slash. */
  readonly root: string
  readonly system: string | null
  readonly username: string | null
  readonly password: string
  readonly trust: Trust
  readonly auth: 'auto' | 'basic' | 'session'
  readonly legacy: boolean
  /** `SHA256:…` */
  readonly hostKey: string | null
  readonly sshPort: number | null
  /** Same for all handles that may share a connection and a session, whichever the system. The password cannot be read from it. */
  readonly key: string
}

const wrong = (message: string): BmcError => new BmcError('settings', message)

export const parseSettings = (settings: Settings): Target => {
  const { origin, root } = address(settings['redfish_address'])
  const username = text(settings, 'redfish_username') || null
  const password = text(settings, 'redfish_password')
  if (password && username === null) throw wrong('redfish_password is set but redfish_username is not. Set both, or neither.')
  // A colon would end the name in basic authentication, and the rest would be sent as part of the password.
  if (username?.includes(':')) throw wrong('redfish_username must not hold a colon.')
  const auth = choice(settings, 'redfish_auth_type', ['auto', 'basic', 'session'] as const) ?? 'auto'
  const legacy = choice(settings, 'redfish_tls', ['legacy'] as const) === 'legacy'
  const trust = verify(settings['redfish_verify_ca'])
  const key = createHash('sha256')
    .update(JSON.stringify([origin, root, username, password, auth, legacy, trust]))
    .digest('hex')
  return {
    ...{ origin, root, system: system(settings), username, password, trust, auth, legacy, key },
    hostKey: hostKey(settings),
    sshPort: port(settings),
  }
}

const text = (settings: Settings, key: string): string => {
  const value = settings[key]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw wrong(`${key} must be a text.`)
  return value
}

const choice = <T extends string>(settings: Settings, key: string, values: readonly T[]): T | undefined => {
  const value = text(settings, key).trim()
  if (value === '') return undefined
  const found = values.find(v => v === value.toLowerCase())
  if (found === undefined) throw wrong(`${key} must be ${values.join(' or ')}, not "${value.slice(0, 40)}".`)
  return found
}

const address = (value: unknown): { origin: string; root: string } => {
  if (value === undefined || value === null || value === '')
    throw wrong('redfish_address is missing. Set it to the URL of the BMC, for example https://10.0.0.5.')
  if (typeof value !== 'string') throw wrong('redfish_address must be a text, for example https://10.0.0.5.')
  const trimmed = value.trim()
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${bracketed(trimmed)}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (!url || url.hostname === '' || !/^https?:$/.test(url.protocol))
    throw wrong('redfish_address is not an address of a BMC. It looks like https://10.0.0.5 or https://[fd00::5]:8443.')
  if (url.username || url.password)
    throw wrong('redfish_address must not hold a user name or password. Use redfish_username and redfish_password.')
  if (url.search || url.hash) throw wrong('redfish_address must not have a query or a fragment.')
  const root = url.pathname === '/' ? '/redfish/v1/' : `${url.pathname.replace(/\/+$/, '')}/`
  return { origin: url.origin, root }
}

/** A bare IPv6 address gets its brackets. */
const bracketed = (host: string): string => (/^[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*$/i.test(host) ? `[${host}]` : host)

const system = (settings: Settings): string | null => {
  const value = text(settings, 'redfish_system_id').trim()
  if (value === '') return null
  if (!/^[\x21-\x7e]+$/.test(value) || /[?#\\]/.test(value) || value.split('/').includes('..'))
    throw wrong('redfish_system_id must be the path of a system, for example /redfish/v1/Systems/1.')
  return value
}

const hostKey = (settings: Settings): string | null => {
  const value = text(settings, 'redfish_ssh_fingerprint').trim().replace(/=+$/, '')
  if (value === '') return null
  if (!/^SHA256:[A-Za-z0-9+/]{43}$/.test(value))
    throw wrong('redfish_ssh_fingerprint is SHA256: and 43 characters, as ssh-keygen -lf shows it.')
  return value
}

const port = (settings: Settings): number | null => {
  const value = settings['redfish_ssh_port']
  if (value === undefined || value === null || value === '') return null
  const number = typeof value === 'string' && /^\d{1,5}$/.test(value.trim()) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 65_535)
    throw wrong('redfish_ssh_port must be a port, from 1 to 65535.')
  return number
}

const TRUE = /^(true|yes|on|1|t|y)$/i
const FALSE = /^(false|no|off|0|f|n)$/i

const verify = (value: unknown): Trust => {
  if (value === undefined || value === null || value === true || value === '') return { by: 'system' }
  if (value === false) return { by: 'nothing' }
  if (typeof value !== 'string') throw wrong(VERIFY)
  const trimmed = value.trim()
  if (TRUE.test(trimmed)) return { by: 'system' }
  if (FALSE.test(trimmed)) return { by: 'nothing' }
  if (/^sha-?256:/i.test(trimmed)) {
    const digits = trimmed
      .replace(/^sha-?256:/i, '')
      .replaceAll(':', '')
      .trim()
      .toLowerCase()
    if (!/^[0-9a-f]{64}$/.test(digits)) throw wrong('redfish_verify_ca: a fingerprint is sha256: and 64 hexadecimal digits.')
    return { by: 'fingerprint', sha256: digits }
  }
  if (trimmed.includes('-----BEGIN CERTIFICATE-----')) {
    if (!trimmed.includes('-----END CERTIFICATE-----')) throw wrong('redfish_verify_ca holds a certificate that is cut off.')
    return { by: 'pem', pem: trimmed }
  }
  if (!trimmed.startsWith('/')) throw wrong(VERIFY)
  if (!statSync(trimmed, { throwIfNoEntry: false })) throw wrong('redfish_verify_ca names a file that does not exist on the server.')
  return { by: 'path', path: trimmed }
}

const VERIFY =
  'redfish_verify_ca must be true, false, the absolute path of a file or folder with certificates, PEM text, or sha256: and a fingerprint.'
