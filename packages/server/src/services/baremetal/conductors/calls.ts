import type { HardwareCall as What } from '@esi/api/baremetal/hardware'
import { type Bmc, BmcError, type BootDevice, type Call } from '../../../drivers/bmc/driver.ts'

type Args = Readonly<Record<string, any>>

interface Way {
  /** It changes the hardware: it is done at most once, and what was proven of the node holds no more. */
  readonly writes: boolean
  run(bmc: Bmc, args: Args, call: Call): Promise<unknown>
}

const unable = (what: string) => (): never => {
  throw new BmcError('unsupported', `This driver cannot ${what}.`)
}

/** How each call is made; see api/baremetal/hardware.ts for what they take and give. */
export const CALLS: Readonly<Record<What, Way>> = {
  'boot_device.get': { writes: false, run: (bmc, _, call) => bmc.bootDevice(call) },
  'boot_device.supported': { writes: false, run: async (bmc, _, call) => ({ devices: await bmc.supportedBootDevices(call) }) },
  'boot_device.set': {
    writes: true,
    run: async (bmc, { device, persistent }, call) => {
      await bmc.setBootDevice(device as BootDevice, persistent === true, call)
      // Read back, because some BMCs accept and forget. A machine that starts just now uses up what was for one start.
      const is = await bmc.bootDevice(call)
      if (persistent && is.device !== device)
        throw new BmcError('refused', `The BMC accepted "${device}" as boot device, and has "${is.device ?? 'none'}" all the same.`)
      return {}
    },
  },
  nmi: { writes: true, run: async (bmc, _, call) => empty(await (bmc.nmi ?? unable('interrupt the machine')).call(bmc, call)) },
  'indicator.get': {
    writes: false,
    run: async (bmc, _, call) => ({ state: await (bmc.indicator ?? unable('read lights')).call(bmc, call) }),
  },
  'indicator.set': {
    writes: true,
    run: async (bmc, { state }, call) => empty(await (bmc.setIndicator ?? unable('switch lights')).call(bmc, state, call)),
  },
  'media.get': {
    writes: false,
    run: async (bmc, _, call) => ({ slots: await (bmc.media ?? unable('read virtual media')).call(bmc, call) }),
  },
  'media.insert': {
    writes: true,
    run: async (bmc, { type, url }, call) => empty(await (bmc.insertMedia ?? unable('insert virtual media')).call(bmc, type, url, call)),
  },
  'media.eject': {
    writes: true,
    run: async (bmc, { types }, call) => {
      const eject = bmc.ejectMedia ?? unable('eject virtual media')
      for (const type of types === 'all' ? ['all' as const] : types) await eject.call(bmc, type, call)
      return {}
    },
  },
}

const empty = (_: unknown) => ({})

/** Lights prove nothing and disprove nothing. */
export const WRITES: readonly string[] = Object.entries(CALLS)
  .filter(([what, { writes }]) => writes && what !== 'indicator.set')
  .map(([what]) => what)

export const isCall = (what: string): what is What => Object.hasOwn(CALLS, what)
