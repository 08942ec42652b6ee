import { plus, toMillis } from '@esi/api/time'
import { BmcError, type Firmware } from '../../../../drivers/bmc/driver.ts'
import { again, wait } from '../../../../kit/work/conductor.ts'
import { type Image, imagesOf, names } from '../../domain/firmware.ts'
import { FLASH, type Flash } from '../../domain/flash.ts'
import { noteFirmware } from '../../store/bios.ts'
import { COMMAND, save, type Turn } from '../hand.ts'
import { START } from './flash.ts'
import { type At, enter, type Job, jobOf, patiently, putBack, restart, Wrong } from './job.ts'

/** A BMC restarts to run its new firmware; some machines start twice. */
const BACK = 1_200_000
/** A job that waits for the machine's next start says so for so long before it is believed: some wait for nothing but their turn. */
const BELIEVED = 30_000

const LOOKING = 'looking whether the BMC has begun the update'

interface Doing extends Job {
  /** Which image of the list. */
  readonly image: number
  /** What ran before; null where the BMC does not say. */
  readonly before?: string | null
  /** The request was sent, or was about to be, when it was last heard of. */
  readonly sent?: string
  readonly started?: boolean
  readonly restarted?: boolean
}

/**
 * Writes images one after the other: asks the BMC, follows its job wherever the BMC restarts, restarts the machine where the job
 * waits for that, and reads the version back. Nothing takes the machine's power while it is written.
 */
export const update = async (at: At): Promise<'done' | Turn> => {
  const given = imagesOf(at.step.args?.['settings'])
  if ('wrong' in given) throw new Wrong(given.wrong)
  const { images } = given
  const job = jobOf(at) as Doing | undefined
  if (!job) {
    const was = await at.bmc.read((b, call) => b.power(call))
    return enter(at, { phase: 'ask', image: 0, was })
  }
  const image = images[job.image]
  if (!image) {
    const turn = await putBack(at, job.was)
    return turn
  }
  switch (job.phase) {
    case 'ask':
      return ask(at, job, image)
    case 'running':
      return follow(at, job, image)
    case 'restart': {
      const turn = await restart(at)
      if (turn !== 'done') return turn
      if (job.sent !== undefined) return enter(at, { ...job, phase: 'ask', restarted: true })
      return enter(at, { ...job, phase: at.node.flash?.job && !job.started ? 'running' : 'check', started: true, restarted: true })
    }
    case 'check':
      return check(at, job, image)
    default: {
      const until = plus(job.since, (image.wait ?? 0) * 1000)
      if (at.hand.run.now() < until) return wait(until, `the image asks to wait ${image.wait} s`)
      return next(at, job)
    }
  }
}

const ask = async (at: At, job: Doing, image: Image): Promise<Turn> => {
  const { hand, node, bmc } = at
  // A BMC that was told may be restarting with what it was told.
  const seen = job.sent === undefined ? { read: await listed(at) } : await patiently(at, job.since, BACK, LOOKING, () => listed(at))
  if ('turn' in seen) return seen.turn
  const parts = seen.read
  const part = parts.find(each => each.component === image.component)
  if (!part) throw new Wrong(`The machine has no firmware "${image.component}", only ${parts.map(p => p.component).join(', ')}.`)
  if (job.sent !== undefined) {
    // Somebody sent it, or died just before. If it was begun, it shows.
    if (part.updating || part.version !== job.before) return enter(at, { ...without(job), phase: part.updating ? 'running' : 'check' })
    if (toMillis(hand.run.now()) - toMillis(job.sent) < COMMAND) return again(2000, LOOKING)
    // It may wait for the machine's start, and shows only after one; sent again before, it would be written twice.
    if (image.component !== 'bmc' && !job.restarted) return enter(at, { ...job, phase: 'restart' })
    if (image.component !== 'bmc' && toMillis(hand.run.now()) - toMillis(job.since) < START) return again(15_000, LOOKING)
  }
  const busy = parts.find(each => each.updating)
  if (busy) {
    const read = await patiently(at, job.since, FLASH, `the BMC is writing "${busy.component}" already`, async () => undefined)
    return 'turn' in read ? read.turn : 'on'
  }
  const flash: Flash = { what: 'firmware', component: image.component, since: hand.run.now(), job: null }
  const { restarted: _, ...fresh } = job
  const sent = { ...fresh, before: part.version, sent: hand.run.now() } as Doing
  // Written before it is sent, so that nobody takes the power of a machine that may be written to.
  if (!(await save(hand, node, { flash, notes: { state: node.provision_state, job: sent } }))) return 'on'
  try {
    const begun = await bmc.write((b, call) => (b.updateFirmware ?? unable)(image.component, image.url, call))
    return await enter(at, { ...without(sent), phase: 'running' }, { flash: { ...flash, job: begun.at } })
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    if (error.uncertain) return again(2000, LOOKING)
    await save(hand, node, { flash: null, notes: { state: node.provision_state, job } })
    throw error
  }
}

