import { BmcError, type BootDevice, type Call, type Power, type PowerAction } from '../driver.ts'
import { garbled } from './faults.ts'
import type { Link } from './link.ts'

/** Chassis Control (IPMI 2.0, 28.3). */
const CONTROL = { off: 0, on: 1, cycle: 2, reset: 3, diag: 4, soft: 5 } as const
type Control = keyof typeof CONTROL

const status = async (link: Link, call: Call): Promise<readonly number[]> => {
  const bytes = await link.raw('power status', [0x00, 0x01], call)
  if (bytes.length < 3) throw garbled(link.target, 'power status')
  return bytes
}

export const power = async (link: Link, call: Call): Promise<Power> => (((await status(link, call))[0]! & 1) === 1 ? 'on' : 'off')

const unsupported = (link: Link, what: string) => new BmcError('unsupported', `The BMC at ${link.target.name} ${what}.`)

/** Asks for it; where the answer is lost, looks. `wanted`: what is to be seen then, or null where it leaves no trace. */
const control = async (link: Link, how: Control, wanted: Power | null, call: Call): Promise<void> => {
  try {
    await link.write(`power ${how}`, [0x00, 0x02, CONTROL[how]], call)
  } catch (error) {
    if (!(error instanceof BmcError) || !error.uncertain || wanted === null) throw error
    const is = await power(link, call).catch(() => null)
    if (is !== wanted) throw error
  }
}

export const setPower = async (link: Link, wanted: PowerAction, call: Call): Promise<void> => {
  const is = await power(link, call)
  if (wanted === 'on' || wanted === 'off') return is === wanted ? undefined : await control(link, wanted, wanted, call)
  if (wanted === 'soft off') return is === 'off' ? undefined : await control(link, 'soft', 'off', call)
  if (is === 'off') return await control(link, 'on', 'on', call)
  if (wanted === 'reboot') {
    try {
      return await control(link, 'reset', null, call)
    } catch (error) {
      if (!(error instanceof BmcError) || error.fault !== 'unsupported') throw error
      return await control(link, 'cycle', null, call)
    }
  }
  await control(link, 'soft', 'off', call)
  await untilOff(link, call)
  await control(link, 'on', 'on', call)
}

const untilOff = async (link: Link, call: Call): Promise<void> => {
  const { limits, millis, wait } = link.options
  const until = millis() + limits.shutdown
  while ((await power(link, call)) === 'on') {
    if (millis() >= until) {
      const message = `The machine behind ${link.target.name} did not go off within ${Math.round(limits.shutdown / 1000)} s, so "soft reboot" was not finished.`
      throw new BmcError('busy', `${message} Ask for "reboot" to force it.`)
    }
    await wait(2_000, call.signal)
  }
}

export const nmi = async (link: Link, call: Call): Promise<void> => {
  if ((await power(link, call)) === 'off')
    throw new BmcError('refused', `The machine behind ${link.target.name} is off, so it cannot be interrupted. Switch it on first.`)
  await control(link, 'diag', null, call)
}

/** Boot device selectors of the boot flags (IPMI 2.0, table 28-14, parameter 5), and ipmitool's words for setting them. */
const DEVICES: Readonly<Partial<Record<BootDevice, { readonly word: string; readonly selectors: readonly number[] }>>> = {
  pxe: { word: 'pxe', selectors: [1] },
  disk: { word: 'disk', selectors: [2, 11] },
  safe: { word: 'safe', selectors: [3] },
  cdrom: { word: 'cdrom', selectors: [5, 8] },
  bios: { word: 'bios', selectors: [6] },
  usb: { word: 'floppy', selectors: [15, 7, 9] },
}
export const BOOT_DEVICES = Object.keys(DEVICES) as BootDevice[]

/** BMCs, by their manufacturer's number, that keep the device and no other boot flag: neither valid nor EFI nor persistent. */
const FORGETFUL: readonly number[] = [
  4753, // MontaVista: the simulator of OpenIPMI
]
const forgetful = async (link: Link, call: Call): Promise<boolean> => FORGETFUL.includes(await link.manufacturer(call))

interface Flags {
  readonly selector: number
  readonly persistent: boolean
  readonly efi: boolean
}

/** The override that the next start obeys; null where there is none. A flag that a start has used up stays, but is not valid. */
const override = async (link: Link, call: Call): Promise<Flags | null> => {
  const bytes = await link.raw('boot flags', [0x00, 0x09, 0x05, 0x00, 0x00], call)
  if (bytes.length < 4) throw garbled(link.target, 'boot flags')
  const selector = (bytes[3]! >> 2) & 0x0f
  if (selector === 0) return null
  if ((bytes[2]! & 0x80) === 0 && !(await forgetful(link, call))) return null
  return { selector, persistent: (bytes[2]! & 0x40) !== 0, efi: (bytes[2]! & 0x20) !== 0 }
}

