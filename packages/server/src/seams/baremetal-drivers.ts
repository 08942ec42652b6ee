import { loadBmcDriver } from '../drivers/load.ts'
import type { SeamDef } from '../kit/service.ts'

/** The bare-metal service's drivers: files of ours, or installed packages, by name. */
export const baremetalDrivers: SeamDef = {
  name: 'local',
  consumer: 'baremetal',
  need: 'drivers',
  own: true,
  make: () => ({ load: loadBmcDriver }),
}
