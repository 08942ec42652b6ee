import type { MachineSpec, MediaSlot } from './spec.ts'
import { type BootRecord, bootOptions, type InsertedMedia, type MachineState } from './state.ts'

/** From what this machine starts now, and what then runs. Pure: the override is taken off by the caller. */
export function decideBoot(
  spec: MachineSpec,
  state: MachineState,
  slots: readonly MediaSlot[],
  at: number,
  mediaBoot: 'override' | 'attributes' = 'override',
): BootRecord {
  const { boot } = state
  if (boot.first?.device === 'VCD-DVD') {
    const runs = bootedFrom('Cd', spec, state, slots)
    if (runs !== null) return { at, device: 'Cd', why: boot.first.once ? 'once' : 'continuous', mode: boot.mode, runs }
  }
  const overridden = boot.enabled !== 'Disabled' && boot.target !== 'None'
  if (overridden) {
    // A drive of its own is meant, and it has none.
    const runs = boot.target === 'Cd' && mediaBoot === 'attributes' ? null : bootedFrom(boot.target, spec, state, slots)
    if (runs !== null) return { at, device: boot.target, why: boot.enabled === 'Once' ? 'once' : 'continuous', mode: boot.mode, runs }
  }
  const options = new Map(bootOptions(spec).map(o => [o.reference, o]))
  for (const reference of boot.order) {
    const option = options.get(reference)
    const runs = option ? bootedFrom(option.device, spec, state, slots, option.index) : null
    if (option && runs !== null) return { at, device: option.device, why: 'order', mode: boot.mode, runs }
  }
  return { at, device: 'None', why: 'nothing bootable', mode: boot.mode, runs: null }
}

/** What runs from there; null when that cannot be booted. */
function bootedFrom(device: string, spec: MachineSpec, state: MachineState, slots: readonly MediaSlot[], index?: number): string | null {
  switch (device) {
    case 'Hdd':
      return (index === undefined ? state.disks.find(os => os !== null) : state.disks[index]) ?? null
    case 'Pxe':
    case 'UefiHttp': {
      const nics = index === undefined ? spec.nics : spec.nics.slice(index, index + 1)
      return nics.some(n => n.switch !== null) ? 'network' : null
    }
    case 'Cd':
      return imageIn(state.media, slots, ['CD', 'DVD'])
    case 'UsbCd':
      return imageIn(state.media, slots, ['CD', 'DVD'])
    case 'Usb':
      return imageIn(state.media, slots, ['USBStick'])
    case 'Floppy':
      return imageIn(state.media, slots, ['Floppy'])
    case 'BiosSetup':
    case 'Utilities':
    case 'Diags':
      return device === 'BiosSetup' ? 'setup' : device.toLowerCase()
    default:
      return null
  }
}

/** An image serves as what the slot is first of all. */
function imageIn(media: Record<string, InsertedMedia>, slots: readonly MediaSlot[], kinds: readonly string[]): string | null {
  for (const slot of slots) {
    const inserted = media[slot.id]
    if (inserted && slot.kinds.some(k => kinds.includes(k))) return inserted.image
  }
  return null
}
