import { toMillis } from '@esi/api/time'
import { BmcError, type Controller } from '../../../../drivers/bmc/driver.ts'
import { again } from '../../../../kit/work/conductor.ts'
import { badRaid } from '../../domain/raid.ts'
import { configOf, type Logical, matched, NoPlan, type Planned, plan } from '../../domain/raid-plan.ts'
import type { Values } from '../../store/conduct-node.ts'
import { COMMAND, save, type Turn } from '../hand.ts'
import { powerTo } from '../power.ts'
import { START } from './flash.ts'
import { type At, enter, type Job, jobOf, patiently, putBack, restart, Wrong } from './job.ts'

const LIMIT = 3_600_000
const LOOKING = 'looking whether the controller has begun'
/** What is told to be done and does not show may wait for a start of the machine. */
const BELIEVED = 20_000
/** So long it may take to show after that start. */
const SHOWN = 1_200_000

/** A request that was sent, or was about to be: to make one of the plan, or to delete a volume (`controller/volume`). */
interface Asked {
  readonly at: string
  readonly job?: string | null
  /** The machine was restarted, at that time, to see whether it had waited for that. */
  readonly looked?: string
}

interface Doing extends Job {
  readonly asked: Readonly<Record<string, Asked>>
  /** What is to be deleted, as `controller/volume`. */
  readonly doomed: readonly string[]
  readonly planned: readonly Planned[]
  /** Volumes that were there when the plan was made. */
  readonly before: readonly string[]
  readonly restarted?: boolean
}

const flag = ({ step }: At, name: string, otherwise: boolean): boolean => {
  const value = step.args?.[name]
  if (value === undefined) return otherwise
  if (typeof value !== 'boolean') throw new Wrong(`"${name}" must be true or false.`)
  return value
}

/** Makes the volumes of `target_raid_config`. */
export const createConfiguration = (at: At): Promise<'done' | Turn> =>
  make(at, at.node.target_raid_config, { root: true, others: true, existing: false })

/** The same with a configuration of its own, which becomes the node's. */
export const applyConfiguration = async (at: At): Promise<'done' | Turn> => {
  const config = at.step.args?.['raid_config']
  if (config === null || typeof config !== 'object' || Array.isArray(config)) throw new Wrong('"raid_config" must be an object.')
  return make(at, config as Values, { root: true, others: false, existing: false }, true)
}

/** Takes all volumes apart. */
export const deleteConfiguration = async (at: At): Promise<'done' | Turn> => {
  const job = jobOf(at) as Doing | undefined
  if (job) return goOn(at, job, { logical: null })
  return begin(at, { doomed: keys(await read(at)) }, null)
}

const make = async (
  at: At,
  config: Values,
  otherwise: { readonly root: boolean; readonly others: boolean; readonly existing: boolean },
  own = false,
): Promise<'done' | Turn> => {
  const job = jobOf(at) as Doing | undefined
  const why = badRaid(config)
  if (why !== undefined)
    throw new Wrong(
      Object.keys(config).length === 0 ? 'The node has no target_raid_config. Set one first.' : `The RAID configuration is wrong: ${why}.`,
    )
  const [root, others, existing] = [
    flag(at, 'create_root_volume', otherwise.root),
    flag(at, 'create_nonroot_volumes', otherwise.others),
    flag(at, 'delete_existing', otherwise.existing),
  ]
  const logical = (config['logical_disks'] as readonly Logical[]).filter(disk => (disk['is_root_volume'] === true ? root : others))
  if (job) return goOn(at, job, { logical })
  if (own && !(await save(at.hand, at.node, { target_raid_config: config }))) return 'on'
  const now = await read(at)
  const doomed = existing ? keys(now) : []
  // Whether it can be done is known before anything is destroyed for it.
  planned(logical, existing ? now.map(c => ({ ...c, volumes: [] })) : now)
  return begin(at, { doomed }, logical)
}

