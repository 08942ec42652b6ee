import type { Instant } from '@esi/api/time'

/** Something that is being written into a machine's firmware; `node.flash`. Until it has ended its power is left alone. */
export interface Flash {
  readonly what: 'firmware' | 'bios'
  readonly component: string
  readonly since: Instant
  /** Where the BMC tells how it goes; null where nowhere, or where it is not known yet. */
  readonly job: string | null
}

/** For how long one may keep the power on before a person is asked. */
export const FLASH = 3_600_000

export const flashing = (node: { readonly flash: Flash | null }): boolean => node.flash !== null
