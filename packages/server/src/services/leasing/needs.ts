import type { Duplex } from 'node:stream'
import type { Instant } from '@esi/api/time'
import type { Credentials } from '../../kit/auth/caller.ts'

/** What leasing needs of those who have things to lease. One for each resource type; it knows no node and no switch port. */
export interface Things {
  /** What it does not find is gone for good. Absent where a fault, or a right that was taken away, may look the same. */
  readonly certain?: true
  /** The thing by its identifier or name, whoever asks; leasing judges rights itself by `owner`. */
  find(ident: string): Promise<Thing | undefined>
  /** The things that are this caller's, as owner or lessee, for the node view; all of them for nobody in particular. */
  list(who: Credentials | undefined): Promise<readonly Thing[]>
  /**
   * Puts the thing into the project's hands for that lease: from then on its members have a lessee's rights. Repeating it changes
   * nothing. It is refused while the thing is not proven clean, is in somebody's use, or is broken; `waiting` says why, and
   * whoever has the thing wakes the lease when that changes. `until` is when the lease ends, and may be another one the next time.
   */
  assign(thing: string, project: string, lease: string, until: Instant): Promise<Assigned>
  /**
   * Takes the project's rights away, at once and in any state of the thing, and has it made ready for the next. Repeating it
   * changes nothing. A lease that is not the thing's present one is `released` already.
   */
  release(thing: string, lease: string): Promise<Released>
  /**
   * The thing's serial console, while it is still `who.lessee`'s (null: nobody's); absent where things have none. Ends by itself when
   * the thing changes hands. Refuses in words for a client.
   */
  console?(
    thing: string,
    who: { readonly user: string | null; readonly project: string | null; readonly lessee: string | null },
    signal: AbortSignal,
  ): Promise<Duplex>
}

export interface Thing {
  readonly id: string
  readonly name: string | null
  readonly owner: string | null
  readonly lessee: string | null
  readonly class: string | null
  readonly properties: Readonly<Record<string, unknown>>
  /** What it takes from the end of one lease until the thing is ready for the next, in milliseconds. */
  readonly turnAround: number
  /** Why it must not be leased to another project than its owner's, if so: "its disks cannot be wiped". */
  readonly notLeasable?: string
  /** It leaves for good: nothing of it is offered any more. */
  readonly leaving?: boolean
  /** From then on it is to be leased to nobody. */
  readonly leaves?: Instant
  /** As the node view shows it; null where the kind of thing has no such state. */
  readonly state: {
    readonly provision: string | null
    readonly targetProvision: string | null
    readonly power: string | null
    readonly targetPower: string | null
    readonly maintenance: boolean
  }
}

/** `lookAgain`: milliseconds after which to ask once more, for things whose keeper wakes nobody. */
export type Assigned = { readonly is: 'assigned' } | { readonly is: 'waiting'; readonly why: string; readonly lookAgain?: number }

export type Released =
  /** Rights are gone and the thing is ready for the next; what was proven, in words and no stronger than it was. */
  | { readonly is: 'released'; readonly proof: Readonly<Record<string, string>> }
  /** Rights are gone; making it ready goes on. */
  | { readonly is: 'releasing'; readonly doing: string; readonly lookAgain?: number }
  /** Rights are gone; the thing needs a person. */
  | { readonly is: 'quarantined'; readonly reason: string }
  /** Whoever has the thing does not let the rights be taken just now; the lease goes on ending. */
  | { readonly is: 'holding'; readonly why: string; readonly lookAgain?: number }

/** What leasing needs to know of projects. */
export interface Projects {
  find(ident: string): Promise<{ readonly id: string; readonly name: string } | undefined>
  /** Names of many, for lists. */
  names(ids: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** The project and all above it, nearest first: an offer to a project is open to its whole subtree. */
  lineage(id: string): Promise<readonly string[]>
  /**
   * Since when what a project holds is to end, because it was disabled or deleted; undefined while it may keep it. Whoever knows
   * projects wakes the conductor `project` when that changes. Absent where nobody says so.
   */
  ended?(id: string): Promise<Instant | undefined>
}

export interface Needs {
  /** By resource type: `ironic_node`. */
  readonly things?: Things
  readonly projects?: Projects
}
