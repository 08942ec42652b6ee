import { BmcError, type BootDevice } from '../driver.ts'
import { unsupported } from './faults.ts'
import { allowed, type Machine, reread } from './machine.ts'
import { endMediaBoot, mediaBoot, setMediaBoot } from './media-boot.ts'
import { at, isObject, type Json, link, pathOf, type Resource, str, strings } from './resource.ts'

/** BootSourceOverrideTarget for a device, best first. */
const TARGETS: Readonly<Record<BootDevice, readonly string[]>> = {
  pxe: ['Pxe'],
  disk: ['Hdd'],
  cdrom: ['Cd', 'UsbCd'],
  bios: ['BiosSetup'],
  safe: ['Diags', 'Utilities'],
  wanboot: ['UefiHttp'],
  usb: ['Usb', 'Floppy'],
}

const DEVICES = Object.keys(TARGETS) as BootDevice[]

const targetsFor = (m: Machine, device: BootDevice): readonly string[] => m.quirks.targets?.[device] ?? TARGETS[device]

const deviceOf = (m: Machine, target: string | null): BootDevice | null =>
  target === null ? null : (DEVICES.find(device => targetsFor(m, device).includes(target)) ?? null)

/** Where the boot override is read and written: in the system, or in its settings resource (newer firmware). */
interface Place {
  readonly resource: Resource
  readonly boot: Json
}

const place = async (m: Machine): Promise<Place> => {
  const boot = at(m.system.body, 'Boot')
  const own = isObject(boot) ? boot : {}
  const settings = link(m.system.body, '@Redfish.Settings', 'SettingsObject')
  if (settings === null || 'BootSourceOverrideTarget' in own) return { resource: m.system, boot: own }
  const resource = await m.link.find(settings, m.call)
  const theirs = at(resource?.body, 'Boot')
  if (resource === null || !isObject(theirs) || !('BootSourceOverrideTarget' in theirs)) return { resource: m.system, boot: own }
  return { resource, boot: { ...own, ...theirs } }
}

export const bootDevice = async (m: Machine): Promise<{ device: BootDevice | null; persistent: boolean | null }> => {
  const { boot } = await place(m)
  const enabled = str(boot, 'BootSourceOverrideEnabled')
  if (enabled !== 'Once' && enabled !== 'Continuous') {
    const other = await mediaBoot(m)
    return other === null ? { device: null, persistent: null } : { device: 'cdrom', persistent: other.persistent }
  }
  const device = deviceOf(m, str(boot, 'BootSourceOverrideTarget'))
  return { device, persistent: device === null ? null : enabled === 'Continuous' }
}

export const supportedBootDevices = async (m: Machine): Promise<readonly BootDevice[]> => {
  const offered = allowed((await place(m)).boot, 'BootSourceOverrideTarget')
  return DEVICES.filter(device => offered === undefined || targetsFor(m, device).some(target => offered.includes(target)))
}

export const setBootDevice = async (m: Machine, device: BootDevice, persistent: boolean): Promise<void> => {
  const { origin } = m.link.target
  if (device === 'cdrom' && (await setMediaBoot(m, persistent))) return
  const { resource, boot } = await place(m)
  const offered = allowed(boot, 'BootSourceOverrideTarget')
  const target = targetsFor(m, device).find(t => offered === undefined || offered.includes(t))
  if (target === undefined) throw unsupported(origin, `cannot boot from "${device}", only from ${offered?.join(', ') || 'nothing'}`)
  const enabled = persistent ? 'Continuous' : 'Once'
  const ways = allowed(boot, 'BootSourceOverrideEnabled')
  if (ways !== undefined && !ways.includes(enabled))
    throw unsupported(
      origin,
      persistent ? 'knows no lasting boot device; ask for it before each start instead' : 'knows no boot device for one start',
    )
  const set = (body: Json) => str(body, 'BootSourceOverrideTarget') === target && str(body, 'BootSourceOverrideEnabled') === enabled
  if (set(boot)) return
  const change: Record<string, unknown> = { BootSourceOverrideTarget: target }
  if (m.quirks.enabled === 'always' || str(boot, 'BootSourceOverrideEnabled') !== enabled) change['BootSourceOverrideEnabled'] = enabled
  const mode = str(boot, 'BootSourceOverrideMode')
  if (m.quirks.keepMode && mode !== null) change['BootSourceOverrideMode'] = mode
  const done = async () => set((await boots(m, resource.path)) ?? {})
  await m.link.patch(resource.path, { Boot: change }, m.call, { done, of: resource, pending: true })
}

const boots = async (m: Machine, path: string): Promise<Json | null> => {
  const boot = at((await m.link.get(path, m.call)).body, 'Boot')
  return isObject(boot) ? boot : null
}

/** So often it is read back whether an override has ended, a second apart: some need a moment. */
const LOOKS = 3

/** Ends a boot override. False where there is none. */
export const endOverride = async (m: Machine): Promise<boolean> => {
  const { resource, boot } = await place(m)
  const none = (body: Json) => str(body, 'BootSourceOverrideEnabled') === 'Disabled' || str(body, 'BootSourceOverrideTarget') === 'None'
  const media = await endMediaBoot(m)
  if (!('BootSourceOverrideEnabled' in boot)) throw unsupported(m.link.target.origin, 'has no boot override')
  if (none(boot)) return media
  const done = async () => none((await boots(m, resource.path)) ?? {})
  await m.link.patch(resource.path, { Boot: m.quirks.noOverride }, m.call, { done, of: resource, pending: true })
  await ended(m, resource.path, none)
  return true
}

