import type { Instant } from '@esi/api/time'
import type { Kysely, QueryResult, RawBuilder } from 'kysely'
import type { EventOrigin, NewEvent } from '../events/event.ts'

/** Where a change comes from, and how it is to be made. A request's context is one, a conductor's run another. */
export interface Origin {
  readonly at: Instant
  readonly by: EventOrigin
  /** Try it: run the database's part under short time limits, then roll back. */
  readonly dryRun?: boolean
  /** The client's Idempotency-Key: `digest` names caller, route and key, `hash` the body. */
  readonly once?: { readonly digest: string; readonly hash: string }
  /** Told what a dry run would have caused, before it returns. */
  readonly effects?: (effects: Effects) => void
}

/** What a change causes beside its own rows. */
export interface Effects {
  readonly wakes: readonly Wake[]
  readonly events: readonly string[]
}

/** Work for a conductor, at a time. */
export interface Wake {
  readonly conductor: string
  readonly key: string
  readonly at: Instant
}

/** A transaction with the two things that must not be left out of it: what happened, and what is to be done. */
export interface Tx<DB = any> {
  readonly db: Kysely<DB>
  readonly at: Instant
  readonly origin: Origin
  /**
   * A statement whose answer is not needed before the next one: it is sent along with what is asked next, or with the commit, in one
   * round trip; to lock and then to look, for example. If it fails, so does the transaction.
   */
  later<T>(statement: RawBuilder<T>): PromiseLike<QueryResult<T>>
  /** Sends it now, and throws what failed: for whoever can say it better. */
  sent(): Promise<void>
  emit(service: string, event: NewEvent): void
  /** Work for a conductor, now or at a time. Carries no data: the conductor reads what is to be done. */
  wake(conductor: string, key: string, at?: Instant): void
  /**
   * For a POST with an Idempotency-Key: marks the key as used for the object that is about to be made. If it was used before,
   * throws `Replayed` with the object made then (or `Refused('conflict')` if the body was another). Call it first.
   */
  once(object: string): Promise<void>
}

/** This very request was carried out before; the object it made then. */
export class Replayed extends Error {
  readonly object: string
  constructor(object: string) {
    super(`carried out before, for ${object}`)
    this.object = object
  }
}

export interface Database<DB = any> {
  /** For reads, outside a transaction. */
  readonly db: Kysely<DB>
  /**
   * Runs `work` in one READ COMMITTED transaction and commits, then tells conductors and feeds. A deadlock or a lost connection
   * before the commit is tried again, so `work` may run more than once and must do nothing but talk to the database.
   * With `origin.dryRun` it rolls back and still returns what `work` returned.
   */
  transaction<T>(origin: Origin, work: (tx: Tx<DB>) => Promise<T>): Promise<T>
}