const follow = async (at: At, job: Doing, image: Image): Promise<Turn> => {
  const { bmc, node } = at
  const where = node.flash?.job ?? null
  let staged = false
  const read = await patiently(at, job.since, FLASH, `the ${image.component} is being written`, async () => {
    if (where === null) return (await listed(at)).some(part => part.updating) ? undefined : ('over' as const)
    const progress = await bmc.read(async (b, call) => (await b.progress?.({ at: where }, call)) ?? { is: 'forgotten' as const })
    staged = progress.is === 'needs start'
    if (progress.is === 'running' || progress.is === 'needs start') return undefined
    return progress.is === 'failed' ? progress : ('over' as const)
  })
  if ('turn' in read) {
    const long = toMillis(at.hand.run.now()) - toMillis(job.since) >= BELIEVED
    return staged && long && !job.restarted ? enter(at, { ...job, phase: 'restart' }) : read.turn
  }
  if (read.read === 'over') return enter(at, { ...job, phase: 'check' })
  await over(at)
  const says = read.read.why === '' ? 'It does not say why.' : `It says: "${read.read.why}"`
  throw new Wrong(`The BMC could not write the ${image.component}, which stays as it was. ${says} Check the image and its address.`)
}

const check = async (at: At, job: Doing, image: Image): Promise<Turn> => {
  let now: string | null = null
  const reads = async () => {
    now = (await listed(at)).find(part => part.component === image.component)?.version ?? null
    return now !== null && now !== job.before ? now : undefined
  }
  try {
    const read = await patiently(at, job.since, BACK, `waiting for the new ${image.component} to run`, reads)
    if ('read' in read) return await written(at, job, image)
    // It answers, and runs the old one: what is written runs from the machine's next start on.
    const quiet = toMillis(at.hand.run.now()) - toMillis(job.since) >= BELIEVED
    if (now !== null && quiet && names(image.url, now)) return await written(at, job, image)
    if (now !== null && quiet && image.component !== 'bmc' && !job.restarted) return enter(at, { ...job, phase: 'restart', started: true })
    return read.turn
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    await over(at)
    throw new Wrong(
      `The BMC says that the ${image.component} was written, and it is still version ${job.before ?? 'unknown'}. If that is the version of the image, leave the step out; else write it by the BMC's own page.`,
    )
  }
}

const written = async (at: At, job: Doing, image: Image): Promise<Turn> => {
  const { hand, node } = at
  const parts = await listed(at)
  const version = parts.find(part => part.component === image.component)?.version ?? null
  await hand.run.transaction(tx => noteFirmware(tx, node.uuid, [{ component: image.component, version, flashed: true }]))
  return image.wait === null ? next(at, job) : enter(at, { ...job, phase: 'wait' }, { flash: null })
}

const next = (at: At, job: Doing): Promise<'on'> =>
  enter(at, { phase: 'ask', image: job.image + 1, ...(job.was ? { was: job.was } : {}) }, { flash: null })

/** Nothing is being written any more. */
const over = async ({ hand, node }: At): Promise<void> => void (await save(hand, node, { flash: null }))

const without = ({ sent: _, ...job }: Doing): Doing => job as Doing

const listed = async ({ bmc }: At): Promise<readonly Firmware[]> => {
  const parts = await bmc.read(async (b, call) => (await b.firmware?.(call)) ?? null)
  if (parts === null) return unable()
  return parts
}

const unable = (): never => {
  throw new BmcError('unsupported', 'This driver cannot write firmware.')
}
