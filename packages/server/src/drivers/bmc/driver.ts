import type { Duplex } from 'node:stream'

/**
 * What a service asks of a baseboard management controller. A driver is one file that exports such an object by default; it is
 * loaded by name and knows no service. Every method reads or writes the hardware, may be called again after any failure, and
 * gives up with `AbortError` when `signal` is aborted.
 */
export interface BmcDriver {
  readonly name: string
  /** What it can do beyond power; callers ask before they call. */
  readonly can: readonly Capability[]
  /** Keys of a node's driver info that it knows, with what they mean; `secret` ones are encrypted at rest and never shown. */
  readonly settings: Readonly<Record<string, { readonly doc: string; readonly required?: boolean; readonly secret?: boolean }>>
  /** Checks settings without touching the hardware; throws `BmcError('settings')` that names what is wrong. */
  check(settings: Settings): void
  /**
   * A handle to one BMC. Opens nothing yet; connections and sessions are pooled and closed when idle.
   * `node` names the machine, for drivers whose settings do not.
   */
  open(settings: Settings, node?: string): Bmc
  /** How its BMCs are found that nobody has described yet. Absent: they are not. */
  readonly seek?: Seek
  /** The account that it logs in with, where its password can be changed: see `Bmc.setPassword`. */
  readonly account?: Account
  /** Ends pooled connections and sessions, for a clean stop. May be used again afterwards. */
  close?(): Promise<void>
}

export interface Account {
  /** Keys of the settings that hold it. */
  readonly username: string
  readonly password: string
  /** Bytes of a password: the most that it may have with these settings, and what is safe with every BMC of its kind. */
  length(settings: Settings): { readonly most: number; readonly safe: number }
}

export interface Seek {
  /**
   * How the BMC at an address is reached; null where none of this kind answers. Logs in nowhere and changes nothing. `port` is null for
   * the usual one.
   */
  at(host: string, port: number | null, signal: AbortSignal): Promise<Sighting | null>
  /** The same settings with an account. */
  as(settings: Settings, username: string, password: string): Settings
}

export interface Sighting {
  /** All that is needed but an account. */
  readonly settings: Settings
  /** The certificate that it shows, where nobody known vouches for it and the settings trust it by itself: `sha256:…`. */
  readonly certificate: string | null
  /** What is weak about how it is reached, in sentences. */
  readonly weak: readonly string[]
}

export type Capability =
  | 'boot device'
  | 'boot mode'
  | 'secure boot'
  | 'virtual media'
  | 'sensors'
  | 'event log'
  | 'nmi'
  | 'inventory'
  | 'indicator'
  | 'bios'
  | 'firmware'
  | 'raid'
  | 'console'

export type Settings = Readonly<Record<string, unknown>>

export type Power = 'on' | 'off'
/** As Ironic's names for what one may ask. `soft` variants ask the operating system. */
export type PowerAction = 'on' | 'off' | 'reboot' | 'soft off' | 'soft reboot'
export type BootDevice = 'pxe' | 'disk' | 'cdrom' | 'bios' | 'safe' | 'wanboot' | 'usb'

/** How a call is made: when to give up, and the fence that is passed right before each write. */
export interface Call {
  readonly signal: AbortSignal
  /** Called right before each request that changes the hardware; throws when the caller may no longer do so. */
  readonly before: () => Promise<void>
}

export interface Bmc {
  /** Proves that address, credentials and system are right; reads what it is. */
  identify(call: Call): Promise<BmcIdentity>
  power(call: Call): Promise<Power>
  /** Asks for the change and returns; reading `power` back is the caller's. Asking for the state it is in changes nothing. */
  setPower(action: PowerAction, call: Call): Promise<void>
  bootDevice(call: Call): Promise<{ readonly device: BootDevice | null; readonly persistent: boolean | null }>
  setBootDevice(device: BootDevice, persistent: boolean, call: Call): Promise<void>
  supportedBootDevices(call: Call): Promise<readonly BootDevice[]>
  bootMode?(call: Call): Promise<'uefi' | 'bios' | null>
  setBootMode?(mode: 'uefi' | 'bios', call: Call): Promise<void>
  secureBoot?(call: Call): Promise<boolean | null>
  setSecureBoot?(on: boolean, call: Call): Promise<void>
  /** The settings of the BIOS that are in force, by name; null where the BMC does not tell them. */
  biosSettings?(call: Call): Promise<Readonly<Record<string, string | number | boolean | null>> | null>
  /** What the BMC tells of each setting; null where it has no registry that can be read. */
  biosRegistry?(call: Call): Promise<readonly BiosAttribute[] | null>
  /** What waits for the machine's next start, by name. */
  biosPending?(call: Call): Promise<Readonly<Record<string, BiosValue>>>
  /** Settings for the next start. Values have the type that the machine has them in. */
  setBios?(settings: Readonly<Record<string, BiosValue>>, call: Call): Promise<void>
  /** The settings that it was delivered with, for the next start. */
  resetBios?(call: Call): Promise<void>
  /** What can be written anew, with the versions that run. */
  firmware?(call: Call): Promise<readonly Firmware[]>
  /** Begins to write an image, which the BMC fetches itself. Refused as `busy` while another one is being written. */
  updateFirmware?(component: string, url: string, call: Call): Promise<Job>
  /** How it goes with what was begun; any process may ask, also after the BMC has restarted. */
  progress?(job: Job, call: Call): Promise<Progress>
  /** Disks with their controllers, and what they are joined to. */
  storage?(call: Call): Promise<readonly Controller[]>
  createVolume?(volume: NewVolume, call: Call): Promise<Job>
  deleteVolume?(controller: string, volume: string, call: Call): Promise<Job>
  /**
   * The machine's serial console: what is written to it is typed, what is read was printed. Destroying it ends the session at the
   * BMC. Fails where somebody else has it and the BMC has only one.
   */
  console?(call: Call): Promise<Duplex>
  media?(call: Call): Promise<readonly { readonly slot: string; readonly types: readonly string[]; readonly image: string | null }[]>
  insertMedia?(type: 'cdrom' | 'floppy' | 'disk', url: string, call: Call): Promise<void>
  ejectMedia?(type: 'cdrom' | 'floppy' | 'disk' | 'all', call: Call): Promise<void>
  sensors?(call: Call): Promise<readonly Sensor[]>
  /** The newest entries of the system's event log, newest first. */
  eventLog?(limit: number, call: Call): Promise<readonly LogEntry[]>
  nmi?(call: Call): Promise<void>
  /** Gives the account that it logs in with another password. Whether it took it shows a login with the new one, which is the caller's. */
  setPassword?(password: string, call: Call): Promise<void>
  indicator?(call: Call): Promise<'on' | 'off' | 'blinking'>
  setIndicator?(state: 'on' | 'off' | 'blinking', call: Call): Promise<void>
  /**
   * Back to what is safe to hand on: no one-time boot override, no virtual media, default boot order. Safe to repeat.
   * Says what it did and what this BMC cannot do.
   */
  baseline(call: Call): Promise<{ readonly done: readonly string[]; readonly impossible: readonly string[] }>
}

