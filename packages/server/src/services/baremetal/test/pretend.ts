import { type Bmc, type BmcDriver, BmcError, type BootDevice, type Call, type Power, type Settings } from '../../../drivers/bmc/driver.ts'

/** A machine that a test plays with: what it is, and what is wrong with its BMC. */
export class Machine {
  power: Power = 'off'
  boot: { device: BootDevice | null; persistent: boolean | null } = { device: null, persistent: null }
  images = new Set<string>()
  mode: 'uefi' | 'bios' = 'uefi'
  secure = false
  light: 'on' | 'off' | 'blinking' = 'off'
  interrupts = 0
  macs: string[] = []
  serial: string | null = null
  /** Of its account; a caller who gives none gets in too. */
  password = 'right'
  /** Takes longer passwords, and keeps so many characters. */
  keeps = 20
  /** Nobody answers, and a caller has to give up by itself. */
  silent = false
  /** Fails every call at once. */
  fault: BmcError | undefined
  /** The next so many writes are done, and their answer is lost; of those that begin so. */
  loseReplies = 0
  loseRepliesTo = ''
  /** Says yes to power commands and does nothing. */
  lies = false
  /** Says that everything is back to the baseline, and leaves it as it is. */
  stubborn = false
  /** Goes off by force only. */
  deaf = false
  /** Does what it is told after so many readings. */
  slow = 0
  /** Its firmware is being written. */
  flashing = false
  /** Everything that changed it, in order. */
  readonly log: string[] = []
  /** Calls that wait for an answer. */
  readonly waiting = new Set<() => void>()
  #later: { left: number; to: Power } | undefined

  /** It was silent, and now says so. */
  hangUp(): void {
    this.silent = false
    for (const end of this.waiting) end()
  }

  read(): Power {
    if (this.#later && --this.#later.left <= 0) {
      this.power = this.#later.to
      this.#later = undefined
    }
    return this.power
  }

  go(to: Power): void {
    if (this.slow > 0) this.#later = { left: this.slow, to }
    else this.power = to
    if (to === 'on' && this.boot.persistent === false) this.boot = { device: null, persistent: null }
  }
}

/** A BMC driver over such machines, by `address`. */
export class Pretend implements BmcDriver {
  readonly name = 'pretend'
  readonly can = ['boot device', 'boot mode', 'secure boot', 'virtual media', 'nmi', 'inventory', 'indicator'] as const
  readonly settings = {
    address: { doc: 'Which machine.', required: true },
    username: { doc: 'Its account.' },
    password: { doc: 'Its password.', secret: true },
  }
  readonly account = { username: 'username', password: 'password', length: () => ({ most: 20, safe: 16 }) }
  readonly machines = new Map<string, Machine>()

  machine(address: string): Machine {
    const known = this.machines.get(address) ?? new Machine()
    this.machines.set(address, known)
    return known
  }

  check(settings: Settings): void {
    if (typeof settings['address'] !== 'string') throw new BmcError('settings', 'address is missing.')
  }

  open(settings: Settings): Bmc {
    this.check(settings)
    const m = this.machine(settings['address'] as string)
    const meet = async (call: Call): Promise<void> => {
      call.signal.throwIfAborted()
      if (m.silent)
        await new Promise((_, reject) => {
          call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true })
          m.waiting.add(() => reject(new BmcError('unreachable', 'It hung up.')))
        })
      if (settings['password'] !== undefined && settings['password'] !== m.password)
        throw new BmcError('credentials', 'The BMC refuses the password. Set a new one.')
      if (m.fault) throw m.fault
    }
    const read = async <T>(call: Call, look: () => T): Promise<T> => {
      await meet(call)
      return look()
    }
    const write = async (call: Call, what: string, change: () => void): Promise<void> => {
      await meet(call)
      await call.before()
      call.signal.throwIfAborted()
      m.log.push(what)
      change()
      if (m.loseReplies > 0 && what.startsWith(m.loseRepliesTo)) {
        m.loseReplies--
        throw new BmcError('unreachable', 'The answer was lost.', { uncertain: true })
      }
    }
    return {
      identify: call =>
        read(call, () => ({
          vendor: 'Pretend',
          model: 'P1',
          serial: m.serial,
          uuid: null,
          bmcVersion: '1',
          biosVersion: '1',
          cpus: 8,
          memoryMb: 65_536,
          macs: m.macs,
        })),
      power: call => read(call, () => m.read()),
      firmware: call => read(call, () => [{ component: 'bios', version: '1', updatable: true, updating: m.flashing }]),
      setPower: async (action, call) => {
        await meet(call)
        const to: Power = action === 'off' || action === 'soft off' ? 'off' : 'on'
        if (m.power === to && !action.endsWith('reboot')) return
        await write(call, `power ${action}`, () => {
          if (!m.lies && !(m.deaf && action === 'soft off')) m.go(to)
        })
      },
      bootDevice: call => read(call, () => m.boot),
      setBootDevice: (device, persistent, call) =>
        write(call, `boot ${device}`, () => {
          m.boot = { device, persistent }
        }),
      supportedBootDevices: call => read(call, () => ['pxe', 'disk', 'cdrom'] as const),
      bootMode: call => read(call, () => m.mode),
      setBootMode: (mode, call) =>
        write(call, `mode ${mode}`, () => {
          m.mode = mode
        }),
      secureBoot: call => read(call, () => m.secure),
      setSecureBoot: (on, call) =>
        write(call, `secure ${on}`, () => {
          m.secure = on
        }),
      media: call => read(call, () => [...m.images].map(image => ({ slot: 'Cd', types: ['CD'], image }))),
      insertMedia: (_, url, call) => write(call, `insert ${url}`, () => void m.images.add(url)),
      ejectMedia: (_, call) => write(call, 'eject', () => m.images.clear()),
      setPassword: (password, call) =>
        write(call, 'password', () => {
          if (!m.lies) m.password = password.slice(0, m.keeps)
        }),
      nmi: call => write(call, 'nmi', () => void m.interrupts++),
      indicator: call => read(call, () => m.light),
      setIndicator: (state, call) =>
        write(call, `light ${state}`, () => {
          m.light = state
        }),
      baseline: async call => {
        await meet(call)
        if (m.boot.device !== null || m.images.size > 0)
          await write(call, 'baseline', () => {
            if (m.stubborn) return
            m.boot = { device: null, persistent: null }
            m.images.clear()
          })
        return { done: ['ended the boot override', 'ejected virtual media'], impossible: [] }
      },
    }
  }
}
