import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { again } from '../../../../kit/work/conductor.ts'
import { move } from '../../domain/provision.ts'
import type { Conducted } from '../../store/conduct-node.ts'
import { writeHistory } from '../../store/history.ts'
import { BASELINE_CALL, type Hand, notesOf, pause, type Reach, reach, type Stage, save, unsettled } from '../hand.ts'
import { powerOff } from '../power.ts'
import { quarantine } from './quarantine.ts'
import { done } from './verifying.ts'

const TRIES = 6

/** The steps that an owner can ask for by `interface.step`, all of them done by the BMC alone. They may be repeated. */
const KNOWN: Readonly<Record<string, (hand: Hand, node: Conducted, bmc: Reach) => Promise<'done' | Awaited<ReturnType<Stage>>>>> = {
  'power.power_off': async (hand, node, bmc) => {
    const off = await powerOff(hand, node, bmc)
    return off === 'off' ? 'done' : off
  },
  'management.baseline': async (_hand, _node, bmc) => {
    await bmc.write((b, call) => b.baseline(call), BASELINE_CALL)
    return 'done'
  },
}

/** Cleaning with steps of the owner's choice: back to manageable, and no proof of anything. */
export const manual: Stage = async (hand, node) => {
  const steps = node.wanted.provision?.clean_steps ?? []
  const names = steps.map(step => `${String(step['interface'])}.${String(step['step'])}`)
  const unknown = names.filter(name => !Object.hasOwn(KNOWN, name))
  if (unknown.length > 0)
    return quarantine(
      hand,
      node,
      unknown[0]!,
      `The node does not support the clean steps ${unknown.join(', ').slice(0, 200)}; there are ${Object.keys(KNOWN).join(', ')}.`,
      false,
    )
  const bmc = reach(hand, node)
  let at = ''
  try {
    for (const name of names) {
      at = name
      const turn = await KNOWN[name]!(hand, node, bmc)
      if (turn !== 'done') return turn
    }
    const until = unsettled(hand, node)
    if (until) return { is: 'wait', until, why: 'a command whose answer was lost may still act' }
    await save(
      hand,
      node,
      now => ({
        ...move(now.provision_state, 'manage'),
        wanted: done(now),
        clean_step: null,
        last_error: null,
        ...(now.fault === 'clean failure' ? { fault: null, maintenance: false, maintenance_reason: null } : {}),
      }),
      (tx, now) => writeHistory(tx, now.uuid, { severity: 'INFO', type: 'cleaning', event: `Did ${names.join(', ').slice(0, 1000)}.` }),
    )
    return 'on'
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const notes = notesOf(node)
    const tries = (notes.tries ?? 0) + 1
    if (!error.retryable || tries >= TRIES) return quarantine(hand, node, at, error.message, false)
    if (!(await save(hand, node, { notes: { ...notes, tries, error: error.message } }))) return 'on'
    return again(pause(tries), error.message)
  }
}
