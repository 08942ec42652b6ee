import type { Instant } from '@esi/api/time'

/** What the service asks of others. */
export interface Needs {
  /** Whoever lets projects hold things for a time; may in turn need this service, so it is asked for only when it is used. */
  readonly holdings?: () => Holdings
}

/** What projects hold that would be nobody's without them. */
export interface Holdings {
  of(projects: readonly string[]): Promise<Held>
}

export interface Held {
  readonly leases: readonly Holding[]
  readonly offers: readonly Holding[]
  /** Leases of other projects that lie in these leases, and end with them. */
  readonly within: number
  /** Leases of other projects that these have granted; they stay until their end. */
  readonly granted: number
}

export interface Holding {
  readonly uuid: string
  readonly project_id: string
  /** What it is a lease or an offer of: a name, else an identifier. */
  readonly resource: string
  readonly end_time: Instant
}
