/**
 * Calls that are answered by the hardware: what each takes and gives. A request writes one of them down and waits; the conductor
 * `hardware-call` carries it out. In the words of the BMC drivers, not of the API.
 */
export interface HardwareCalls {
  readonly 'boot_device.get': {
    readonly args: Empty
    readonly result: { readonly device: string | null; readonly persistent: boolean | null }
  }
  readonly 'boot_device.supported': { readonly args: Empty; readonly result: { readonly devices: readonly string[] } }
  readonly 'boot_device.set': { readonly args: { readonly device: string; readonly persistent: boolean }; readonly result: Empty }
  readonly nmi: { readonly args: Empty; readonly result: Empty }
  readonly 'indicator.get': { readonly args: Empty; readonly result: { readonly state: 'on' | 'off' | 'blinking' } }
  readonly 'indicator.set': { readonly args: { readonly state: 'on' | 'off' | 'blinking' }; readonly result: Empty }
  readonly 'media.get': {
    readonly args: Empty
    readonly result: {
      readonly slots: readonly { readonly slot: string; readonly types: readonly string[]; readonly image: string | null }[]
    }
  }
  readonly 'media.insert': { readonly args: { readonly type: 'cdrom' | 'floppy' | 'disk'; readonly url: string }; readonly result: Empty }
  readonly 'media.eject': { readonly args: { readonly types: readonly ('cdrom' | 'floppy' | 'disk')[] | 'all' }; readonly result: Empty }
}

type Empty = Readonly<Record<string, never>>

export type HardwareCall = keyof HardwareCalls
export type ArgsOf<C extends HardwareCall> = HardwareCalls[C]['args']
export type ResultOf<C extends HardwareCall> = HardwareCalls[C]['result']

/** Why the hardware did not answer: a fault as the BMC drivers name it, or that nothing may be done for whoever asked any more. */
export interface HardwareFault {
  readonly fault:
    | 'settings'
    | 'unreachable'
    | 'certificate'
    | 'credentials'
    | 'busy'
    | 'refused'
    | 'unsupported'
    | 'garbled'
    | 'expired'
    | 'held'
  readonly message: string
}

/** What the conductor says of a call when it is done; the event `baremetal.hardware_call.done` has its id. */
export const HARDWARE_DONE = 'baremetal.hardware_call.done'
