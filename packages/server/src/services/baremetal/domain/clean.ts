/** What the hardware said after everything was done. */
export interface Seen {
  readonly power: 'on' | 'off'
  readonly boot: { readonly device: string | null; readonly persistent: boolean | null } | null
  /** Images in virtual drives; null where the BMC cannot say. */
  readonly images: readonly string[] | null
  readonly mode: string | null
  readonly secureBoot: boolean | null
}

/** What a BMC said of its way back to the baseline. */
export interface Baseline {
  readonly done: readonly string[]
  readonly impossible: readonly string[]
}

export type Proof = Readonly<Record<string, string>>

/** What still speaks against calling it clean, as a sentence; undefined when nothing does. */
export const doubt = (seen: Seen): string | undefined => {
  if (seen.power !== 'off') return 'The machine is on although it was switched off.'
  const { boot } = seen
  if (boot && boot.device !== null && (boot.persistent === true || boot.device !== 'pxe'))
    return `The BMC still boots from "${boot.device}"${boot.persistent ? '' : ' once'} although the override was ended.`
  if (seen.images && seen.images.length > 0)
    return `There is still virtual media inserted (${seen.images.length}) although all was ejected.`
  return undefined
}

/**
 * The words of the proof, each no stronger than what was read back. `unknown` is said of what nobody looked at: without a network
 * service nothing is known of switch ports, and without a wipe nothing of disks.
 */
export const proofOf = (seen: Seen, baseline: Baseline | null, properties: Readonly<Record<string, unknown>>): Proof => ({
  power: seen.power,
  ports: 'unknown',
  isolation: 'not isolated',
  disk: erase(properties) === 'none' ? 'not wiped, as its owner says (erase: none)' : 'unknown',
  boot: seen.boot === null ? 'unknown' : seen.boot.device === null ? 'no override' : 'network once',
  media: seen.images === null ? 'unknown' : 'none',
  bmc: baseline === null ? 'unknown' : baseline.impossible.length === 0 ? 'baseline' : `baseline, except: ${baseline.impossible.join(' ')}`,
  ...(seen.mode === null ? {} : { 'boot mode': seen.mode }),
  ...(seen.secureBoot === null ? {} : { 'secure boot': seen.secureBoot ? 'on' : 'off' }),
})

/** The owner's word on how disks are to be made empty; without one, they are to be wiped. */
export const erase = (properties: Readonly<Record<string, unknown>>): string => {
  const word = properties['erase']
  return typeof word === 'string' ? word : 'wipe'
}

/** Whether the disks are as the next project needs them: its owner's own, declared as needing nothing, or wiped. */
export const diskFits = (proof: Proof | null, properties: Readonly<Record<string, unknown>>, own: boolean): boolean =>
  own || erase(properties) === 'none' || proof?.['disk'] === 'wiped'
