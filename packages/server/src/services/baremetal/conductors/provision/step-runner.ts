import { maskSecrets } from '@esi/api/baremetal/masks'
import { type Instant, plus, toMillis } from '@esi/api/time'
import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { again, wait } from '../../../../kit/work/conductor.ts'
import { flashing } from '../../domain/flash.ts'
import { onward } from '../../domain/provision.ts'
import { isReserved, type Kind, nameOf, type Reserved, type Step, stepsOf, unknownSteps } from '../../domain/steps.ts'
import type { Conducted, Notes } from '../../store/conduct-node.ts'
import { type Hand, notesOf, pause, type Reach, reach, save, type Turn } from '../hand.ts'
import { powerTo } from '../power.ts'
import { stepWay } from '../steps/all.ts'
import { settle } from '../steps/flash.ts'
import { Wrong } from '../steps/job.ts'

/** Tries in a row, and milliseconds, after which a step fails by a BMC that does not answer: some need minutes for a restart. */
const TRIES = 6
const PATIENCE = 300_000

/** What came of a list of steps: all done, one that cannot be done, or what to do meanwhile. */
export type Ran =
  | { readonly is: 'done' }
  | { readonly is: 'failed'; readonly step: string; readonly why: string }
  | { readonly is: 'turn'; readonly turn: Turn }

const meanwhile = (turn: Turn): Ran => ({ is: 'turn', turn })

/**
 * Goes through the steps of a node's wish, each of them once and in order: how far it is, is written down after each. A step that was
 * interrupted is done again from its start.
 */
export const runSteps = async (hand: Hand, node: Conducted, kind: Kind, steps: readonly Step[]): Promise<Ran> => {
  const unknown = unknownSteps(node as unknown as Record<string, unknown>, steps)
  if (unknown.length > 0) {
    const known = stepsOf(node as unknown as Record<string, unknown>).join(', ')
    return {
      is: 'failed',
      step: unknown[0]!,
      why: `The node does not support the ${kind} steps ${unknown.join(', ').slice(0, 200)}; there are ${known}.`,
    }
  }
  // Left behind by something that was given up.
  if (flashing(node) && node.notes?.job === undefined) return meanwhile(await settle(hand, node))
  const bmc = reach(hand, node)
  const field = `${kind}_step` as const
  let now = node
  for (let at = node.wanted.provision?.at ?? 0; at < steps.length; at++) {
    const step = steps[at]!
    const shown = maskSecrets(step) as Record<string, unknown>
    if (JSON.stringify(now[field]) !== JSON.stringify(shown)) {
      if (!(await save(hand, now, { [field]: shown }))) return meanwhile('on')
      now = { ...now, [field]: shown }
    }
    if (step.step === 'hold') {
      await save(hand, now, n => ({ ...onward(n, 'hold'), wanted: passed(n, at), [field]: null }))
      return meanwhile('on')
    }
    try {
      const turn = await perform(hand, now, bmc, step, at)
      if (turn !== 'done') {
        if (notesOf(now).troubled !== undefined && !(await save(hand, now, n => ({ notes: calm(notesOf(n)) })))) return meanwhile('on')
        return meanwhile(turn)
      }
    } catch (error) {
      if (error instanceof Wrong) return { is: 'failed', step: nameOf(step), why: error.message }
      if (!(error instanceof BmcError)) throw error
      const { tries: before, troubled = hand.run.now() } = notesOf(now)
      const tries = (before ?? 0) + 1
      const long = tries >= TRIES && toMillis(hand.run.now()) - toMillis(troubled) >= PATIENCE
      if (!error.retryable || long) return { is: 'failed', step: nameOf(step), why: error.message }
      const noted = (n: Conducted) => ({ notes: { ...still(notesOf(n), hand.run.now()), tries, troubled, error: error.message } })
      if (!(await save(hand, now, noted))) return meanwhile('on')
      return meanwhile(again(pause(tries), error.message))
    }
    if (!(await save(hand, now, n => ({ wanted: passed(n, at), notes: null })))) return meanwhile('on')
    now = { ...now, notes: null }
  }
  return { is: 'done' }
}

/** The BMC answers again. */
const calm = ({ tries: _, troubled: __, error: ___, ...notes }: Notes): Notes => notes

/**
 * What the step has noted until now: a power command whose answer was lost must not be forgotten and given anew. The time in which the
 * BMC answers nothing does not count as the machine's.
 */
const still = (notes: Notes, since: Instant): Notes => (notes.power ? { ...notes, power: { ...notes.power, since } } : notes)

/** A node's wishes, with one step more behind it. */
const passed = (node: Conducted, at: number): Conducted['wanted'] => ({
  ...node.wanted,
  provision: { ...node.wanted.provision!, at: at + 1 },
})

const perform = async (hand: Hand, node: Conducted, bmc: Reach, step: Step, at: number): Promise<'done' | Turn> => {
  const name = step.step ?? ''
  if (isReserved(name)) return reserved(hand, node, bmc, name, step, at)
  const way = stepWay(node, step)
  // The steps of the fake interfaces that keep nothing do nothing, as in the original.
  return way ? way({ hand, node, bmc, step, at }) : 'done'
}

const POWER: Partial<Record<Reserved, 'on' | 'off' | 'reboot'>> = { power_on: 'on', power_off: 'off', reboot: 'reboot' }

const reserved = async (hand: Hand, node: Conducted, bmc: Reach, name: Reserved, step: Step, at: number): Promise<'done' | Turn> => {
  const action = POWER[name]
  if (action) {
    if (action !== 'on' && node.disable_power_off) throw new Wrong('The node may not be switched off (disable_power_off).')
    return powerTo(hand, node, bmc, action, -2 - at)
  }
  const seconds = Number(step.args?.['seconds'])
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 86_400) throw new Wrong('"wait" needs the argument "seconds", at most a day.')
  const notes = notesOf(node)
  const until = notes.until ?? plus(hand.run.now(), seconds * 1000)
  if (hand.run.now() >= until) return 'done'
  if (notes.until === undefined && !(await save(hand, node, { notes: { ...notes, until } }))) return 'on'
  return wait(until, `a step asked to wait ${seconds} s`)
}
