import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { again } from '../../../../kit/work/conductor.ts'
import { move } from '../../domain/provision.ts'
import { notesOf, pause, reach, type Stage, save } from '../hand.ts'
import { tellFailed } from '../power.ts'
import { done } from './verifying.ts'

const TRIES = 5

/** Takes over a machine whose owner's system runs on it already: it is left as it is, and its power state becomes known. */
export const adopting: Stage = async (hand, node) => {
  try {
    const power = await reach(hand, node).read((b, call) => b.power(call))
    await save(
      hand,
      node,
      now => ({
        ...move(now.provision_state, 'done'),
        power_state: `power ${power}`,
        power_seen_at: hand.run.now(),
        last_error: null,
        clean_proof: null,
        clean_at: null,
        wanted: done(now),
      }),
      (tx, now) => tx.wake('power-sync', now.uuid),
    )
    return 'on'
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const notes = notesOf(node)
    const tries = (notes.tries ?? 0) + 1
    if (error.retryable && tries < TRIES) {
      if (!(await save(hand, node, { notes: { ...notes, tries, error: error.message } }))) return 'on'
      return again(pause(tries), error.message)
    }
    const message = `Failed to adopt the node. Error: ${error.message}`
    await save(
      hand,
      node,
      now => ({ ...move(now.provision_state, 'fail'), last_error: message, wanted: done(now) }),
      (tx, now) => tellFailed(tx, now, 'adopt', message),
    )
    return 'on'
  }
}
