import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { BmcError, type Settings } from '../driver.ts'

/** Keys and meanings are those of Ironic's ipmi hardware type; `ipmi_boot_mode` is ours. */
export const SETTINGS = {
  ipmi_address: { doc: 'Address or name of the BMC, for example 10.0.0.5.', required: true },
  ipmi_port: { doc: 'Its UDP port. Default: 623.' },
  ipmi_username: { doc: 'Account with the right to control power and boot. At most 16 bytes. Without it: the nameless account.' },
  ipmi_password: { doc: 'Password of that account. At most 20 bytes, 16 with version 1.5.', secret: true },
  ipmi_priv_level: { doc: 'ADMINISTRATOR (default), OPERATOR, USER or CALLBACK: the rights to ask for.' },
  ipmi_cipher_suite: {
    doc: 'How the session is protected: 17 or 3, or another that the BMC has. Without it: 17 (SHA-256), and 3 (SHA-1) where the BMC lacks 17.',
  },
  ipmi_protocol_version: { doc: '2.0 (default), or 1.5 for machines that know nothing else; its sessions are not encrypted.' },
  ipmi_hex_kg_key: { doc: "The BMC's key Kg, as 40 hexadecimal digits, where two keys are needed to log in.", secret: true },
  ipmi_boot_mode: { doc: 'uefi (default) or bios: how the machine boots from the device that it is told to.' },
  ipmi_disable_boot_timeout: {
    doc: 'Whether the BMC is asked not to forget the boot device after 60 s, which would be too soon for a slow start. Default: true.',
  },
} as const

/** Settings, understood. */
export interface Target {
  readonly host: string
  readonly port: number
  /** How it is called to a person: `10.0.0.5` or `10.0.0.5:9001`. */
  readonly name: string
  readonly username: string
  readonly password: string
  readonly privilege: string
  /** null: the best that it has. */
  readonly cipher: number | null
  readonly interface: 'lanplus' | 'lan'
  readonly kg: Buffer | null
  readonly efi: boolean
  readonly keepBootDevice: boolean
  /** Same for all handles with the same settings. The password cannot be read from it. */
  readonly key: string
}

const wrong = (message: string): BmcError => new BmcError('settings', message)

export const parseSettings = (settings: Settings): Target => {
  const host = address(settings)
  const port = integer(settings, 'ipmi_port', 1, 65_535) ?? 623
  const version = choice(settings, 'ipmi_protocol_version', ['2.0', '1.5'] as const) ?? '2.0'
  const username = short(settings, 'ipmi_username', 16)
  const password = short(settings, 'ipmi_password', version === '1.5' ? 16 : 20)
  const privilege = choice(settings, 'ipmi_priv_level', LEVELS) ?? 'ADMINISTRATOR'
  const cipher = integer(settings, 'ipmi_cipher_suite', 0, 255)
  const kg = kgKey(settings)
  if (version === '1.5' && cipher !== null)
    throw wrong('ipmi_cipher_suite belongs to version 2.0. Leave it away with ipmi_protocol_version 1.5.')
  const efi = choice(settings, 'ipmi_boot_mode', ['uefi', 'bios'] as const) !== 'bios'
  const keep = flag(settings, 'ipmi_disable_boot_timeout') ?? true
  const key = createHash('sha256')
    .update(JSON.stringify([host, port, version, username, password, privilege, cipher, kg?.toString('hex'), efi, keep]))
    .digest('hex')
  return {
    host,
    port,
    name: port === 623 ? host : `${isIPv6(host) ? `[${host}]` : host}:${port}`,
    username,
    password,
    privilege,
    cipher,
    interface: version === '1.5' ? 'lan' : 'lanplus',
    kg,
    efi,
    keepBootDevice: keep,
    key,
  }
}

const LEVELS = ['ADMINISTRATOR', 'OPERATOR', 'USER', 'CALLBACK'] as const

const text = (settings: Settings, key: string): string => {
  const value = settings[key]
  if (value === undefined || value === null) return ''
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'string') throw wrong(`${key} must be a text.`)
  if (value.includes('\0')) throw wrong(`${key} must not hold a zero byte.`)
  return value
}

const address = (settings: Settings): string => {
  const host = text(settings, 'ipmi_address')
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
  if (host === '') throw wrong('ipmi_address is missing. Set it to the address of the BMC, for example 10.0.0.5.')
  if (!isIPv6(host) && !/^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$/i.test(host))
    throw wrong('ipmi_address is not an address or name. It looks like 10.0.0.5, fd00::5 or bmc5.example; the port goes into ipmi_port.')
  return host
}

const integer = (settings: Settings, key: string, from: number, to: number): number | null => {
  const given = text(settings, key).trim()
  if (given === '') return null
  const value = /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN
  if (!(value >= from && value <= to)) throw wrong(`${key} must be a whole number from ${from} to ${to}, not "${given.slice(0, 40)}".`)
  return value
}

const choice = <T extends string>(settings: Settings, key: string, values: readonly T[]): T | undefined => {
  const given = text(settings, key).trim()
  if (given === '') return undefined
  // 2.0 may have come as the number 2.
  const found = values.find(value => value.toLowerCase() === given.toLowerCase() || value === `${given}.0`)
  if (found === undefined) throw wrong(`${key} must be ${values.join(' or ')}, not "${given.slice(0, 40)}".`)
  return found
}

const flag = (settings: Settings, key: string): boolean | undefined => {
  if (typeof settings[key] === 'boolean') return settings[key]
  const given = text(settings, key).trim()
  if (given === '') return undefined
  if (/^(true|yes|on|1|t|y)$/i.test(given)) return true
  if (/^(false|no|off|0|f|n)$/i.test(given)) return false
  throw wrong(`${key} must be true or false, not "${given.slice(0, 40)}".`)
}

/** IPMI has fields of that many bytes; what is longer would be cut off and refused. */
const short = (settings: Settings, key: string, most: number): string => {
  const value = text(settings, key)
  if (Buffer.byteLength(value) > most)
    throw wrong(`${key} is longer than the ${most} bytes that IPMI has for it. Set a shorter one on the BMC and here.`)
  return value
}

const kgKey = (settings: Settings): Buffer | null => {
  const given = text(settings, 'ipmi_hex_kg_key').trim()
  if (given === '') return null
  if (!/^[0-9a-f]{40}$/i.test(given)) throw wrong('ipmi_hex_kg_key must be 40 hexadecimal digits.')
  const bytes = Buffer.from(given, 'hex')
  const end = bytes.indexOf(0)
  const key = end < 0 ? bytes : bytes.subarray(0, end)
  // It is handed over by the environment, where a zero byte ends a text; zeros that only fill up are left away.
  if (end >= 0 && bytes.subarray(end).some(byte => byte !== 0))
    throw wrong('ipmi_hex_kg_key must not hold a zero byte before its end. Set another on the BMC and here.')
  return key.length === 0 ? null : key
}
