import { isProvisionState, next, type ProvisionState, stable, targets, verbs } from '@esi/api/baremetal/states'

import { unable } from './steps.ts'

/** What decides which verbs a node takes now. */
export interface Standing {
  readonly provision_state: string
  readonly target_provision_state: string | null
  readonly maintenance: boolean
  readonly maintenance_reason: string | null
  readonly retired: boolean
  readonly protected: boolean
  readonly instance_uuid: string | null
  readonly lease: string | null
  readonly release: Release | null
}

/** How the last lease's end goes or went; `node.release`. */
export interface Release {
  readonly lease: string
  /** Whose lease it was. */
  readonly project: string | null
  readonly began_at: string
  /** How its owner had it, to be put back. */
  readonly restore?: { readonly boot_mode: string | null; readonly secure_boot: boolean | null }
  /** The step that is being done, in words; null when there is nothing more to do. */
  readonly doing: string | null
  /** Why a person is needed; then nothing goes on by itself. */
  readonly quarantined?: string
  /** The hardware did not answer, so that it may go on by itself once it does. */
  readonly retry?: boolean
  readonly ended_at?: string
  readonly outcome?: 'clean' | 'unclean'
  readonly proof?: Readonly<Record<string, string>>
}

/** The end of a lease is not over: the node is nobody's but the conductor's. */
export const releasing = (node: Pick<Standing, 'release'>): boolean => node.release !== null && node.release.ended_at === undefined

/**
 * States in which a conductor is at work on the node until they end; no verb is carried out meanwhile. In those that wait or are held
 * it may be stopped.
 */
export const atWork: ReadonlySet<string> = new Set([
  'verifying',
  'cleaning',
  'deleting',
  'inspecting',
  'adopting',
  'deploying',
  'rescuing',
  'unrescuing',
  'servicing',
])

/** While the end of a lease is not over, only what leads to its end. */
const TOWARDS_CLEAN = new Set(['manage', 'provide', 'clean', 'abort'])

/** These work on a node in maintenance; the others wait until it is over. */
const IN_MAINTENANCE = new Set(['manage', 'inspect', 'adopt', 'abort', 'delete', 'unhold'])

const UNDOES = new Set(['delete', 'rebuild'])

/** Why that verb (`active`, `provide`, …) cannot be done now, in words that go on after "because"; undefined when it can. */
export const hindrance = (node: Standing, verb: string): string | undefined => {
  const known = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!known) return `there is no verb "${verb}"`
  const { event } = known
  const state = node.provision_state
  if (next(state, event) === undefined) {
    const from = statesFor(event)
    return `it is in state "${state}", and "${verb}" is possible only in ${from.map(s => `"${s}"`).join(', ')}`
  }
  if (atWork.has(state)) return `it is in state "${state}", and its conductor is at work on it`
  const cannot = unable(node as unknown as Record<string, unknown>, event)
  if (cannot !== undefined) return cannot
  if (releasing(node) && !TOWARDS_CLEAN.has(event))
    return node.release?.quarantined === undefined
      ? 'the end of its last lease is not over'
      : `it is not proven clean since its last lease: ${node.release.quarantined}`
  // Quarantine is a maintenance of its own, and being cleaned is how it ends.
  if (node.maintenance && !IN_MAINTENANCE.has(event) && !releasing(node)) return 'it is in maintenance'
  if (node.maintenance && event === 'abort' && state === 'service failed') return 'it is in maintenance'
  if (node.retired && event === 'provide') return 'it is retired'
  if (node.protected && UNDOES.has(event)) return 'it is protected'
  return undefined
}

/** States from which an event leads somewhere. */
const statesFor = (event: string): readonly string[] => Object.keys(allStates).filter(state => next(state, event) !== undefined)

const allStates = Object.fromEntries([...stable, ...Object.keys(targets)].map(state => [state, true]))
export const states: readonly string[] = Object.keys(allStates).sort()

/** Every verb with true, or why it is not possible now; for those who show buttons. */
export const possibilities = (node: Standing): Readonly<Record<string, true | string>> =>
  Object.fromEntries(Object.keys(verbs).map(verb => [verb, hindrance(node, verb) ?? (true as const)]))

export interface Move {
  readonly provision_state: ProvisionState
  readonly target_provision_state: ProvisionState | null
}

/** Where an event leads, and what the node is then on its way to. Throws where the table has no such way. */
export const move = (state: string, event: string, target?: string | null): Move => {
  const to = next(state, event)
  if (to === undefined) throw new Error(`nothing leads from "${state}" by "${event}"`)
  if (stable.has(to)) return { provision_state: to, target_provision_state: null }
  const wanted = target ?? targets[to]
  return { provision_state: to, target_provision_state: wanted !== undefined && isProvisionState(wanted) ? wanted : null }
}

/** Where what a conductor came to leads: to what the node was on its way to before, so that cleaning by hand goes back in the end. */
export const onward = (node: Pick<Standing, 'provision_state' | 'target_provision_state'>, event: string): Move =>
  move(node.provision_state, event, node.target_provision_state)

/** Where a client's verb leads: a manual clean goes back to manageable. */
export const asked = (state: string, verb: string): Move => {
  const { event } = verbs[verb]!
  return byEvent(state, event, null)
}

/**
 * The same by event, from what it was on its way to. What is under way leads where it was to lead; only cleaning that was asked for
 * goes back to where it came from. A service that is stopped leaves the node in use, as the original does by two steps of the table.
 */
export const byEvent = (state: string, event: string, target: string | null): Move => {
  if (event === 'abort' && (state === 'service wait' || state === 'service hold')) return move(move(state, 'fail').provision_state, 'abort')
  const kept = event === 'abort' || event === 'unhold' ? target : undefined
  return move(state, event, event === 'clean' ? 'manageable' : kept)
}
