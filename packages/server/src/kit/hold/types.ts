import type { Instant } from '@esi/api/time'

export type Scope = 'site' | 'service' | 'thing'

/** What is held answers and reads, and changes nothing outside of its database. */
export interface Hold {
  readonly scope: Scope
  /** The service's name, or the id of the thing by which conductors know it; empty for the site. */
  readonly key: string
  readonly reason: string
  readonly by: string
  readonly at: Instant
}

/** Which database it is. `null`: it may not be read here. */
export interface Place {
  /** The server's own number, made when its files were made. */
  readonly system: string | null
  /** Counted up by every promotion, and by every recovery to a moment. */
  readonly timeline: string | null
  /** Object ids of the database and of a table in it. */
  readonly database: string
  readonly relation: string
}

/** The place as it was when the database was last known to be good. */
export interface Site extends Place {
  readonly incarnation: string
  readonly before: readonly string[]
  /** Why it is held. */
  readonly found: string | null
}

/** How far this machine has followed the database. */
export interface Mark {
  readonly incarnation: string
  /** Id of the last event that was seen. */
  readonly head: string
}

/** One look at the database. */
export interface Look {
  readonly holds: readonly Hold[]
  /** Absent in a database that nobody has looked at before. */
  readonly site: Site | undefined
  readonly place: Place
  readonly head: string
}
