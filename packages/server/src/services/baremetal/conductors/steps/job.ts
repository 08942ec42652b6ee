import { type Instant, toMillis } from '@esi/api/time'
import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { again } from '../../../../kit/work/conductor.ts'
import type { Step } from '../../domain/steps.ts'
import type { Conducted, Values } from '../../store/conduct-node.ts'
import { type Hand, type Reach, save, type Turn } from '../hand.ts'
import { powerTo } from '../power.ts'

/** A step that is being done, with what it is done to and by. */
export interface At {
  readonly hand: Hand
  readonly node: Conducted
  readonly bmc: Reach
  readonly step: Step
  /** Which one of the list. */
  readonly at: number
}

/** The step cannot be done as it was asked for. */
export class Wrong extends Error {}

/** What a step that takes several looks has noted; it is of no use to another one. */
export interface Job {
  readonly at: number
  readonly phase: string
  /** Since when it is in that phase. */
  readonly since: Instant
  /** How the power was before. */
  readonly was?: 'on' | 'off'
  readonly [more: string]: unknown
}

export const jobOf = ({ node, at }: At): Job | undefined => {
  const job = node.notes?.state === node.provision_state ? (node.notes.job as Job | undefined) : undefined
  return job?.at === at ? job : undefined
}

/** Notes the next phase; what follows is done in the next look. */
export const enter = async (
  { hand, node, at }: At,
  job: Omit<Job, 'at' | 'since'>,
  more: Partial<Conducted> & Values = {},
): Promise<'on'> => {
  const noted = { ...job, at, since: hand.run.now() }
  await save(hand, node, { ...more, notes: { state: node.provision_state, job: noted } })
  return 'on'
}

/** The power must change so that what was asked for counts. It is put back as it was by `putBack`. */
export const restart = ({ hand, node, bmc, at }: At): Promise<'done' | Turn> => powerTo(hand, node, bmc, 'reboot', -1000 - at)

export const putBack = async ({ hand, node, bmc, at }: At, was: 'on' | 'off' | undefined): Promise<'done' | Turn> =>
  was === 'off' ? powerTo(hand, node, bmc, 'off', -2000 - at) : 'done'

/** Longest pause between two looks at something that takes its time. */
const LOOK = 5_000

/**
 * A reading in the midst of something that takes a while, so that a BMC that restarts or is busy meanwhile is no failure, until it
 * is one. Gives what to do meanwhile, or what was read.
 */
export const patiently = async <T>(
  { hand }: At,
  since: Instant,
  limit: number,
  why: string,
  read: () => Promise<T | undefined>,
): Promise<{ readonly read: T } | { readonly turn: Turn }> => {
  const late = toMillis(hand.run.now()) - toMillis(since) >= limit
  try {
    const found = await read()
    if (found !== undefined) return { read: found }
    if (late) throw new Wrong(`${why}, and after ${Math.round(limit / 60_000)} minutes there is no end of it.`)
    return { turn: again(LOOK, why) }
  } catch (error) {
    if (!(error instanceof BmcError) || !error.retryable || late) throw error
    return { turn: again(LOOK, `${why}; at present: ${error.message}`) }
  }
}
