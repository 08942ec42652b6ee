import { type Bmc, type BmcDriver, BmcError, type Call } from './driver.ts'
import { ACCOUNT, setPassword } from './redfish/account.ts'
import { baseline } from './redfish/baseline.ts'
import { biosPending, biosRegistry, biosSettings, resetBios, setBios } from './redfish/bios.ts'
import { bootDevice, bootMode, setBootDevice, setBootMode, supportedBootDevices } from './redfish/boot.ts'
import { openConsole } from './redfish/console.ts'
import { eventLog } from './redfish/event-log.ts'
import { firmware, updateFirmware } from './redfish/firmware.ts'
import { indicator, setIndicator } from './redfish/indicator.ts'
import { identify } from './redfish/inventory.ts'
import { type Machine, machine } from './redfish/machine.ts'
import { ejectMedia, insertMedia, media } from './redfish/media.ts'
import { type Options, options } from './redfish/options.ts'
import { Pool } from './redfish/pool.ts'
import { powerOf, reset, setPower } from './redfish/power.ts'
import { secureBoot, setSecureBoot } from './redfish/secure-boot.ts'
import { seek } from './redfish/seek.ts'
import { sensors } from './redfish/sensors.ts'
import { parseSettings, SETTINGS, type Target } from './redfish/settings.ts'
import { createVolume, deleteVolume, storage } from './redfish/storage.ts'

/** Redfish (DSP0266), with what is peculiar about iDRAC, iLO, XCC and Supermicro as data (redfish/quirks.ts). */
export const redfish = (given: Parameters<typeof options>[0] = {}): BmcDriver => {
  const pool = new Pool(options(given))
  return {
    name: 'redfish',
    can: [
      'boot device',
      'boot mode',
      'secure boot',
      'virtual media',
      'sensors',
      'event log',
      'nmi',
      'inventory',
      'indicator',
      'bios',
      'firmware',
      'raid',
      'console',
    ],
    settings: SETTINGS,
    check: settings => void parseSettings(settings),
    open: settings => handle(pool, parseSettings(settings)),
    seek,
    account: ACCOUNT,
    close: () => pool.close(),
  }
}

const handle = (pool: Pool, target: Target): Bmc => {
  const on = <T>(call: Call, work: (m: Machine) => Promise<T>): Promise<T> =>
    pool.use(target, async link => await work(await machine(link, target.system, call)))
  return {
    identify: call => on(call, identify),
    power: call => on(call, async m => powerOf(target.origin, m.system.body)),
    setPower: (action, call) => on(call, m => setPower(m, action)),
    bootDevice: call => on(call, bootDevice),
    setBootDevice: (device, persistent, call) => on(call, m => setBootDevice(m, device, persistent)),
    supportedBootDevices: call => on(call, supportedBootDevices),
    bootMode: call => on(call, bootMode),
    setBootMode: (mode, call) => on(call, m => setBootMode(m, mode)),
    secureBoot: call => on(call, secureBoot),
    setSecureBoot: (to, call) => on(call, m => setSecureBoot(m, to)),
    biosSettings: call => on(call, biosSettings),
    biosRegistry: call => on(call, biosRegistry),
    biosPending: call => on(call, biosPending),
    setBios: (settings, call) => on(call, m => setBios(m, settings)),
    resetBios: call => on(call, resetBios),
    firmware: call => on(call, firmware),
    updateFirmware: (component, url, call) => on(call, m => updateFirmware(m, component, url)),
    storage: call => on(call, storage),
    createVolume: (volume, call) => on(call, m => createVolume(m, volume)),
    deleteVolume: (controller, volume, call) => on(call, m => deleteVolume(m, controller, volume)),
    progress: (job, call) => pool.use(target, link => (job.at === null ? Promise.resolve({ is: 'forgotten' }) : link.look(job.at, call))),
    console: call => on(call, m => openConsole(m, target)),
    media: call => on(call, media),
    insertMedia: (type, url, call) => on(call, m => insertMedia(m, type, url)),
    ejectMedia: (type, call) => on(call, async m => void (await ejectMedia(m, type))),
    sensors: call => on(call, sensors),
    eventLog: (limit, call) => on(call, m => eventLog(m, limit)),
    nmi: call =>
      on(call, async m => {
        if (powerOf(target.origin, m.system.body) === 'off')
          throw new BmcError('refused', `The machine behind ${target.origin} is off, so it cannot be interrupted. Switch it on first.`)
        await reset(m, 'Nmi')
      }),
    indicator: call => on(call, indicator),
    setIndicator: (state, call) => on(call, m => setIndicator(m, state)),
    setPassword: (password, call) => pool.use(target, link => setPassword(link, password, call)),
    baseline: call => on(call, baseline),
  }
}

export type { Options }
export default redfish()