const planned = (logical: readonly Logical[], controllers: readonly Controller[]): readonly Planned[] => {
  try {
    return plan(logical, controllers)
  } catch (error) {
    throw error instanceof NoPlan ? new Wrong(error.message) : error
  }
}

const begin = async (
  at: At,
  { doomed }: { readonly doomed: readonly string[] },
  logical: readonly Logical[] | null,
): Promise<'done' | Turn> => {
  if (doomed.length === 0 && (logical?.length ?? 0) === 0) return keep(at, [])
  const was = await at.bmc.read((b, call) => b.power(call))
  return enter(at, { phase: 'on', was, doomed, asked: {}, planned: [], before: [] })
}

const goOn = async (at: At, job: Doing, { logical }: { readonly logical: readonly Logical[] | null }): Promise<'done' | Turn> => {
  const { hand, node, bmc } = at
  switch (job.phase) {
    // Controllers work only while the machine has power.
    case 'on': {
      const turn = await powerTo(hand, node, bmc, 'on', -3000 - at.at)
      return turn === 'done' ? enter(at, { ...job, phase: job.doomed.length > 0 ? 'delete' : 'plan' }) : turn
    }
    case 'delete': {
      const turn = await work(at, job, job.doomed, async now => job.doomed.map(key => !keys(now).includes(key)), remove(at))
      if (turn !== 'all') return turn
      return enter(at, { ...job, phase: logical === null ? 'put back' : 'plan', asked: {}, restarted: false })
    }
    case 'plan': {
      const now = await read(at)
      return enter(at, { ...job, phase: 'create', planned: planned(logical ?? [], now), before: keys(now), asked: {}, restarted: false })
    }
    case 'create': {
      const wanted = job.planned.map((_, i) => String(i))
      const there = async (now: readonly Controller[]) => matched(job.planned, job.before, now).map(volume => volume !== null)
      const turn = await work(at, job, wanted, there, add(at, job))
      return turn === 'all' ? enter(at, { ...job, phase: 'put back' }) : turn
    }
    case 'restart': {
      const turn = await restart(at)
      return turn === 'done' ? enter(at, { ...job, phase: job['back'] as string, restarted: true }) : turn
    }
    default: {
      const turn = await putBack(at, job.was)
      if (turn !== 'done') return turn
      return keep(at, job.planned, job.before)
    }
  }
}

type Send = (key: string) => Promise<{ readonly at: string | null }>

const remove =
  ({ bmc }: At): Send =>
  key => {
    const [controller, volume] = parts(key)
    return bmc.write((b, call) => (b.deleteVolume ?? unable)(controller, volume, call))
  }

const add =
  ({ bmc }: At, job: Doing): Send =>
  key => {
    const { root: _, ...volume } = job.planned[Number(key)]!
    return bmc.write((b, call) => (b.createVolume ?? unable)(volume, call))
  }

/**
 * Asks for what is not there yet, each once, follows the jobs, and restarts the machine where they wait for it. Whether something was
 * done is seen by looking, so a lost answer costs a look and not a second volume.
 */
