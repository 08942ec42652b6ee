import type { power } from '@esi/api/baremetal/states'
import { type Instant, plus } from '@esi/api/time'

export type PowerAction = (typeof power)[keyof typeof power]['driver']

/** What a client wants, as `node.wanted.power` has it. */
export interface PowerWish {
  readonly action: PowerAction
  /** Seconds that each phase may take; null: the default of its kind. */
  readonly timeout?: number | null
  readonly intent: number
}

/** What was done for a wish so far; the conductor's notes. */
export interface PowerNotes {
  /** Which wish they are about. */
  readonly intent: number
  readonly since: Instant
  /** `unread`: the BMC has not answered yet; `down`: on its way off; `up`: on its way on. */
  readonly phase: 'unread' | 'down' | 'up'
  /** The hardware was asked that often for this phase, last at … */
  readonly asks: number
  readonly askedAt: Instant | null
  /** A soft action was given up for a hard one. */
  readonly hard?: boolean
  /** So many of them were noted by somebody who died, maybe before they went out. */
  readonly lost?: number
  /** Tries in a row that failed because the BMC did not answer. */
  readonly tries?: number
}

export type PowerDo =
  /** It is as wanted. */
  | { readonly is: 'reached' }
  | { readonly is: 'ask'; readonly action: 'on' | 'off' | 'soft off' | 'reboot'; readonly notes: PowerNotes }
  /** Off for a restart; now on. */
  | { readonly is: 'turn'; readonly notes: PowerNotes }
  | { readonly is: 'look'; readonly after: number }
  | { readonly is: 'give up'; readonly why: string }

/**
 * Milliseconds: how long a machine may take (the defaults of Ironic's power_state_change_timeout and soft_power_off_timeout), how
 * long until it is asked once more, and how often it is asked.
 */
export const POWER = { hard: 60_000, soft: 600_000, askAgain: 20_000, asks: 3, look: 1000 } as const

const LEADS: Readonly<Record<PowerAction, 'on' | 'off'>> = {
  on: 'on',
  off: 'off',
  reboot: 'on',
  'soft off': 'off',
  'soft reboot': 'on',
}
const RESTARTS = new Set<PowerAction>(['reboot', 'soft reboot'])
const SOFT = new Set<PowerAction>(['soft off', 'soft reboot'])

export const leadsTo = (action: PowerAction): 'on' | 'off' => LEADS[action]

/** Longer than a day nobody waits, whatever was asked for. */
const MOST = 86_400

const pressesSoftly = ({ action }: PowerWish, { phase, hard }: PowerNotes): boolean => SOFT.has(action) && phase !== 'up' && !hard

/**
 * Milliseconds that the phase may take: waiting for a BMC that does not answer, going off, or coming on. What a request gives counts
 * for all of them; only the force that ends a soft action has no less than it needs.
 */
export const budget = (wish: PowerWish, notes: PowerNotes): number => {
  const given = wish.timeout ? Math.min(wish.timeout, MOST) * 1000 : undefined
  if (pressesSoftly(wish, notes)) return given ?? POWER.soft
  return SOFT.has(wish.action) ? Math.max(given ?? 0, POWER.hard) : (given ?? POWER.hard)
}

/** Notes for a wish that nobody has begun. */
export const begun = ({ action, intent }: PowerWish, now: Instant, seen: 'on' | 'off', oneStep: boolean): PowerNotes => ({
  intent,
  since: now,
  // A restart is off and then on, each of them read back: what a single reset did could not be told from nothing.
  phase: LEADS[action] === 'off' || (RESTARTS.has(action) && seen === 'on' && !oneStep) ? 'down' : 'up',
  asks: 0,
  askedAt: null,
})

/**
 * Notes of somebody who died: what he noted last he may not have done, so it is neither counted nor does its time. Soft buttons are
 * not pressed again all the same.
 */
export const inherited = (wish: PowerWish, notes: PowerNotes, now: Instant): PowerNotes =>
  notes.asks === (notes.lost ?? 0) || pressesSoftly(wish, notes) ? notes : { ...notes, lost: notes.asks, since: now }

/**
 * What to do next for a power wish: pure, asked again after each reading. `oneStep`: the machine must never be off, so a restart is
 * one command, given once.
 */
export const decide = (wish: PowerWish, notes: PowerNotes, seen: 'on' | 'off', now: Instant, oneStep = false): PowerDo => {
  const { action } = wish
  if (oneStep && RESTARTS.has(action) && seen === 'on') {
    if (notes.asks > 0) return { is: 'reached' }
    return { is: 'ask', action: 'reboot', notes: { ...notes, asks: 1, askedAt: now } }
  }
  const want = notes.phase === 'down' ? 'off' : 'on'
  if (seen === want) {
    if (LEADS[action] === want) return { is: 'reached' }
    return { is: 'turn', notes: { intent: notes.intent, since: now, phase: 'up', asks: 0, askedAt: null } }
  }
  const soft = pressesSoftly(wish, notes)
  const limit = budget(wish, notes)
  if (notes.askedAt === null) return ask(soft ? 'soft off' : want, notes, now)
  if (now >= plus(notes.since, limit)) {
    if (soft) return ask('off', { intent: notes.intent, since: now, phase: 'down', asks: 0, askedAt: null, hard: true }, now)
    const times = notes.asks === 1 ? 'once' : `${notes.asks} times`
    return {
      is: 'give up',
      why: `The BMC was asked ${times} to switch the machine ${want}, and after ${limit / 1000} s it is still ${seen}.`,
    }
  }
  // Nobody presses a soft button twice: some systems take the second one for a hard one.
  if (!soft && notes.asks - (notes.lost ?? 0) < POWER.asks && now >= plus(notes.askedAt, POWER.askAgain)) return ask(want, notes, now)
  return { is: 'look', after: POWER.look }
}

const ask = (action: 'on' | 'off' | 'soft off', notes: PowerNotes, now: Instant): PowerDo => ({
  is: 'ask',
  action,
  notes: { ...notes, since: notes.asks === 0 ? now : notes.since, asks: notes.asks + 1, askedAt: now },
})
