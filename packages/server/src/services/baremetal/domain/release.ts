import { next } from '@esi/api/baremetal/states'
import { type Move, move } from './provision.ts'

/**
 * The event that brings a node nearer to being cleaned, from each of its states. States without one are on their way already: their
 * conductor does the next step.
 */
const TOWARDS: Readonly<Record<string, string>> = {
  active: 'delete',
  'adopt failed': 'manage',
  adopting: 'fail',
  available: 'manage',
  'clean failed': 'manage',
  'clean hold': 'abort',
  'clean wait': 'abort',
  'deploy failed': 'delete',
  'deploy hold': 'abort',
  deploying: 'fail',
  enroll: 'manage',
  error: 'delete',
  'inspect failed': 'manage',
  'inspect wait': 'abort',
  inspecting: 'fail',
  manageable: 'provide',
  rescue: 'delete',
  'rescue failed': 'delete',
  'rescue wait': 'delete',
  rescuing: 'fail',
  'service failed': 'delete',
  'service hold': 'abort',
  'service wait': 'delete',
  servicing: 'fail',
  'unrescue failed': 'delete',
  unrescuing: 'fail',
  'wait call-back': 'delete',
}

/** States whose conductor leads to `cleaning` by itself. */
const ON_THE_WAY = new Set(['cleaning', 'deleting', 'verifying'])

/**
 * The way from a state towards a clean node: all events up to the first state that takes hardware to get through. Whatever the
 * lessee was in the midst of is over.
 */
export const wayToClean = (state: string): { readonly events: readonly string[]; readonly move: Move | null } => {
  const events: string[] = []
  let at: Move | null = null
  for (let now = state; !ON_THE_WAY.has(now); ) {
    const event = TOWARDS[now]
    if (event === undefined || next(now, event) === undefined) throw new Error(`no way leads from "${now}" to a clean node`)
    at = move(now, event, 'available')
    events.push(event)
    now = at.provision_state
    if (events.length > 8) throw new Error(`the way from "${state}" to a clean node goes in a circle`)
  }
  return { events, move: at }
}

export interface Step {
  readonly name: 'quiet' | 'power off' | 'ports shut' | 'wipe' | 'ports shut again' | 'baseline' | 'read back'
  /** As its owner and the next in line are told that it is being done. */
  readonly doing: string
  /** What it proves, by the key of the proof. */
  readonly proves: string | null
}

/** The order of a lease's end. Each is read back before the next one is begun. */
export const STEPS: readonly Step[] = [
  { name: 'quiet', doing: 'waiting for the last command to the BMC', proves: null },
  { name: 'power off', doing: 'switching the machine off', proves: 'power' },
  { name: 'ports shut', doing: 'shutting its switch ports', proves: 'ports' },
  { name: 'wipe', doing: 'wiping its disks', proves: 'disk' },
  { name: 'ports shut again', doing: 'shutting its switch ports', proves: 'ports' },
  { name: 'baseline', doing: 'putting its BMC back to the baseline', proves: 'bmc' },
  { name: 'read back', doing: 'reading everything back', proves: 'boot' },
]
