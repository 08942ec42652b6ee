import { type Instant, plus } from '@esi/api/time'
import { type Bmc, BmcError, type Call } from '../../../drivers/bmc/driver.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Outcome, Run } from '../../../kit/work/conductor.ts'
import { type Conducted, change, conducted, lockConducted, type Notes, type Values } from '../store/conduct-node.ts'
import type { World } from '../world.ts'

/** Milliseconds: for how long one call to a BMC is waited for, and for how long its command may act when nobody does any more. */
export const CALL = 30_000
export const BASELINE_CALL = 120_000
export const COMMAND = 60_000

/** The conductor's hand on one node during one run. */
export interface Hand {
  readonly world: World
  readonly run: Run
}

/** What one look at a node comes to: look again at once because something changed, or an outcome. */
export type Turn = 'on' | Outcome

export type Stage = (hand: Hand, node: Conducted) => Promise<Turn>

/** The node is not what it was when this was decided: nothing more is done for the old reason. */
export class Superseded extends Error {
  constructor() {
    super('something else is wanted of the node by now')
    this.name = 'Superseded'
  }
}

/** Whether what was judged still holds: nobody wants something else, and nobody else has the node. */
const same = (a: Conducted, b: Conducted): boolean =>
  a.intent === b.intent &&
  a.provision_state === b.provision_state &&
  a.lease === b.lease &&
  a.release?.lease === b.release?.lease &&
  a.release?.ended_at === b.release?.ended_at

/** Writes what came of a look, if the node is still as it was looked at; false otherwise, and nothing is written. */
export const save = (
  { run }: Hand,
  node: Conducted,
  values: (Partial<Conducted> & Values) | ((now: Conducted) => Partial<Conducted> & Values),
  more?: (tx: Tx, now: Conducted) => Promise<unknown> | unknown,
): Promise<boolean> =>
  run.transaction(async tx => {
    const now = await lockConducted(tx, node.uuid)
    if (!now || !same(now, node)) return false
    if ((await more?.(tx, now)) === false) return false
    await change(tx, now, typeof values === 'function' ? values(now) : values)
    return true
  })

/** The notes of the state that the node is in; those of another one say nothing. */
export const notesOf = (node: Conducted): Notes =>
  node.notes?.state === node.provision_state ? node.notes : { state: node.provision_state }

/** Until when nothing that is read proves anything, because a command may still be on its way; null when all is settled. */
export const unsettled = ({ run }: Hand, node: Conducted): Instant | null => {
  const latest = [node.unsettled_until, run.settledAt]
    .filter(at => at !== null)
    .sort()
    .at(-1)
  return latest !== undefined && latest > run.now() ? latest : null
}

/** The node's BMC, with every call limited in time and every write passed by the claim and by what is wanted now. */
export interface Reach {
  read<T>(work: (bmc: Bmc, call: Call) => Promise<T>, limit?: number): Promise<T>
  write<T>(work: (bmc: Bmc, call: Call) => Promise<T>, limit?: number): Promise<T>
}

export const reach = (hand: Hand, node: Conducted): Reach => {
  const { world, run } = hand
  const still = async () => {
    const now = await conducted(world.database.db, node.uuid)
    if (!now || !same(now, node)) throw new Superseded()
  }
  const call = <T>(work: (bmc: Bmc, call: Call) => Promise<T>, limit: number): Promise<T> => {
    const { driver, settings } = world.drivers.of(node as unknown as Record<string, unknown>)
    const bmc = driver.open(settings, node.uuid)
    return within(run.signal, limit, signal =>
      work(bmc, {
        signal,
        before: async () => {
          await still()
          await run.check()
        },
      }),
    )
  }
  return {
    read: async (work, limit = CALL) => call(work, limit),
    async write(work, limit = CALL) {
      try {
        return await call(work, limit)
      } catch (error) {
        if (error instanceof BmcError && error.uncertain)
          await run.transaction(async tx => {
            const now = await lockConducted(tx, node.uuid)
            if (now) await change(tx, now, { unsettled_until: plus(tx.at, COMMAND) })
          })
        throw error
      }
    },
  }
}

/** Gives a call so many milliseconds of real time. Past them it counts as unanswered, and what it asked for as uncertain. */
export const within = async <T>(outer: AbortSignal, limit: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), limit)
  try {
    return await work(AbortSignal.any([outer, late.signal]))
  } catch (error) {
    outer.throwIfAborted()
    if (!late.signal.aborted) throw error
    throw new BmcError('unreachable', `The BMC did not answer within ${limit / 1000} s. Check that it has power and network.`, {
      uncertain: true,
      cause: error,
    })
  } finally {
    clearTimeout(timer)
  }
}

/** Milliseconds before the next try, after so many that failed. */
export const pause = (tries: number): number => Math.min(30_000, 1000 * 2 ** Math.min(tries, 10))
