/** What can be made to go wrong at a BMC while the lab runs. */
export const FAULTS = {
  refuse: 'connections are reset at once, as if nobody listened',
  hang: 'connections and requests are accepted and never answered',
  slow: 'answers come `ms` later',
  'power-ignored': 'a Reset is answered as done, and nothing happens',
  'power-opposite': 'PowerState tells the opposite of the truth',
  'lost-reply': 'the request is carried out and the connection cut before the answer',
  'wrong-password': 'every password and token is refused with 401',
  busy: '503 with Retry-After (`seconds`)',
  'lost-sessions': 'all its sessions are forgotten before the request is looked at',
  garbled: 'the answer is JSON that ends in the middle',
  error: 'the request is answered with `status` and not carried out',
  'bmc-restart': 'the BMC restarts in the middle of the request; it is away for `seconds`',
  'deaf-system': 'the operating system takes no notice of the power button',
  'media-ignored': 'virtual media is answered as inserted or ejected, and nothing happens',
  'update-fails': 'a firmware update ends in a failure, and the old version runs on',
  'update-ignored': 'a firmware update is told to be over and well, and nothing was written',
  'raid-fails': 'disks are not joined or parted: the task for it ends in a failure',
  'raid-ignored': 'disks are told to be joined or parted, and are not',
  'bios-ignored': 'BIOS settings are answered as taken, and forgotten',
  'boot-ignored': 'a boot override is answered as set, and nothing happens',
} as const

export type FaultKind = keyof typeof FAULTS

export interface FaultOrder {
  readonly kind: FaultKind
  /** A machine's name; `*` for all. */
  readonly machine: string
  /** How many more times; for ever without it. */
  readonly count?: number
  /** How often it strikes, 0 to 1; always without it. */
  readonly probability?: number
  /** Only requests of this method. */
  readonly method?: string
  /** Only paths that contain this. */
  readonly path?: string
  readonly ms?: number
  readonly seconds?: number
  readonly status?: number
}

export interface Fault extends FaultOrder {
  readonly id: number
  /** How many more times; null for ever. */
  left: number | null
  /** How often it has struck. */
  struck: number
}

export interface Struck {
  readonly method: string
  readonly path: string
}

/** Which faults are switched on. */
export class Faults {
  private readonly all = new Map<number, Fault>()
  private readonly chance: () => number
  private last = 0

  /** `chance` gives numbers from 0 to below 1. */
  constructor(chance: () => number = Math.random) {
    this.chance = chance
  }

  add(order: FaultOrder): Fault {
    checkFault(order)
    const fault: Fault = { ...order, id: ++this.last, left: order.count ?? null, struck: 0 }
    this.all.set(fault.id, fault)
    return fault
  }

  list(): Fault[] {
    return [...this.all.values()]
  }

  /** Switches off what matches all that is named; everything without names. Returns how many. */
  clear(which: { id?: number; machine?: string; kind?: string } = {}): number {
    let cleared = 0
    for (const fault of this.list()) {
      if (which.id !== undefined && fault.id !== which.id) continue
      if (which.machine !== undefined && fault.machine !== which.machine) continue
      if (which.kind !== undefined && fault.kind !== which.kind) continue
      this.all.delete(fault.id)
      cleared++
    }
    return cleared
  }

  /** Whether it strikes now; if so it is counted. A fault that names a path or method strikes only requests. */
  strikes(kind: FaultKind, machine: string, request?: Struck): Fault | undefined {
    for (const fault of this.all.values()) {
      if (fault.kind !== kind || (fault.machine !== '*' && fault.machine !== machine)) continue
      if (fault.method !== undefined && fault.method !== request?.method) continue
      if (fault.path !== undefined && !request?.path.includes(fault.path)) continue
      if (fault.probability !== undefined && this.chance() >= fault.probability) continue
      fault.struck++
      if (fault.left !== null && --fault.left <= 0) this.all.delete(fault.id)
      return fault
    }
    return undefined
  }
}

/** Throws a sentence that names what is wrong. */
export function checkFault(order: FaultOrder): void {
  if (!(order.kind in FAULTS)) throw new Error(`there is no fault '${order.kind}'; there are ${Object.keys(FAULTS).join(', ')}`)
  if (typeof order.machine !== 'string' || order.machine === '') throw new Error('machine must be a name, or * for all')
  number('count', order.count, 1, Number.MAX_SAFE_INTEGER, true)
  number('probability', order.probability, 0, 1)
  number('ms', order.ms, 0, 3_600_000)
  number('seconds', order.seconds, 0, 86_400)
  number('status', order.status, 400, 599, true)
  if (order.kind === 'slow' && order.ms === undefined) throw new Error('slow needs ms')
  if (order.kind === 'error' && order.status === undefined) throw new Error('error needs status')
}

function number(name: string, value: unknown, low: number, high: number, whole = false): void {
  if (value === undefined) return
  if (typeof value !== 'number' || !(value >= low && value <= high) || (whole && !Number.isInteger(value)))
    throw new Error(`${name} must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}`)
}
