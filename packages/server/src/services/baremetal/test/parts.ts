import {
  type BiosValue,
  type Bmc,
  BmcError,
  type Call,
  type Controller,
  type Firmware,
  type Job,
  type NewVolume,
  type Power,
  type Progress,
  type Settings,
  type Volume,
} from '../../../drivers/bmc/driver.ts'
import { Machine, Pretend } from './pretend.ts'

const WRITES = 60_000
const RESTARTS = 30_000
const JOINS = 20_000

/** A machine with settings, firmware and disks, that says at its end how often each of them was done. */
export class Parts extends Machine {
  readonly factory: Readonly<Record<string, BiosValue>> = { Boots: 1, Quiet: true }
  bios: Record<string, BiosValue> = { ...this.factory, Quiet: false }
  pending: Record<string, BiosValue> = {}
  versions: Record<string, string> = { bios: '1.0.0', bmc: '1.0.0' }
  volumes: Volume[] = []
  /** What it is told about images and disks waits for the next start. */
  staged = false
  /** Its controller takes one request at a time. */
  single = false
  /** Its jobs cannot be asked for. */
  mute = false
  /** It takes images, and cannot write them. */
  spoilt = false
  /** What was written to it, each time that it was. */
  readonly flashed: string[] = []
  readonly joined: string[] = []
  readonly parted: string[] = []
  starts = 0
  bricked = false
  /** Milliseconds, until which its BMC does not answer. */
  away = 0
  #writing: { readonly component: string; readonly version: string; readonly until: number; readonly job: string } | undefined
  #waiting: { readonly job: string; readonly what: () => void }[] = []
  readonly #jobs = new Map<string, Progress>()
  #volumes = 0
  readonly #now: () => number

  constructor(now: () => number) {
    super()
    this.#now = now
  }

  /** What has come about by itself since somebody looked. */
  settle(): void {
    const writing = this.#writing
    if (!writing || this.#now() < writing.until) return
    this.#writing = undefined
    this.versions[writing.component] = writing.version
    this.flashed.push(`${writing.component} ${writing.version}`)
    this.#jobs.set(writing.job, { is: 'done' })
    if (writing.component !== 'bmc') return
    this.away = writing.until + RESTARTS
    // It knows nothing of what it did before.
    this.#jobs.clear()
  }

  get writing(): string | undefined {
    return this.#writing?.component
  }

  override go(to: Power): void {
    this.settle()
    if (this.#writing && this.#writing.component !== 'bmc') this.bricked = true
    const starts = this.power === 'off' && to === 'on'
    super.go(to)
    if (!starts) return
    this.starts++
    this.bios = { ...this.bios, ...this.pending }
    this.pending = {}
    for (const { what } of this.#waiting.splice(0)) what()
  }

  #job(): Job {
    const at = `/jobs/${this.log.length}-${this.#jobs.size}`
    return { at }
  }

  #later(job: Job, what: () => void): Job {
    if (this.staged) {
      this.#jobs.set(job.at!, { is: 'needs start' })
      this.#waiting.push({ job: job.at!, what })
    } else what()
    return this.mute ? { at: null } : job
  }

  flash(component: string, version: string): Job {
    if (this.#writing || (this.staged && this.#waiting.length > 0)) throw new BmcError('busy', 'It is writing already.')
    const job = this.#job()
    if (this.spoilt) {
      this.#jobs.set(job.at!, { is: 'failed', why: 'The image does not verify.' })
      return job
    }
    const begin = () => {
      this.#writing = { component, version, until: this.#now() + WRITES, job: job.at! }
      this.#jobs.set(job.at!, { is: 'running', percent: null })
    }
    if (component !== 'bmc') return this.#later(job, begin)
    begin()
    return this.mute ? { at: null } : job
  }

  progress(at: string | null): Progress {
    return (at === null ? undefined : this.#jobs.get(at)) ?? { is: 'forgotten' }
  }

  join(wanted: NewVolume): Job {
    if (this.power !== 'on') throw new BmcError('refused', 'The controller has no power.')
    if (this.#making.some(({ drives }) => this.single || drives.some(drive => wanted.drives.includes(drive))))
      throw new BmcError('busy', 'It is at work.')
    if (this.volumes.some(({ drives }) => drives.some(drive => wanted.drives.includes(drive))))
      throw new BmcError('refused', 'These disks are in use.')
    const made = { id: `v${++this.#volumes}`, at: this.#now() + JOINS, ...wanted }
    this.#making.push(made)
    return this.#later(this.#job(), () => {
      made.at = this.#now() + JOINS
      this.#begun.add(made)
    })
  }
  #making: (NewVolume & { id: string; at: number })[] = []
  readonly #begun = new Set<object>()

  part(id: string): Job {
    if (this.power !== 'on') throw new BmcError('refused', 'The controller has no power.')
    if (!this.volumes.some(volume => volume.id === id)) return { at: null }
    return this.#later(this.#job(), () => {
      if (!this.volumes.some(volume => volume.id === id)) return
      this.volumes = this.volumes.filter(volume => volume.id !== id)
      this.parted.push(id)
    })
  }

  controllers(): readonly Controller[] {
    for (const made of this.#making.filter(each => this.#begun.has(each) && this.#now() >= each.at)) {
      this.volumes.push({ id: made.id, name: made.name, level: made.level, bytes: 1e9, drives: made.drives })
      this.joined.push(`${made.level} ${made.drives.join('+')}`)
      this.#making = this.#making.filter(each => each !== made)
    }
    const drives = ['d1', 'd2', 'd3', 'd4'].map(id => ({ id, bytes: 1e12, media: 'hdd' as const, protocol: 'SAS', healthy: true }))
    return [{ id: '1', name: 'RAID', levels: ['RAID0', 'RAID1'], drives, volumes: this.volumes }]
  }
}

/** Calls of a BMC that change what a machine is. */
export const PART_WRITES = ['setPower', 'setBios', 'resetBios', 'updateFirmware', 'createVolume', 'deleteVolume', 'baseline'] as const

/** Machines with parts. */
export class Workshop extends Pretend {
  now: () => number = () => 0

