import { Refused } from '@esi/api/dialect'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { NewEvent, Reaction } from '../events/event.ts'
import { NotCommitted, pause, settle } from './attempt.ts'
import { isConflict, isLost, isTimeout, sqlstate } from './errors.ts'
import type { Committed } from './notifier.ts'
import { markOnce } from './once.ts'
import { insertEvents, type Outgoing } from './outbox.ts'
import type { Connections } from './pool.ts'
import type { Database, Origin, Tx, Wake } from './transaction.ts'

export interface DatabaseOptions {
  readonly connections: Pick<Connections, 'db'>
  readonly reactions?: readonly Reaction[]
  /** The statement that writes work rows; given from outside, because work is built upon this. */
  readonly writeWork: (wakes: readonly Wake[]) => RawBuilder<unknown> | undefined
  /** Told after each commit that caused something; see `createNotifier`. Must not throw. */
  readonly onCommit?: (committed: Committed) => void
}

// A dry run must not keep those waiting who mean it.
const TRYING = `set local lock_timeout = '500ms'; set local statement_timeout = '5s'`

// Attempts: rivals are over within milliseconds, a restart of the server within seconds.
const CONFLICTS = 8
const LOSSES = 10

export const createDatabase = <DB = any>({ connections, reactions = [], writeWork, onCommit }: DatabaseOptions): Database<DB> => {
  const { db } = connections
  const reacting = Map.groupBy(reactions, r => r.on)

  /** One try. Throws `Unanswered` when COMMIT was sent and nothing came back; every other error means that nothing was written. */
  const attempt = <T>(origin: Origin, work: (tx: Tx<DB>) => Promise<T>): Promise<Done<T>> =>
    db.connection().execute(async one => {
      const buffer = new Buffered<DB>(one, origin)
      let done: Done<T> | undefined
      let xid: string | null = null
      try {
        await sql`begin isolation level read committed`.execute(one)
        if (origin.dryRun) await sql.raw(TRYING).execute(one)
        const result = await work(buffer)
        const { events, wakes } = buffer.close()
        for (const { event } of events) wakes.push(...caused(reacting, event, origin))
        // Last: others wake the same keys, and should not have to wait long for us.
        const rows = wakes.length > 0 ? writeWork(wakes) : undefined
        if (events.length > 0) xid = await insertEvents(one, origin.at, origin.by, events, rows)
        else await rows?.execute(one)
        xid ??= await numberOf(one)
        if (origin.dryRun) {
          await sql`set constraints all immediate`.execute(one)
          await sql`rollback`.execute(one)
          origin.effects?.({ wakes, events: events.map(e => e.event.type) })
          return { result, committed: NOTHING }
        }
        done = { result, committed: { conductors: [...new Set(wakes.map(w => w.conductor))], events: events.length > 0 } }
        await sql`commit`.execute(one)
        return done
      } catch (e) {
        if (done && isLost(e)) throw new Unanswered(e, xid, done)
        await sql`rollback`.execute(one).catch(() => {})
        throw sqlstate(e) === '25P02' ? swallowed(e) : e
      } finally {
        buffer.close()
      }
    })

  const sure = async <T>(origin: Origin, work: (tx: Tx<DB>) => Promise<T>): Promise<Done<T>> => {
    try {
      return await attempt(origin, work)
    } catch (e) {
      if (!(e instanceof Unanswered)) throw e
      await settle(db, e.xid, e.cause)
      return e.done as Done<T>
    }
  }

  return {
    db,
    async transaction(origin, work) {
      for (let conflicts = 0, losses = 0; ; ) {
        try {
          const { result, committed } = await sure(origin, work)
          if (committed.events || committed.conductors.length > 0) onCommit?.(committed)
          return result
        } catch (e) {
          if (origin.dryRun && isTimeout(e))
            throw new Refused('unavailable', 'It could not be tried now, because others are changing the same things.', { retryAfter: 1 })
          if (isConflict(e) && ++conflicts < CONFLICTS) await pause(conflicts, 500)
          else if ((isLost(e) || e instanceof NotCommitted) && ++losses < LOSSES) await pause(losses, 1000)
          else throw e
        }
      }
    },
  }
}

interface Done<T> {
  readonly result: T
  readonly committed: Committed
}

const NOTHING: Committed = { conductors: [], events: false }

class Unanswered extends Error {
  readonly xid: string | null
  readonly done: Done<unknown>
  constructor(cause: unknown, xid: string | null, done: Done<unknown>) {
    super('COMMIT was not answered', { cause })
    this.xid = xid
    this.done = done
  }
}

/** Gathers what is to be written at the end of the transaction. */
class Buffered<DB> implements Tx<DB> {
  readonly db: Kysely<DB>
  readonly at: Tx['at']
  readonly origin: Origin
  readonly #events: Outgoing[] = []
  readonly #wakes: Wake[] = []
  #open = true

  constructor(db: Kysely<any>, origin: Origin) {
    this.db = db
    this.at = origin.at
    this.origin = origin
  }

  emit(service: string, event: NewEvent): void {
    this.#still()
    this.#events.push({ service, event })
  }

  wake(conductor: string, key: string, at = this.at): void {
    this.#still()
    this.#wakes.push({ conductor, key, at })
  }

  once(object: string): Promise<void> {
    this.#still()
    return markOnce(this.db, this.origin, object)
  }

  close(): { events: readonly Outgoing[]; wakes: Wake[] } {
    this.#open = false
    return { events: this.#events, wakes: this.#wakes }
  }

  #still(): void {
    if (!this.#open) throw new Error('The transaction is over; something in it was not awaited.')
  }
}

const caused = (reacting: ReadonlyMap<string, readonly Reaction[]>, event: NewEvent, origin: Origin): Wake[] =>
  [...(reacting.get(event.type) ?? []), ...(reacting.get(event.type.replace(/\.[^.]*$/, '.*')) ?? [])].flatMap(r =>
    r.wake(event).map(w => ({ ...w, at: w.at ?? origin.at })),
  )

/** By this number the server knows later what became of the transaction; none if nothing was written. Fails in a failed transaction. */
const numberOf = async (db: Kysely<any>): Promise<string | null> =>
  (await sql<{ xid: string | null }>`select pg_current_xact_id_if_assigned()::text as xid`.execute(db)).rows[0]!.xid

/** COMMIT would have been answered with ROLLBACK, and no error. */
const swallowed = (cause: unknown): Error =>
  new Error('A statement of the transaction failed and its error was caught, so nothing could be written. Use a savepoint.', { cause })
