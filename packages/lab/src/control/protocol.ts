import type { Call } from '../call-log.ts'
import type { Fault, FaultOrder } from '../faults.ts'
import type { DiskSpec, NicSpec } from '../machine/spec.ts'
import type { BootRecord, InsertedMedia, VolumeState } from '../machine/state.ts'

/** `lab.json`: what there is and where. Written when the lab answers; holds no password. */
export interface LabFile {
  readonly format: 1
  readonly pid: number
  /** The BMCs' port; each has an address of its own. */
  readonly port: number
  readonly speed: number
  /** Path of the certificate of the lab's authority. */
  readonly ca: string
  /** The BMCs' SSH, for serial consoles: its port at every address, and the fingerprint of its host key. */
  readonly ssh: { readonly port: number; readonly hostKey: string }
  /** Base of the control API; its token is in `secrets.json`. */
  readonly control: string
  readonly machines: readonly LabMachine[]
}

export interface LabMachine {
  readonly name: string
  /** `https://127.1.0.1:8443` */
  readonly address: string
  readonly host: string
  /** Path of the computer system. */
  readonly system: string
  readonly flavour: string
  readonly tls: 'current' | 'old'
  readonly user: string
  readonly class: string
  readonly uuid: string
  readonly serial: string
  readonly cores: number
  readonly memoryMb: number
  readonly arch: 'x86_64'
  readonly disks: readonly DiskSpec[]
  readonly nics: readonly NicSpec[]
}

/** `secrets.json`, mode 0600: the control token, and the password each BMC was delivered with. */
export interface SecretsFile {
  readonly token: string
  readonly machines: Readonly<Record<string, { readonly user: string; readonly password: string }>>
}

/** The truth about a machine, whatever its BMC says. */
export interface MachineView {
  readonly name: string
  readonly address: string
  readonly flavour: string
  readonly power: 'On' | 'Off' | 'PoweringOn' | 'PoweringOff'
  /** What runs; null when nothing does. */
  readonly runs: string | null
  readonly uptimeMs: number
  readonly boots: number
  readonly lastBoot: BootRecord | null
  readonly override: { readonly enabled: string; readonly target: string; readonly mode: string }
  readonly bootOrder: readonly string[]
  readonly secureBoot: boolean
  readonly bios: Readonly<Record<string, string | number | boolean>>
  readonly biosPending: Readonly<Record<string, string | number | boolean>>
  readonly firmware: Readonly<Record<string, string>>
  readonly disks: readonly (string | null)[]
  readonly volumes: readonly VolumeState[]
  readonly media: Readonly<Record<string, InsertedMedia>>
  readonly indicator: string
  readonly sessions: number
  /** Somebody has the serial console. */
  readonly serialTaken: boolean
  readonly connections: number
  readonly bmcAway: boolean
  readonly flashing: boolean
  readonly bricked: boolean
}

export interface LabView {
  readonly pid: number
  readonly port: number
  readonly speed: number
  readonly machines: number
  readonly connections: number
  readonly calls: number
  readonly rssBytes: number
  /** Processes that use it; empty when it does not end with its users. */
  readonly users: readonly number[]
  readonly held: number
}

export interface CallsView {
  readonly calls: readonly Call[]
  /** Give it as `after` to read on. */
  readonly last: number
  /** How many are no longer kept: not 0 means that absence proves nothing. */
  readonly dropped: number
}

export type { Call, Fault, FaultOrder }