export const bootDevice = async (link: Link, call: Call): Promise<{ device: BootDevice | null; persistent: boolean | null }> => {
  const flags = await override(link, call)
  const device = flags && (BOOT_DEVICES.find(each => DEVICES[each]!.selectors.includes(flags.selector)) ?? null)
  return { device, persistent: flags && device ? flags.persistent : null }
}

export const setBootDevice = async (link: Link, device: BootDevice, persistent: boolean, call: Call): Promise<void> => {
  const way = DEVICES[device]
  if (!way) throw unsupported(link, `cannot boot from "${device}" by IPMI, only from ${BOOT_DEVICES.join(', ')}`)
  const set = (flags: Flags | null) => flags !== null && flags.selector === way.selectors[0] && flags.persistent === persistent
  const before = await override(link, call)
  if (set(before) && (before?.efi === link.target.efi || (await forgetful(link, call)))) return
  if (link.target.keepBootDevice) await optional(() => link.write('boot flags without a time limit', [0x00, 0x08, 0x03, 0x08], call))
  const options = [...(persistent ? ['persistent'] : []), ...(link.target.efi ? ['efiboot'] : [])]
  const words = ['chassis', 'bootdev', way.word, ...(options.length > 0 ? [`options=${options.join(',')}`] : [])]
  await seen(link.set(`boot from ${device}`, words, call), async () => set(await override(link, call)))
}

/** Ends a boot override. False where there is none. */
export const endOverride = async (link: Link, call: Call): Promise<boolean> => {
  if ((await override(link, call)) === null) return false
  await seen(link.set('no boot device', ['chassis', 'bootdev', 'none'], call), async () => (await override(link, call)) === null)
  return true
}

/** A lost answer is no fault where the change can be seen. */
const seen = async (change: Promise<void>, done: () => Promise<boolean>): Promise<void> => {
  try {
    await change
  } catch (error) {
    if (!(error instanceof BmcError) || !error.uncertain || !(await done().catch(() => false))) throw error
  }
}

/** What a BMC may be without. */
const optional = async (change: () => Promise<void>): Promise<void> => {
  try {
    await change()
  } catch (error) {
    if (!(error instanceof BmcError) || !['unsupported', 'refused'].includes(error.fault)) throw error
  }
}

/** Bits of the fourth byte of the chassis status: whether it tells of the light, and what (IPMI 2.0, 28.2). */
export const indicator = async (link: Link, call: Call): Promise<'on' | 'off'> => {
  const byte = (await status(link, call))[3]
  if (byte === undefined || (byte & 0x40) === 0)
    throw unsupported(link, 'does not tell whether its light is on; it can be switched all the same')
  return (byte & 0x30) === 0 ? 'off' : 'on'
}

/** IPMI knows one way of showing where a machine is, so blinking is on. */
export const setIndicator = async (link: Link, state: 'on' | 'off' | 'blinking', call: Call): Promise<void> => {
  const wanted = state === 'off' ? 'off' : 'on'
  const byte = (await status(link, call))[3]
  const is = byte === undefined || (byte & 0x40) === 0 ? null : (byte & 0x30) === 0 ? 'off' : (byte & 0x20) !== 0 ? 'on' : 'timed'
  if (is === wanted) return
  await link.write(`light ${wanted}`, [0x00, 0x04, ...(wanted === 'on' ? [0x00, 0x01] : [0x00])], call)
}

/** Each part on its own: what one BMC cannot do must not keep the rest from being done. */
export const baseline = async (link: Link, call: Call): Promise<{ done: string[]; impossible: string[] }> => {
  const done: string[] = []
  const impossible: string[] = []
  try {
    done.push((await endOverride(link, call)) ? 'ended the boot override' : 'no boot override was set')
  } catch (error) {
    // A BMC that is gone or busy is no reason to call it done: the caller comes again.
    if (!(error instanceof BmcError) || error.uncertain || !['unsupported', 'refused'].includes(error.fault)) throw error
    impossible.push(error.message)
  }
  impossible.push(`The BMC at ${link.target.name} is reached by IPMI, which neither shows nor ejects virtual media.`)
  impossible.push(`The BMC at ${link.target.name} is reached by IPMI, which cannot restore the default boot order.`)
  return { done, impossible }
}
