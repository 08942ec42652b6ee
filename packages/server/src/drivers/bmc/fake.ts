import { type Bmc, type BmcDriver, BmcError, type BootDevice, type Call, type Power, type Settings } from './driver.ts'

/** What a machine that exists nowhere remembers. */
interface Memory {
  power: Power
  /** Null: whatever is said is right. */
  password: string | null
  device: BootDevice
  persistent: boolean
  mode: 'uefi' | 'bios'
  secure: boolean
  indicator: 'on' | 'off' | 'blinking'
  images: Map<'cdrom' | 'floppy' | 'disk', string>
}

const fresh = (): Memory => ({
  power: 'off',
  password: null,
  device: 'pxe',
  persistent: false,
  mode: 'uefi',
  secure: false,
  indicator: 'off',
  images: new Map(),
})

const DEVICES: readonly BootDevice[] = ['pxe', 'disk', 'cdrom', 'bios', 'safe']

/**
 * Ironic's `fake-hardware`: machines that are nothing but memory of this process, one for each node, and off at first. For test
 * suites that want the API without hardware; nothing that it says of a machine is true of a real one.
 */
export const fake = (): BmcDriver => {
  const machines = new Map<string, Memory>()
  const memory = (key: string): Memory => {
    const known = machines.get(key) ?? fresh()
    machines.set(key, known)
    return known
  }
  return {
    name: 'fake-hardware',
    can: ['boot device', 'boot mode', 'secure boot', 'virtual media', 'nmi', 'inventory', 'indicator'],
    settings: {
      fake_id: { doc: 'Which machine this is. Default: one for each node.' },
      fake_username: { doc: 'The name of an account; any will do.' },
      fake_password: { doc: 'Its password; any will do until it is changed by us.', secret: true },
    },
    account: { username: 'fake_username', password: 'fake_password', length: () => ({ most: 127, safe: 20 }) },
    check: settings => {
      for (const key of ['fake_id', 'fake_username', 'fake_password']) text(settings, key)
    },
    open: (settings, node) => {
      const key = text(settings, 'fake_id') ?? node ?? JSON.stringify(Object.entries(settings).sort())
      return handle(() => memory(key), text(settings, 'fake_password'))
    },
  }
}

const text = (settings: Settings, key: string): string | undefined => {
  const value = settings[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new BmcError('settings', `${key} must be a text.`)
  return value
}

const handle = (memory: () => Memory, password: string | undefined): Bmc => {
  const enter = (call: Call): void => {
    call.signal.throwIfAborted()
    if (memory().password !== null && memory().password !== password)
      throw new BmcError('credentials', 'The fake machine refuses the password. Correct fake_password.')
  }
  const read = async <T>(call: Call, look: (m: Memory) => T): Promise<T> => {
    enter(call)
    return look(memory())
  }
  /** Changes nothing, and asks nobody, where all is as wanted. */
  const write = async (call: Call, as: (m: Memory) => boolean, change: (m: Memory) => void): Promise<void> => {
    enter(call)
    if (as(memory())) return
    await call.before()
    call.signal.throwIfAborted()
    change(memory())
  }
  const known = { serial: null, uuid: null, bmcVersion: null, biosVersion: null, cpus: null, memoryMb: null, macs: [] }
  return {
    identify: call => read(call, () => ({ vendor: 'ESI', model: 'fake', ...known })),
    power: call => read(call, m => m.power),
    setPower: (action, call) => {
      const to: Power = action === 'off' || action === 'soft off' ? 'off' : 'on'
      const restarts = action === 'reboot' || action === 'soft reboot'
      return write(
        call,
        m => m.power === to && !restarts,
        m => {
          // A start uses up what was set for one start.
          if (to === 'on' && !m.persistent) m.device = 'pxe'
          m.power = to
        },
      )
    },
    bootDevice: call => read(call, m => ({ device: m.device, persistent: m.persistent })),
    setBootDevice: (device, persistent, call) => {
      if (!DEVICES.includes(device)) return Promise.reject(new BmcError('unsupported', `A fake machine cannot boot from "${device}".`))
      const set = (m: Memory) => m.device === device && m.persistent === persistent
      return write(call, set, m => Object.assign(m, { device, persistent }))
    },
    supportedBootDevices: call => read(call, () => DEVICES),
    bootMode: call => read(call, m => m.mode),
    setBootMode: (mode, call) =>
      write(
        call,
        m => m.mode === mode,
        m => Object.assign(m, { mode }),
      ),
    secureBoot: call => read(call, m => m.secure),
    setSecureBoot: (secure, call) =>
      write(
        call,
        m => m.secure === secure,
        m => Object.assign(m, { secure }),
      ),
    media: call =>
      read(call, m =>
        (['cdrom', 'floppy', 'disk'] as const).map(type => ({ slot: type, types: [TYPES[type]], image: m.images.get(type) ?? null })),
      ),
    insertMedia: (type, url, call) => {
      const full = memory().images.get(type)
      if (full !== undefined && full !== url)
        return Promise.reject(new BmcError('refused', `The virtual drive for "${type}" is in use. Eject it first.`))
      return write(
        call,
        m => m.images.get(type) === url,
        m => void m.images.set(type, url),
      )
    },
    ejectMedia: (type, call) =>
      write(
        call,
        m => (type === 'all' ? m.images.size === 0 : !m.images.has(type)),
        m => void (type === 'all' ? m.images.clear() : m.images.delete(type)),
      ),
    nmi: call => {
      if (memory().power === 'off') return Promise.reject(new BmcError('refused', 'The machine is off, so it cannot be interrupted.'))
      return write(
        call,
        () => false,
        () => undefined,
      )
    },
    indicator: call => read(call, m => m.indicator),
    setIndicator: (indicator, call) =>
      write(
        call,
        m => m.indicator === indicator,
        m => Object.assign(m, { indicator }),
      ),
    setPassword: (password, call) =>
      write(
        call,
        m => m.password === password,
        m => Object.assign(m, { password }),
      ),
    baseline: async call => {
      const clean = (m: Memory) => m.images.size === 0 && m.device === 'pxe' && !m.persistent
      await write(call, clean, m => {
        m.images.clear()
        Object.assign(m, { device: 'pxe', persistent: false })
      })
      return { done: ['ended the boot override', 'ejected virtual media', 'default boot order'], impossible: [] }
    },
  }
}

const TYPES = { cdrom: 'CD', floppy: 'Floppy', disk: 'USBStick' } as const

export default fake()
