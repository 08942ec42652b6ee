import type { Bmc, BmcDriver } from './driver.ts'
import { ACCOUNT, setPassword } from './ipmi/account.ts'
import { BOOT_DEVICES, baseline, bootDevice, indicator, nmi, power, setBootDevice, setIndicator, setPower } from './ipmi/chassis.ts'
import { openConsole } from './ipmi/console.ts'
import { Link } from './ipmi/link.ts'
import { type Given, options } from './ipmi/options.ts'
import { eventLog, identify, sensors } from './ipmi/reports.ts'
import { seek } from './ipmi/seek.ts'
import { parseSettings, SETTINGS, type Target } from './ipmi/settings.ts'

/** What is remembered of so many BMCs: who waits, which cipher suite, whether it answers. */
const REMEMBERED = 20_000

/** IPMI 2.0 (and 1.5 where the settings say so) through `ipmitool`; settings as Ironic's ipmi hardware type has them. */
export const ipmi = (given: Given = {}): BmcDriver => {
  const made = options(given)
  const links = new Map<string, Link>()
  const link = (target: Target): Link => {
    const found = links.get(target.key) ?? new Link(target, made)
    links.delete(target.key)
    links.set(target.key, found)
    if (links.size > REMEMBERED) links.delete(links.keys().next().value!)
    return found
  }
  return {
    name: 'ipmi',
    can: ['boot device', 'sensors', 'event log', 'nmi', 'inventory', 'indicator', 'console'],
    settings: SETTINGS,
    check: settings => void parseSettings(settings),
    open: settings => {
      const target = parseSettings(settings)
      return handle(() => link(target))
    },
    seek,
    account: ACCOUNT,
    close: async () => links.clear(),
  }
}

const handle = (link: () => Link): Bmc => ({
  identify: call => identify(link(), call),
  power: call => power(link(), call),
  setPower: (action, call) => setPower(link(), action, call),
  bootDevice: call => bootDevice(link(), call),
  setBootDevice: (device, persistent, call) => setBootDevice(link(), device, persistent, call),
  supportedBootDevices: async call => {
    call.signal.throwIfAborted()
    return BOOT_DEVICES
  },
  sensors: call => sensors(link(), call),
  eventLog: (limit, call) => eventLog(link(), limit, call),
  nmi: call => nmi(link(), call),
  indicator: call => indicator(link(), call),
  setIndicator: (state, call) => setIndicator(link(), state, call),
  setPassword: (password, call) => setPassword(link(), password, call),
  console: call => openConsole(link(), call),
  baseline: call => baseline(link(), call),
})

export default ipmi()
