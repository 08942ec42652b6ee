import { move, onward } from '../../domain/provision.ts'
import { nameOf, unable } from '../../domain/steps.ts'
import type { Conducted } from '../../store/conduct-node.ts'
import { writeHistory } from '../../store/history.ts'
import { type Hand, type Stage, save, unsettled } from '../hand.ts'
import { tellFailed } from '../power.ts'
import { runSteps } from './step-runner.ts'
import { done } from './verifying.ts'

/**
 * What is done to a node for whoever has it: a system put on it, rescued, brought back, serviced. The `fake` interfaces do nothing
 * and succeed, as in the original; no other ones are conducted yet, and requests for them are refused before they come here.
 */

export const deploying: Stage = async (hand, node) => {
  const why = cannot(node, 'deploy')
  if (why !== undefined) return wrong(hand, node, 'deploy', why)
  const steps = node.wanted.provision?.deploy_steps ?? []
  const ran = await runSteps(hand, node, 'deploy', steps)
  if (ran.is === 'turn') return ran.turn
  if (ran.is === 'failed') return wrong(hand, node, 'deploy', `${ran.step}: ${ran.why}`)
  return finished(hand, node, 'deploy', 'The node was deployed.')
}

export const rescuing: Stage = async (hand, node) => {
  const why = cannot(node, 'rescue')
  return why === undefined ? finished(hand, node, 'rescue', 'The node is in rescue.') : wrong(hand, node, 'rescue', why)
}

export const unrescuing: Stage = async (hand, node) => {
  const why = cannot(node, 'unrescue')
  return why === undefined ? finished(hand, node, 'unrescue', 'The node is back from rescue.') : wrong(hand, node, 'unrescue', why)
}

/** Steps on a node in use, by the BMC alone. */
export const servicing: Stage = async (hand, node) => {
  const steps = node.wanted.provision?.service_steps ?? []
  const ran = await runSteps(hand, node, 'service', steps)
  if (ran.is === 'turn') return ran.turn
  if (ran.is === 'failed') return wrong(hand, node, 'service', `${ran.step}: ${ran.why}`)
  return finished(hand, node, 'service', `Did ${steps.map(nameOf).join(', ').slice(0, 1000)}.`)
}

/** Whoever was held goes on where it was. */
export const resuming: Stage = async (hand, node) => {
  const events = { 'clean wait': 'resume', 'service wait': 'resume', 'wait call-back': 'resume' } as Record<string, string>
  const event = node.wanted.provision ? events[node.provision_state] : 'fail'
  await save(hand, node, now => ({
    ...onward(now, event ?? 'fail'),
    ...(event === 'resume' ? {} : { last_error: 'Nothing was left to go on with.', wanted: done(now) }),
  }))
  return 'on'
}

const cannot = (node: Conducted, event: string): string | undefined => unable(node as unknown as Record<string, unknown>, event)

const NO_STEP = { deploy_step: null, service_step: null }

const finished = async (hand: Hand, node: Conducted, type: string, words: string) => {
  const until = unsettled(hand, node)
  if (until) return { is: 'wait', until, why: 'a command whose answer was lost may still act' } as const
  await save(
    hand,
    node,
    now => ({
      ...move(now.provision_state, 'done'),
      ...NO_STEP,
      last_error: null,
      wanted: done(now),
      // Whoever has the node may have left something on it.
      clean_proof: null,
      clean_at: null,
      ...(now.fault === 'service failure' ? { fault: null } : {}),
    }),
    (tx, now) => writeHistory(tx, now.uuid, { severity: 'INFO', type, event: words }),
  )
  return 'on' as const
}

const wrong = async (hand: Hand, node: Conducted, type: string, why: string) => {
  const message = `Failed to ${type} the node. Error: ${why}`
  await save(
    hand,
    node,
    now => ({
      ...move(now.provision_state, 'fail'),
      ...NO_STEP,
      last_error: message,
      wanted: done(now),
      ...(type === 'service' && now.fault === null ? { fault: 'service failure' } : {}),
    }),
    (tx, now) => tellFailed(tx, now, type, message),
  )
  return 'on' as const
}
