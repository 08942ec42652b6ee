import type { Instant } from '@esi/api/time'

/** Something that happened, written in the transaction that made it so. */
export interface NewEvent {
  /** `<service>.<noun>.<what>`: `leasing.lease.created`. */
  readonly type: string
  readonly object: { readonly type: string; readonly id: string; readonly name?: string | null }
  /** The projects whose members may read it. Administrators read all. */
  readonly projects: readonly string[]
  /** What changed and what matters; never a secret. `before` and `after` hold only fields that differ. */
  readonly data?: Readonly<Record<string, unknown>>
}

export interface Event extends NewEvent {
  /** Ascending; not without gaps. */
  readonly id: string
  readonly at: Instant
  readonly service: string
  readonly origin: EventOrigin
}

/** Who caused it and from where. */
export interface EventOrigin {
  readonly request?: string
  readonly user?: string
  readonly project?: string
  readonly address?: string
  /** A conductor, when no request caused it. */
  readonly conductor?: string
}

/** Work that an event causes, written in the same transaction: how one service's event wakes another's conductor. Declared by seams. */
export interface Reaction {
  /** An event's type, or all of one noun: `service.noun.*`. */
  readonly on: string
  wake(event: NewEvent): readonly { readonly conductor: string; readonly key: string; readonly at?: Instant }[]
}