export type BiosValue = string | number | boolean | null

export interface BiosAttribute {
  readonly name: string
  readonly type: 'Enumeration' | 'String' | 'Integer' | 'Boolean' | 'Password' | null
  /** Of an enumeration. */
  readonly values: readonly string[] | null
  readonly least: number | null
  readonly most: number | null
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly readOnly: boolean | null
  readonly needsReset: boolean | null
  /** It has another value in each machine. */
  readonly unique: boolean | null
}

export interface Firmware {
  /** `bios`, `bmc`, or as the BMC names it. */
  readonly component: string
  readonly version: string | null
  readonly updatable: boolean
  /** It is being written now. */
  readonly updating: boolean
}

/** Something that a BMC goes on with after it has answered; `at` is where it tells of it, null where nowhere. */
export interface Job {
  readonly at: string | null
}

export type Progress =
  | { readonly is: 'running'; readonly percent: number | null }
  /** It goes on when the machine starts the next time. */
  | { readonly is: 'needs start' }
  | { readonly is: 'done' }
  /** The BMC knows of no such thing any more: only reading back tells how it ended. */
  | { readonly is: 'forgotten' }
  | { readonly is: 'failed'; readonly why: string }

export interface Controller {
  readonly id: string
  readonly name: string | null
  /** RAID levels in the words of Redfish: RAID0, RAID1, RAID10, …; null where it does not say. */
  readonly levels: readonly string[] | null
  readonly drives: readonly Drive[]
  readonly volumes: readonly Volume[]
}

export interface Drive {
  readonly id: string
  readonly bytes: number
  readonly media: 'hdd' | 'ssd' | null
  /** `SAS`, `SATA`, `NVMe`, … */
  readonly protocol: string | null
  /** As it is printed on it; absent where the BMC does not tell. */
  readonly serial?: string | null
  readonly healthy: boolean
}

export interface Volume {
  readonly id: string
  readonly name: string | null
  readonly level: string | null
  readonly bytes: number | null
  readonly drives: readonly string[]
}

export interface NewVolume {
  readonly controller: string
  readonly level: string
  /** Null for as much as there is. */
  readonly bytes: number | null
  readonly drives: readonly string[]
  readonly name: string | null
}

export interface BmcIdentity {
  readonly vendor: string | null
  readonly model: string | null
  readonly serial: string | null
  readonly uuid: string | null
  readonly bmcVersion: string | null
  readonly biosVersion: string | null
  readonly cpus: number | null
  readonly memoryMb: number | null
  /** Of the machine's own network cards. */
  readonly macs: readonly string[]
  /** Of the BMC's; absent where the driver cannot tell. */
  readonly bmcMacs?: readonly string[]
}

export interface Sensor {
  readonly name: string
  readonly kind: 'temperature' | 'fan' | 'voltage' | 'power' | 'other'
  readonly value: number | null
  readonly unit: string
  readonly health: string | null
}

export interface LogEntry {
  readonly id: string
  /** As the BMC wrote it: its clock is its own. */
  readonly created: string | null
  readonly severity: 'ok' | 'warning' | 'critical' | null
  readonly message: string
}

export type BmcFault =
  | 'settings' // what the owner entered is wrong or missing
  | 'unreachable' // no connection, or none in time
  | 'certificate' // the other end is not who it should be
  | 'credentials' // it refuses the password
  | 'busy' // try again later
  | 'refused' // it understood and will not
  | 'unsupported' // it cannot
  | 'garbled' // the answer makes no sense

/** Why the hardware did not do it, with a sentence for a person that says what to do. Never holds a password. */
export class BmcError extends Error {
  readonly fault: BmcFault
  readonly retryable: boolean
  /** The reply was lost, so it may have been done all the same: read back before asking again. */
  readonly uncertain: boolean
  constructor(fault: BmcFault, message: string, more: { readonly uncertain?: boolean; readonly cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'BmcError'
    this.fault = fault
    this.retryable = fault === 'unreachable' || fault === 'busy' || fault === 'garbled'
    this.uncertain = more.uncertain ?? false
  }
}
