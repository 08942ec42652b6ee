import { createHash, createHmac } from 'node:crypto'
import { flavourNamed } from '../flavours/all.ts'
import type { DiskSpec, MachineSpec, NicSpec } from '../machine/spec.ts'
import type { MachineConfig, RackConfig } from './config.ts'

/** Machines that share one leaf switch of 48 ports, two NICs each. */
const PER_LEAF = 24

/** Small, middle and large, by turns. */
const SIZES = [
  { cores: 8, memoryGb: 32, disks: [240] },
  { cores: 16, memoryGb: 64, disks: [480] },
  { cores: 32, memoryGb: 128, disks: [480, 960] },
  { cores: 48, memoryGb: 192, disks: [960, 960] },
  { cores: 64, memoryGb: 256, disks: [960, 1920] },
] as const

/** All machines of a rack, the listed ones first. `secret` makes the passwords that the configuration does not name. */
export function generate(config: RackConfig, secret: string): MachineSpec[] {
  const machines: MachineSpec[] = []
  const names = new Set<string>()
  const hosts = new Set<string>()
  const add = (m: MachineConfig, index: number) => {
    const spec = machine(config, m, index, secret)
    if (names.has(spec.name)) throw new Error(`two machines are called ${spec.name}`)
    if (hosts.has(spec.host)) throw new Error(`two machines have the address ${spec.host}`)
    names.add(spec.name)
    hosts.add(spec.host)
    machines.push(spec)
  }
  config.machines.forEach(add)
  for (let i = 0; i < config.count; i++) add(config.template, config.machines.length + i)
  return machines
}

/** One machine; what the configuration leaves out follows from its place in the rack. */
export function machine(config: RackConfig, m: MachineConfig, index: number, secret: string): MachineSpec {
  const size = SIZES[index % SIZES.length]!
  const name = m.name ?? `dell${index + 1}`
  const id = createHash('sha256').update(`esi-lab ${name}`).digest('hex')
  const flavour = m.flavour ?? 'idrac'
  flavourNamed(flavour)
  return {
    name,
    host: m.address ?? nth(config.first, index),
    flavour,
    tls: m.tls ?? 'current',
    user: m.user ?? config.user,
    password: m.password ?? config.password ?? createHmac('sha256', secret).update(name).digest('base64url').slice(0, 16),
    uuid: m.uuid ?? `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20, 32)}`,
    serial: m.serial ?? id.slice(32, 44).toUpperCase(),
    class: m.class ?? 'baremetal',
    cores: m.cores ?? size.cores,
    memoryMb: (m.memoryGb ?? size.memoryGb) * 1024,
    disks: m.disks ?? size.disks.map((gb): DiskSpec => ({ gb, kind: 'ssd', os: null })),
    nics: (m.nics ?? [{}, {}]).map((n, i) => nic(n, index, i)),
  }
}

function nic(n: Partial<NicSpec>, machineIndex: number, index: number): NicSpec {
  const place = (machineIndex % PER_LEAF) * 2 + index + 1
  return {
    name: n.name ?? `nic${index + 1}`,
    // Locally administered, with the machine's place and the card's in the last three bytes.
    mac:
      n.mac ??
      `02:e5:${[(machineIndex + 1) >> 16, (machineIndex + 1) >> 8, machineIndex + 1, index + 1].map(b => (b & 255).toString(16).padStart(2, '0')).join(':')}`,
    switch: n.switch === undefined ? `leaf${Math.floor(machineIndex / PER_LEAF) + 1}` : n.switch,
    port: n.port === undefined ? `Ethernet1/${place}` : n.port,
  }
}

function nth(first: string, index: number): string {
  const n = first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + index
  if (n > 0x7fff_fffe) throw new Error(`the rack does not fit behind ${first}`)
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')
}
