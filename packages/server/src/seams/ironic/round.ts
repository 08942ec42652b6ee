import type { Instant } from '@esi/api/time'
import type { IronicNode } from './client.ts'

// How a node is made ready on an Ironic that is not ours: pure rules, no request.

/** How far a node is with being made ready. The lessee's rights are gone when a round begins. */
export interface Round {
  /** The lease whose end it is; null when a node is proven clean before its first lease. */
  readonly lease: string | null
  readonly began: Instant
  /** What Ironic was last asked for; `sent` once it has agreed, after which its state says how that goes. */
  readonly asked: { readonly verb: string; readonly sent: boolean } | null
  /** The steps that the operator named have succeeded. */
  readonly cleaned: boolean
  /** Ironic was seen at cleaning steps of its own. */
  readonly seen: boolean
  /** What was tried last, and how often in a row it was in vain. */
  readonly last: string | null
  readonly vain: number
  readonly consoleTried: boolean
  /** Why it needs a person, in words that tell nothing of hardware. */
  readonly broken: string | null
}

export const newRound = (lease: string | null, began: Instant): Round => ({
  lease,
  began,
  asked: null,
  cleaned: false,
  seen: false,
  last: null,
  vain: 0,
  consoleTried: false,
  broken: null,
})

export type Todo =
  | { readonly do: 'console off' }
  | { readonly do: 'power off' }
  | { readonly do: 'provision'; readonly verb: string }
  /** The operator's steps have succeeded. */
  | { readonly do: 'note cleaned' }
  | { readonly do: 'free' }
  | { readonly do: 'wait'; readonly doing: string }
  | { readonly do: 'broken'; readonly why: string }
  | { readonly do: 'ready' }

/** Half a system is on it; undeploying it switches it off, too. */
const HALF = ['wait call-back', 'rescue wait', 'service wait']
/** A system is on it. */
const WHOLE = ['active', 'deploy failed', 'error', 'rescue', 'rescue failed', 'unrescue failed', 'service failed']
const DEPLOYED: ReadonlySet<string> = new Set([...WHOLE, ...HALF])
const HELD = new Set(['deploy hold', 'service hold', 'clean hold', 'inspect wait'])
const STEADY = new Set(['available', 'manageable', 'enroll', 'clean failed', 'inspect failed', 'adopt failed'])
/** Asking is in vain at most that often before a person is called. */
export const PATIENCE = 5

/** Whether there is a system on it, whole or half. */
export const deployed = (state: string): boolean => DEPLOYED.has(state)

/** What Ironic can be asked for so that what a lessee is in the midst of ends; undefined where it ends by itself. */
export const ending = (state: string): string | undefined => (DEPLOYED.has(state) ? 'deleted' : HELD.has(state) ? 'abort' : undefined)

/** Whether Ironic is at a cleaning that does something: its state alone is passed through where cleaning is switched off, too. */
export const cleaning = (node: Pick<IronicNode, 'provision_state' | 'clean_step'>): boolean =>
  node.provision_state === 'clean wait' || (node.provision_state === 'cleaning' && Object.keys(node.clean_step ?? {}).length > 0)

/** The next thing to do with a node that is being made ready. `steps`: the operator named steps of his own. */
export const nextOfRound = (node: IronicNode, round: Round, steps: boolean): Todo => {
  const state = node.provision_state
  if (node.reservation) return { do: 'wait', doing: `Ironic is working on it (${state})` }
  if (node.target_power_state) return { do: 'wait', doing: 'its power is being switched' }
  if (round.vain >= PATIENCE) return { do: 'broken', why: 'Ironic could not be brought to make it ready' }
  const asks = (verb: string): Todo => ({ do: 'provision', verb })
  const settled = DEPLOYED.has(state) || STEADY.has(state)
  if (settled && node.maintenance) return { do: 'broken', why: 'it is in maintenance' }
  if (settled && node.console_enabled && !round.consoleTried) return { do: 'console off' }
  if (settled && state !== 'enroll' && !HALF.includes(state) && node.power_state !== 'power off') return { do: 'power off' }
  if (ending(state) !== undefined) return asks(ending(state)!)
  if (!settled) return { do: 'wait', doing: `Ironic: ${state}` }
  const done = (verb: string) => round.asked?.verb === verb && round.asked.sent
  switch (state) {
    case 'available':
      if (node.instance_uuid !== null || node.allocation_uuid !== null) return { do: 'free' }
      return done('provide') || (done('deleted') && !steps) ? { do: 'ready' } : asks('manage')
    case 'manageable':
      if (steps && !round.cleaned) return done('clean') ? { do: 'note cleaned' } : asks('clean')
      // A retired node is cleaned, and never made available again.
      if (node.retired) return done('provide') || (done('deleted') && !steps) || round.cleaned ? { do: 'ready' } : asks('provide')
      return asks('provide')
    case 'clean failed':
      return done('provide') || done('clean') || done('deleted') ? { do: 'broken', why: 'Ironic could not clean it' } : asks('manage')
    default:
      return asks('manage')
  }
}

/** The words of the proof, each no stronger than what was seen. */
export const proofOfRound = (
  node: IronicNode,
  round: Round,
  vifs: readonly string[] | undefined,
  steps: readonly string[],
): Readonly<Record<string, string>> => ({
  power: node.power_state === 'power off' ? 'off' : 'unknown',
  // Without Neutron behind it Ironic knows nothing of switch ports.
  ports: node.network_interface === 'neutron' && vifs?.length === 0 ? 'detached' : 'unknown',
  isolation: 'unknown',
  disk: round.cleaned
    ? `cleaned by ironic: ${steps.join(', ')}`
    : round.seen
      ? 'cleaned by ironic: its automated cleaning, steps unknown'
      : node.properties['erase'] === 'none'
        ? 'not wiped, as its owner says (erase: none)'
        : 'unknown',
  boot: 'unknown',
  media: 'unknown',
  bmc: 'unknown',
})

/** Why a node must not be leased to another project than its owner's; undefined if nothing is known against it. */
export const unfit = (
  node: Pick<IronicNode, 'retired' | 'automated_clean' | 'properties'>,
  proof: Readonly<Record<string, string>> | null | undefined,
  steps: boolean,
): string | undefined => {
  if (node.retired) return 'it is retired'
  if (node.properties['erase'] === 'none') return undefined
  if (!steps && node.automated_clean === false)
    return 'Ironic does not clean it between two leases, and its owner has not said that its disks need no wiping (erase: none)'
  if (proof && !proof['disk']?.startsWith('cleaned by ironic'))
    return 'Ironic was not seen to clean it when it was made ready, and its owner has not said that its disks need no wiping (erase: none)'
  return undefined
}

const TURN_AROUND = 300_000
const ENOUGH = 5

/** Milliseconds from the end of one lease to the next: what nineteen of twenty ends took, five minutes without that much history. */
export const turnAroundOf = (ends: readonly number[] = []): number => {
  if (ends.length < ENOUGH) return TURN_AROUND
  const sorted = [...ends].sort((a, b) => a - b)
  return Math.min(86_400_000, Math.ceil(sorted[Math.ceil(sorted.length * 0.95) - 1]! / 1000) * 1000)
}
