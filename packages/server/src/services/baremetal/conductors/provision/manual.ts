import { move } from '../../domain/provision.ts'
import { nameOf } from '../../domain/steps.ts'
import { writeHistory } from '../../store/history.ts'
import { type Stage, save, unsettled } from '../hand.ts'
import { quarantine } from './quarantine.ts'
import { runSteps } from './step-runner.ts'
import { done } from './verifying.ts'

/** Cleaning with steps of the owner's choice: back to manageable, and no proof of anything. */
export const manual: Stage = async (hand, node) => {
  const steps = node.wanted.provision?.clean_steps ?? []
  const ran = await runSteps(hand, node, 'clean', steps)
  if (ran.is === 'turn') return ran.turn
  if (ran.is === 'failed') return quarantine(hand, node, ran.step, ran.why, false)
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
    (tx, now) =>
      writeHistory(tx, now.uuid, { severity: 'INFO', type: 'cleaning', event: `Did ${steps.map(nameOf).join(', ').slice(0, 1000)}.` }),
  )
  return 'on'
}
