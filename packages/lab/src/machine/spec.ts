/** What a machine is made of. It does not change while the lab runs. */
export interface MachineSpec {
  readonly name: string
  /** The BMC's address, within 127.0.0.0/8. */
  readonly host: string
  readonly flavour: string
  /** What its BMC speaks: what is safe today, or only TLS 1.0 and 1.1 with a certificate that it signed itself. */
  readonly tls: 'current' | 'old'
  readonly user: string
  readonly password: string
  readonly uuid: string
  readonly serial: string
  /** Resource class, as the inventory names it. */
  readonly class: string
  readonly cores: number
  readonly memoryMb: number
  readonly disks: readonly DiskSpec[]
  readonly nics: readonly NicSpec[]
}

export interface DiskSpec {
  readonly gb: number
  readonly kind: 'ssd' | 'hdd' | 'nvme'
  /** The operating system that is on it when it is delivered. */
  readonly os: string | null
}

export interface NicSpec {
  readonly name: string
  readonly mac: string
  /** Where its cable goes; null when it hangs loose. */
  readonly switch: string | null
  readonly port: string | null
}

/** A drive that the BMC plays, and what it can hold. */
export interface MediaSlot {
  readonly id: string
  readonly kinds: readonly ('CD' | 'DVD' | 'USBStick' | 'Floppy')[]
}