  override machine(address: string): Parts {
    const known = (this.machines.get(address) as Parts | undefined) ?? new Parts(() => this.now())
    this.machines.set(address, known)
    return known
  }

  override open(settings: Settings): Bmc {
    const bmc = super.open(settings)
    const m = this.machine(settings['address'] as string)
    const read = async <T>(call: Call, look: () => T): Promise<T> => {
      // A read of its own, so that all that keeps a BMC from answering does.
      await here(bmc, m, call, this.now)
      return look()
    }
    const write = async <T>(call: Call, what: string, change: () => T): Promise<T> => {
      await here(bmc, m, call, this.now)
      await call.before()
      m.log.push(what)
      const done = change()
      if (m.loseReplies > 0 && what.startsWith(m.loseRepliesTo)) {
        m.loseReplies--
        throw new BmcError('unreachable', 'The answer was lost.', { uncertain: true })
      }
      return done
    }
    return {
      ...bmc,
      power: call => read(call, () => m.read()),
      setPower: async (action, call) => {
        await here(bmc, m, call, this.now)
        return bmc.setPower(action, call)
      },
      biosSettings: call => read(call, () => ({ ...m.bios })),
      biosPending: call => read(call, () => ({ ...m.pending })),
      setBios: (settings, call) => write(call, `set ${JSON.stringify(settings)}`, () => void Object.assign(m.pending, settings)),
      resetBios: call =>
        write(call, 'reset', () => {
          m.pending = { ...m.factory }
        }),
      firmware: call =>
        read(call, (): Firmware[] =>
          Object.entries(m.versions).map(([component, version]) => ({
            component,
            version,
            updatable: true,
            updating: m.writing === component,
          })),
        ),
      updateFirmware: (component, url, call) =>
        write(call, `flash ${component}`, () => m.flash(component, /-([\d.]+)\.bin$/.exec(url)![1]!)),
      progress: (job, call) => read(call, () => m.progress(job.at)),
      storage: call => read(call, () => m.controllers()),
      createVolume: (volume, call) => write(call, `create ${volume.drives.join('+')}`, () => m.join(volume)),
      deleteVolume: (_, volume, call) => write(call, `delete ${volume}`, () => m.part(volume)),
    }
  }
}

const here = async (bmc: Bmc, m: Parts, call: Call, now: () => number): Promise<void> => {
  m.settle()
  if (now() < m.away) throw new BmcError('unreachable', 'The BMC restarts.')
  await bmc.bootDevice(call)
}