const work = async (
  at: At,
  job: Doing,
  wanted: readonly string[],
  there: (now: readonly Controller[]) => Promise<readonly boolean[]>,
  send: Send,
): Promise<'all' | Turn> => {
  const { hand, node } = at
  const seen = await patiently(at, job.since, LIMIT, 'waiting for the storage controller', async () => await there(await read(at)))
  if ('turn' in seen) return seen.turn
  const open = wanted.filter((_, i) => !seen.read[i])
  if (open.length === 0) return 'all'
  const age = (key: string) => toMillis(hand.run.now()) - toMillis(job.asked[key]!.at)
  // Sent by somebody who never learnt what became of it: if it was begun, it shows in time.
  const lost = open.find(key => job.asked[key] !== undefined && job.asked[key]!.job === undefined)
  if (lost !== undefined) {
    if (age(lost) < COMMAND) return again(2000, LOOKING)
    const { looked } = job.asked[lost]!
    // What waits for the machine's start shows only after one; sent again before, it would be made twice.
    if (looked === undefined) {
      const asked = { ...job.asked, [lost]: { ...job.asked[lost]!, looked: hand.run.now() } }
      return enter(at, { ...job, asked, phase: 'restart', back: job.phase })
    }
    if (toMillis(hand.run.now()) - toMillis(looked) < START) return again(15_000, LOOKING)
    const { [lost]: _, ...asked } = job.asked
    return enter(at, { ...job, asked })
  }
  const next = open.find(key => job.asked[key] === undefined)
  if (next !== undefined) {
    // One that is asked for after a restart may need a restart of its own.
    const noted = { ...job, restarted: false, asked: { ...job.asked, [next]: { at: hand.run.now() } } }
    if (!(await save(hand, node, { notes: { state: node.provision_state, job: noted } }))) return 'on'
    try {
      const begun = await send(next)
      return enter(at, { ...noted, asked: { ...noted.asked, [next]: { at: hand.run.now(), job: begun.at } } })
    } catch (error) {
      if (!(error instanceof BmcError)) throw error
      if (error.uncertain) return again(2000, LOOKING)
      await save(hand, node, { notes: { state: node.provision_state, job } })
      // Some take the next one only when the last one is through.
      if (error.retryable && open.some(key => job.asked[key] !== undefined)) return follow(at, job, open, age)
      throw error
    }
  }
  return follow(at, job, open, age)
}

const follow = async (at: At, job: Doing, open: readonly string[], age: (key: string) => number): Promise<Turn> => {
  const { bmc } = at
  const asked = open.filter(key => job.asked[key] !== undefined)
  let waits = 0
  const read = await patiently(at, job.since, LIMIT, 'the storage controller is at work', async () => {
    for (const key of asked) {
      const where = job.asked[key]!.job ?? null
      const progress = await bmc.read(async (b, call) => (await b.progress?.({ at: where }, call)) ?? { is: 'forgotten' as const })
      if (progress.is === 'failed') return progress
      if (progress.is !== 'running' && age(key) >= BELIEVED) waits++
    }
    return undefined
  })
  if ('turn' in read) {
    const said = waits === asked.length
    const restarts = said && !job.restarted
    if (said && job.restarted && toMillis(at.hand.run.now()) - toMillis(job.since) >= SHOWN)
      throw new Wrong(
        'The BMC says that it was done, also after a restart of the machine, and the disks are as they were. Look at its storage controller.',
      )
    return restarts ? enter(at, { ...job, phase: 'restart', back: job.phase }) : read.turn
  }
  const says = read.read.why === '' ? 'It does not say why.' : `It says: "${read.read.why}"`
  throw new Wrong(`The storage controller could not ${job.phase === 'delete' ? 'delete a volume' : 'make a volume'}. ${says}`)
}

const read = async ({ bmc }: At): Promise<readonly Controller[]> => {
  const found = await bmc.read(async (b, call) => (await b.storage?.(call)) ?? null)
  if (found === null) return unable()
  if (found.length === 0) throw new Wrong('The BMC shows no storage controller.')
  return found
}

const keys = (controllers: readonly Controller[]): readonly string[] =>
  controllers.flatMap(c => c.volumes.filter(v => v.level !== 'None').map(v => `${c.id}/${v.id}`))

const parts = (key: string): readonly [string, string] => {
  const i = key.indexOf('/')
  return [key.slice(0, i), key.slice(i + 1)]
}

/** What there is, as the API shows it. */
const keep = async (at: At, made: readonly Planned[], before: readonly string[] = []): Promise<'done' | Turn> => {
  const now = await read(at)
  const found = matched(made, before, now)
  const roots = made.flatMap(({ root, controller }, i) => (root && found[i] ? [`${controller}/${found[i].id}`] : []))
  const config = { ...configOf(now, roots), last_updated: at.hand.run.now() }
  return (await save(at.hand, at.node, { raid_config: config })) ? 'done' : 'on'
}

const unable = (): never => {
  throw new BmcError('unsupported', 'This driver cannot join disks.')
}
