import { isIPv4 } from 'node:net'
import { flavourNamed } from '../flavours/all.ts'
import type { DiskSpec, NicSpec } from '../machine/spec.ts'

/** rack.yaml, checked. */
export interface RackConfig {
  /** Name of the account on each BMC. */
  readonly user: string
  /** Password of that account; each machine gets one of its own when it is absent. */
  readonly password: string | undefined
  /** First BMC address. */
  readonly first: string
  readonly machines: readonly MachineConfig[]
  /** How many to make of `template` when machines are not listed. */
  readonly count: number
  readonly template: MachineConfig
}

/** A machine as rack.yaml writes it: everything may be left out. */
export interface MachineConfig {
  readonly name?: string
  readonly address?: string
  readonly flavour?: string
  readonly class?: string
  readonly cores?: number
  readonly memoryGb?: number
  readonly disks?: readonly DiskSpec[]
  readonly nics?: readonly Partial<NicSpec>[]
  readonly user?: string
  readonly password?: string
  readonly serial?: string
  readonly uuid?: string
  /** `old`: only TLS 1.0 and 1.1, with a certificate that it signed itself, as on machines of ten years ago. */
  readonly tls?: 'current' | 'old'
}

/** Checks what was read from a file. Throws a sentence that names the place. */
export function rackConfig(raw: unknown): RackConfig {
  const top = object('the rack', raw ?? {}, ['user', 'password', 'first', 'machines', 'count', 'template'])
  const machines = top['machines'] === undefined ? [] : list('machines', top['machines']).map((m, i) => machineConfig(m, `machines[${i}]`))
  const names = new Set<string>()
  for (const m of machines) {
    if (m.name === undefined) continue
    if (names.has(m.name)) throw new Error(`two machines are called ${m.name}`)
    names.add(m.name)
  }
  const count = whole('count', top['count'], 0, 1_000_000) ?? (machines.length ? 0 : 5)
  const first = text('first', top['first']) ?? '127.1.0.1'
  loopback('first', first)
  return {
    user: text('user', top['user']) ?? 'root',
    password: text('password', top['password']),
    first,
    machines,
    count,
    template: top['template'] === undefined ? {} : machineConfig(top['template'], 'template'),
  }
}

/** Checks one machine. */
export function machineConfig(raw: unknown, at = 'the machine'): MachineConfig {
  const known = ['name', 'address', 'flavour', 'class', 'cores', 'memoryGb', 'disks', 'nics', 'user', 'password', 'serial', 'uuid', 'tls']
  const m = object(at, raw, known)
  const name = text(`${at}.name`, m['name'])
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name))
    throw new Error(`${at}.name: '${name}' is no name (letters, digits, . _ -)`)
  const address = text(`${at}.address`, m['address'])
  if (address !== undefined) loopback(`${at}.address`, address)
  const flavour = text(`${at}.flavour`, m['flavour'])
  if (flavour !== undefined) flavourNamed(flavour)
  return drop({
    name,
    address,
    flavour,
    class: text(`${at}.class`, m['class']),
    cores: whole(`${at}.cores`, m['cores'], 1, 4096),
    memoryGb: whole(`${at}.memoryGb`, m['memoryGb'], 1, 1_048_576),
    disks: m['disks'] === undefined ? undefined : list(`${at}.disks`, m['disks']).map((d, i) => disk(d, `${at}.disks[${i}]`)),
    nics: m['nics'] === undefined ? undefined : list(`${at}.nics`, m['nics']).map((n, i) => nic(n, `${at}.nics[${i}]`)),
    user: text(`${at}.user`, m['user']),
    password: text(`${at}.password`, m['password']),
    serial: text(`${at}.serial`, m['serial']),
    uuid: text(`${at}.uuid`, m['uuid']),
    tls: tls(`${at}.tls`, m['tls']),
  })
}

function tls(at: string, raw: unknown): 'current' | 'old' | undefined {
  const value = text(at, raw)
  if (value === undefined || value === 'current' || value === 'old') return value
  throw new Error(`${at} must be current or old`)
}

function disk(raw: unknown, at: string): DiskSpec {
  const d = object(at, raw, ['gb', 'kind', 'os'])
  const kind = text(`${at}.kind`, d['kind']) ?? 'ssd'
  if (kind !== 'ssd' && kind !== 'hdd' && kind !== 'nvme') throw new Error(`${at}.kind must be ssd, hdd or nvme`)
  return { gb: whole(`${at}.gb`, d['gb'], 1, 1_000_000) ?? 480, kind, os: text(`${at}.os`, d['os']) ?? null }
}

function nic(raw: unknown, at: string): Partial<NicSpec> {
  const n = object(at, raw, ['name', 'mac', 'switch', 'port'])
  const mac = text(`${at}.mac`, n['mac'])?.toLowerCase()
  if (mac !== undefined && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) throw new Error(`${at}.mac: '${mac}' is no MAC address`)
  const loose = n['switch'] === null
  return drop({
    name: text(`${at}.name`, n['name']),
    mac,
    switch: loose ? null : text(`${at}.switch`, n['switch']),
    port: loose ? null : text(`${at}.port`, n['port']),
  })
}

function loopback(at: string, value: string): void {
  if (!isIPv4(value) || !value.startsWith('127.') || value.startsWith('127.0.0.'))
    throw new Error(`${at}: '${value}' must be an address within 127.0.0.0/8 and outside 127.0.0.0/24`)
}

function object(at: string, raw: unknown, known: readonly string[]): Record<string, unknown> {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) throw new Error(`${at} must be a mapping`)
  for (const key of Object.keys(raw))
    if (!known.includes(key)) throw new Error(`${at}: '${key}' is not known; known are ${known.join(', ')}`)
  return raw as Record<string, unknown>
}

function list(at: string, raw: unknown): unknown[] {
  if (!Array.isArray(raw)) throw new Error(`${at} must be a list`)
  return raw
}

function text(at: string, raw: unknown): string | undefined {
  if (raw === undefined || raw === null) return undefined
  if (typeof raw !== 'string' || raw === '') throw new Error(`${at} must be text`)
  return raw
}

function whole(at: string, raw: unknown, low: number, high: number): number | undefined {
  if (raw === undefined || raw === null) return undefined
  if (typeof raw !== 'number' || !Number.isInteger(raw) || raw < low || raw > high)
    throw new Error(`${at} must be a whole number from ${low} to ${high}`)
  return raw
}

/** What is undefined is left out, as exact optional properties want it. */
function drop<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never
}