/** Some answer that they did it and did not; whoever gets the machine next must know. */
const ended = async (m: Machine, path: string, none: (boot: Json) => boolean): Promise<void> => {
  for (let look = 1; ; look += 1) {
    const boot = (await boots(m, path)) ?? {}
    if (none(boot)) return
    if (look === LOOKS) {
      const left = `${str(boot, 'BootSourceOverrideTarget') ?? 'an unknown device'}, ${str(boot, 'BootSourceOverrideEnabled') ?? 'unknown how long'}`
      const message = `The BMC at ${m.link.target.origin} accepted the end of the boot override and still shows it (${left}).`
      throw new BmcError('refused', `${message} Look at the boot device before the machine's next start, or reset the BMC.`)
    }
    await m.link.wait(1000, m.call)
  }
}

const MODES = { uefi: 'UEFI', bios: 'Legacy' } as const
type Mode = keyof typeof MODES

const modeOf = (boot: Json): Mode | null => {
  const mode = str(boot, 'BootSourceOverrideMode')
  return mode === 'UEFI' ? 'uefi' : mode === 'Legacy' ? 'bios' : null
}

export const bootMode = async (m: Machine): Promise<Mode | null> => {
  const override = modeOf((await place(m)).boot)
  if (override !== null && !m.quirks.bootMode?.instead) return override
  return (await fromBios(m))?.mode ?? override
}

export const setBootMode = async (m: Machine, mode: Mode): Promise<void> => {
  const { origin } = m.link.target
  const { resource, boot } = await place(m)
  const bios = m.quirks.bootMode?.instead ? await fromBios(m) : null
  if (bios !== null) return await setInBios(m, bios, mode)
  if (modeOf(boot) === mode) return
  const offered = allowed(boot, 'BootSourceOverrideMode')
  const known = 'BootSourceOverrideMode' in boot && (offered === undefined || offered.includes(MODES[mode]))
  if (known) {
    const done = async () => modeOf((await boots(m, resource.path)) ?? {}) === mode
    try {
      const change = { Boot: { BootSourceOverrideMode: MODES[mode] } }
      return await m.link.patch(resource.path, change, m.call, { done, of: resource, pending: true })
    } catch (error) {
      // There it may be for reading only, and its BIOS setting for writing.
      if (!(error instanceof BmcError) || error.uncertain || !['refused', 'unsupported'].includes(error.fault) || !m.quirks.bootMode)
        throw error
    }
  }
  const other = await fromBios(m)
  if (other === null) throw unsupported(origin, `cannot change the boot mode to ${mode}. Set it in the machine's own setup`)
  await setInBios(m, other, mode)
}

interface BiosMode {
  /** Now, and from the next start on. */
  readonly mode: Mode | null
  readonly next: Mode | null
  readonly attribute: string
  readonly words: { readonly uefi: string; readonly bios: string }
  readonly settings: Resource
  readonly applyTimes: readonly string[]
}

const setInBios = async (m: Machine, bios: BiosMode, mode: Mode): Promise<void> => {
  if ((bios.next ?? bios.mode) === mode) return
  const when = bios.applyTimes.includes('OnReset') ? { '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' } } : {}
  const change = { Attributes: { [bios.attribute]: bios.words[mode] }, ...when }
  const done = async () => str((await m.link.get(bios.settings.path, m.call)).body, 'Attributes', bios.attribute) === bios.words[mode]
  await m.link.patch(bios.settings.path, change, m.call, { done, of: bios.settings, pending: true })
}

const fromBios = async (m: Machine): Promise<BiosMode | null> => {
  const words = m.quirks.bootMode
  if (!words) return null
  const bios = await m.link.find(link(m.system.body, 'Bios'), m.call)
  const attributes = at(bios?.body, 'Attributes')
  const attribute = isObject(attributes) ? Object.keys(attributes).find(key => words.attribute.test(key)) : undefined
  const settings = await m.link.find(link(bios?.body, '@Redfish.Settings', 'SettingsObject'), m.call)
  if (attribute === undefined || settings === null) return null
  const mode = (value: string | null): Mode | null => (value === words.uefi ? 'uefi' : value === words.bios ? 'bios' : null)
  const applyTimes = [
    ...strings(bios?.body, '@Redfish.Settings', 'SupportedApplyTimes'),
    ...strings(settings.body, '@Redfish.SettingsApplyTime', 'ApplyTime@Redfish.AllowableValues'),
  ]
  return {
    mode: mode(str(attributes, attribute)),
    next: mode(str(settings.body, 'Attributes', attribute)),
    attribute,
    words,
    settings,
    applyTimes,
  }
}

/** Present boot order, in the BMC's words. */
export const bootOrder = (system: Json): readonly string[] => strings(system, 'Boot', 'BootOrder')

/** Where to ask for the boot order that the machine came with, if the BMC can. */
export const defaultOrderAction = (system: Json): string | null =>
  pathOf(str(system, 'Actions', '#ComputerSystem.SetDefaultBootOrder', 'target'))

export const setDefaultBootOrder = async (m: Machine, target: string): Promise<readonly string[]> => {
  await m.link.post(target, m.quirks.emptyBody === '{}' ? {} : undefined, m.call, { pending: true })
  return bootOrder((await reread(m)).body)
}
