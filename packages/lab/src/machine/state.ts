import type { Flavour } from '../flavours/flavour.ts'
import type { MachineSpec } from './spec.ts'

/** What a machine and its BMC remember without power: written to the lab's folder at each change. */
export interface MachineState {
  power: 'On' | 'Off'
  /** A change of power that is under way; finished at once when the lab starts again. */
  move: Move | null
  /** Since when the rails have power, milliseconds; null when off. */
  onSince: number | null
  boot: BootSettings
  secureBoot: { enabled: boolean; current: boolean; keys: 'factory' | 'none' }
  /** What happened at the last start. */
  lastBoot: BootRecord | null
  boots: number
  led: 'Off' | 'Lit' | 'Blinking'
  bios: Record<string, string | number | boolean>
  /** What the next start puts into `bios`. */
  biosPending: Record<string, string | number | boolean>
  assetTag: string
  /** The operating system on each disk. */
  disks: (string | null)[]
  /** Disks that its controller has joined; absent where it never did. */
  volumes?: VolumeState[]
  /** Virtual media by slot. */
  media: Record<string, InsertedMedia>
  accounts: Account[]
  sessionTimeout: number
  log: LogEntry[]
  logged: number
  firmware: { bios: string; bmc: string }
  /** How often its certificate was replaced. */
  certificate: number
  /** Power was cut while its firmware was written: it does not start any more. */
  bricked: boolean
}

export type Move = 'on' | 'off' | 'soft off' | 'restart' | 'soft restart' | 'cycle'

export interface BootSettings {
  enabled: 'Disabled' | 'Once' | 'Continuous'
  target: string
  mode: 'UEFI' | 'Legacy'
  uefiTarget: string | null
  httpUri: string | null
  /** What the BMC's own attributes start first, where it has them; absent where they were never touched. */
  first?: { device: string; once: boolean }
  /** Boot options in the order in which firmware tries them. */
  order: string[]
}

export interface BootRecord {
  readonly at: number
  /** As the Redfish boot targets: Hdd, Pxe, Cd, Usb, BiosSetup, …; None when nothing could be booted. */
  readonly device: string
  readonly why: 'once' | 'continuous' | 'order' | 'nothing bootable'
  readonly mode: 'UEFI' | 'Legacy'
  /** What runs then: a system's name, `network`, an image's URL, `setup`; null when nothing does. */
  readonly runs: string | null
}

export interface VolumeState {
  readonly id: string
  readonly name: string
  readonly level: string
  readonly bytes: number
  /** Disks by their number. */
  readonly disks: readonly number[]
}

export interface InsertedMedia {
  image: string
  writeProtected: boolean
  user: string | null
}

export interface Account {
  readonly id: string
  user: string
  password: string
  role: 'Administrator' | 'Operator' | 'ReadOnly'
  enabled: boolean
}

export interface LogEntry {
  readonly id: number
  readonly at: number
  readonly severity: 'OK' | 'Warning' | 'Critical'
  readonly text: string
}

/** As it comes out of its box. */
export function factoryState(spec: MachineSpec, flavour: Flavour): MachineState {
  return {
    power: 'Off',
    move: null,
    onSince: null,
    boot: { enabled: 'Disabled', target: 'None', mode: 'UEFI', uefiTarget: null, httpUri: null, order: defaultOrder(spec) },
    secureBoot: { enabled: false, current: false, keys: 'factory' },
    lastBoot: null,
    boots: 0,
    led: 'Off',
    bios: { ...flavour.bios },
    biosPending: {},
    assetTag: '',
    disks: spec.disks.map(d => d.os),
    media: {},
    accounts: [{ id: flavour.firstAccount, user: spec.user, password: spec.password, role: 'Administrator', enabled: true }],
    sessionTimeout: 1800,
    log: [],
    logged: 0,
    firmware: { bios: flavour.firmware.bios, bmc: flavour.firmware.bmc },
    certificate: 0,
    bricked: false,
  }
}

/** Disks, then network cards, then removable media: the order in which machines are delivered. */
export function defaultOrder(spec: MachineSpec): string[] {
  return bootOptions(spec).map(o => o.reference)
}

export interface BootOption {
  readonly reference: string
  readonly device: 'Hdd' | 'Pxe' | 'Cd' | 'Usb'
  readonly label: string
  /** Which disk or network card. */
  readonly index: number
}

/** What its firmware knows to boot from. */
export function bootOptions(spec: MachineSpec): BootOption[] {
  const all = [
    ...spec.disks.map((_, index) => ({ device: 'Hdd' as const, label: `Hard drive ${index + 1}`, index })),
    ...spec.nics.map((n, index) => ({ device: 'Pxe' as const, label: `PXE ${n.name} ${n.mac}`, index })),
    { device: 'Cd' as const, label: 'Virtual CD', index: 0 },
    { device: 'Usb' as const, label: 'Virtual USB', index: 0 },
  ]
  return all.map((o, i) => ({ reference: `Boot${(i + 1).toString(16).toUpperCase().padStart(4, '0')}`, ...o }))
}
