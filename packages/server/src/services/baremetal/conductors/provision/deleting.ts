import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { again } from '../../../../kit/work/conductor.ts'
import { move, releasing } from '../../domain/provision.ts'
import { dropAllocation } from '../../store/allocations.ts'
import type { Conducted } from '../../store/conduct-node.ts'
import { clearVifs } from '../../store/vifs.ts'
import { dropTargets } from '../../store/volumes.ts'
import { type Hand, notesOf, pause, reach, type Stage, save } from '../hand.ts'
import { powerOff, tellFailed } from '../power.ts'
import { done } from './verifying.ts'

const TRIES = 5

/** Takes a system off its machine: it is switched off, what was deployed is forgotten, and it goes on to be cleaned. */
export const deleting: Stage = async (hand, node) => {
  try {
    // After a lease everything is done, and proven, by cleaning; nothing here may hold it up.
    if (!releasing(node)) {
      const off = await powerOff(hand, node, reach(hand, node))
      if (off !== 'off') return off
    }
    return await tornDown(hand, node)
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const notes = notesOf(node)
    const tries = (notes.tries ?? 0) + 1
    if (error.retryable && tries < TRIES) {
      if (!(await save(hand, node, { notes: { ...notes, tries, error: error.message } }))) return 'on'
      return again(pause(tries), error.message)
    }
    const message = `Failed to tear down. Error: ${error.message}`
    await save(
      hand,
      node,
      now => ({ ...move(now.provision_state, 'fail'), last_error: message, wanted: done(now) }),
      (tx, now) => tellFailed(tx, now, 'undeploy', message),
    )
    return 'on'
  }
}

const tornDown = async (hand: Hand, node: Conducted): Promise<'on'> => {
  const cleared = (now: Conducted) => ({
    ...move(now.provision_state, 'clean', 'available'),
    instance_info: {},
    instance_uuid: null,
    instance_name: null,
    deploy_step: null,
    // Whoever deployed it was its lessee for as long as that lasted.
    ...(now.lessee_by === 'deploy' ? { lessee: null, lessee_by: null } : {}),
    // What leads from here to available is cleaning as after every use.
    wanted: { ...done(now), provision: { verb: 'provide', intent: now.intent } },
  })
  await save(hand, node, cleared, async tx => {
    await dropAllocation(tx, node.uuid)
    await clearVifs(tx, node.uuid)
    await dropTargets(tx, node.uuid)
  })
  return 'on'
}
