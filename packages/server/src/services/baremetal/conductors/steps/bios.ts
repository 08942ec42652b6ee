import type { BiosAttribute, BiosValue } from '../../../../drivers/bmc/driver.ts'
import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { fitted, missing, type Wish } from '../../domain/bios.ts'
import type { Step } from '../../domain/steps.ts'
import { applyBios, resetBios } from '../../store/bios.ts'
import type { Turn } from '../hand.ts'
import { readBios } from '../provision/verifying.ts'
import { type At, enter, jobOf, patiently, putBack, restart, Wrong } from './job.ts'

type Settings = Readonly<Record<string, BiosValue>>

/** A start that takes settings over may be a long one: some machines start twice. */
const LIMIT = 1_800_000

export const settingsOf = (step: Step): readonly Wish[] => {
  const given = step.args?.['settings']
  if (!Array.isArray(given) || given.length === 0)
    throw new Wrong('"settings" must be a list of objects with "name" and "value" that is not empty.')
  return given.map(each => {
    const { name, value } = (each ?? {}) as { name?: unknown; value?: unknown }
    if (typeof name !== 'string' || name === '') throw new Wrong('Every BIOS setting needs a "name".')
    return { name, value }
  })
}

/** The machine's settings as they are wanted: asked for, taken over by a start, and read back. What is so already costs no start. */
export const applyConfiguration = async (at: At): Promise<'done' | Turn> => {
  const { bmc, step } = at
  const job = jobOf(at)
  if (job) return goOn(at, async present => unapplied(job['values'] as Settings, present))
  const wishes = settingsOf(step)
  const present = await shown(at)
  const fit = fitted(wishes, present, await registry(at))
  if (fit.is === 'wrong') throw new Wrong(`The BIOS settings cannot be set: ${fit.why}`)
  const { values } = fit
  const pending = (await bmc.read(async (b, call) => await b.biosPending?.(call))) ?? {}
  const contradicted = Object.keys(values).some(name => Object.hasOwn(pending, name) && pending[name] !== values[name])
  if (missing(values, present).length === 0 && !contradicted) return keep(at)
  await bmc.write((b, call) => (b.setBios ?? unable)(values, call))
  return begin(at, { values })
}

/** The settings that the machine was delivered with. */
export const factoryReset = async (at: At): Promise<'done' | Turn> => {
  const { bmc } = at
  if (jobOf(at))
    return goOn(at, async () => {
      const left = Object.keys((await bmc.read(async (b, call) => await b.biosPending?.(call))) ?? {})
      return left.length === 0 ? undefined : `these settings still wait: ${left.slice(0, 20).join(', ')}`
    })
  await shown(at)
  await bmc.write((b, call) => (b.resetBios ?? unable)(call))
  return begin(at, {})
}

const begin = async (at: At, more: Readonly<Record<string, unknown>>): Promise<Turn> => {
  const was = await at.bmc.read((b, call) => b.power(call))
  const flash = { what: 'bios' as const, component: 'bios', since: at.hand.run.now(), job: null }
  return enter(at, { phase: 'restart', was, ...more }, { flash })
}

/** Restart, read back, and the power as it was before. `judge` says what is not as it was wanted. */
const goOn = async (at: At, judge: (present: Settings) => Promise<string | undefined>): Promise<'done' | Turn> => {
  const job = jobOf(at)!
  if (job.phase === 'restart') {
    const turn = await restart(at)
    return turn === 'done' ? enter(at, { ...job, phase: 'read' }) : turn
  }
  if (job.phase === 'read') {
    let why: string | undefined
    const read = await patiently(at, job.since, LIMIT, 'waiting for the start that takes the BIOS settings over', async () => {
      why = await judge(await shown(at))
      return why === undefined ? true : undefined
    }).catch(error => {
      if (error instanceof Wrong && why !== undefined) throw new Wrong(`The machine has started, and ${why}. The BMC took them before.`)
      throw error
    })
    return 'turn' in read ? read.turn : enter(at, { ...job, phase: 'put back' }, { flash: null })
  }
  const turn = await putBack(at, job.was)
  return turn === 'done' ? keep(at) : turn
}

const unapplied = (wanted: Settings, present: Settings): string | undefined => {
  const not = missing(wanted, present)
  if (not.length === 0) return undefined
  return `these settings are not as they were set: ${not.slice(0, 20).join(', ')}`
}

const shown = async ({ bmc }: At): Promise<Settings> => {
  const present = await bmc.read(async (b, call) => (await b.biosSettings?.(call)) ?? null)
  if (present === null) throw new BmcError('unsupported', 'The BMC shows no BIOS settings.')
  return present
}

const registry = async ({ bmc }: At): Promise<readonly BiosAttribute[] | null> => {
  try {
    return await bmc.read(async (b, call) => (await b.biosRegistry?.(call)) ?? null)
  } catch (error) {
    // Without one the values that the machine has now tell the types.
    if (error instanceof BmcError && !error.retryable) return null
    throw error
  }
}

/** What the machine has now, as the API shows it. */
const keep = async ({ hand, node, bmc }: At): Promise<'done'> => {
  const read = await readBios(bmc)
  if (read) await hand.run.transaction(tx => applyBios(tx, node.uuid, read))
  return 'done'
}

const unable = (): never => {
  throw new BmcError('unsupported', 'This driver cannot change BIOS settings.')
}

/** The `fake` interface keeps what it is told. */
export const pretended = async ({ hand, node, step }: At): Promise<'done'> => {
  const name = step.step
  if (name === 'factory_reset') await hand.run.transaction(tx => resetBios(tx, node.uuid))
  if (name === 'apply_configuration') {
    const settings = settingsOf(step).map(({ name, value }) => ({
      name,
      value: value === undefined || value === null ? null : String(value),
    }))
    await hand.run.transaction(tx => applyBios(tx, node.uuid, settings))
  }
  return 'done'
}
