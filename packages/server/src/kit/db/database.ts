import { Refused } from '@esi/api/dialect'
import type { Kysely, QueryResult, RawBuilder } from 'kysely'
import type { NewEvent, Reaction } from '../events/event.ts'
import { NotCommitted, pause, settle } from './attempt.ts'
import { isConflict, isLost, isTimeout, sqlstate } from './errors.ts'
import { Line } from './line.ts'
import type { Committed } from './notifier.ts'
import { markOnce } from './once.ts'
import { insertEvents, type Outgoing } from './outbox.ts'
import type { Connections } from './pool.ts'
import type { Database, Origin, Tx, Wake } from './transaction.ts'

export interface DatabaseOptions {
  readonly connections: Pick<Connections, 'db' | 'pool'>
  readonly reactions?: readonly Reaction[]
  /** The statement that writes work rows; given from outside, because work is built upon this. */
  readonly writeWork: (wakes: readonly Wake[]) => RawBuilder<unknown> | undefined
  /** Told after each commit that caused something; see `createNotifier`. Must not throw. */
  readonly onCommit?: (committed: Committed) => void
}

// A dry run must not keep those waiting who mean it.
const TRYING = [`set local lock_timeout = '500ms'`, `set local statement_timeout = '5s'`]

// Attempts: rivals are over within milliseconds, a restart of the server within seconds.
const CONFLICTS = 8
const LOSSES = 10

export const createDatabase = <DB = any>({ connections, reactions = [], writeWork, onCommit }: DatabaseOptions): Database<DB> => {
  const { db, pool } = connections
  const reacting = Map.groupBy(reactions, r => r.on)

  /** One try. Throws `Unanswered` when COMMIT was sent and nothing came back; every other error means that nothing was written. */
  const attempt = async <T>(origin: Origin, work: (tx: Tx<DB>) => Promise<T>): Promise<Done<T>> => {
    const client = await pool.connect()
    const line = new Line(client)
    const buffer = new Buffered<DB>(line, origin)
    let done: Done<T> | undefined
    let xid: string | undefined
    try {
      line.laterText('begin isolation level read committed')
      if (origin.dryRun) for (const limit of TRYING) line.laterText(limit)
      // By this number the server knows later what became of the transaction.
      line.laterText('select pg_current_xact_id()::text as xid', [], ({ rows }) => (xid = rows[0].xid))
      const result = await work(buffer)
      const { events, wakes } = buffer.close()
      for (const { event } of events) wakes.push(...caused(reacting, event, origin))
      // Nothing was asked, so there is nothing to end.
      if (!line.sent && !buffer.writes && events.length + wakes.length === 0) return { result, committed: NOTHING }
      // Last: others wake the same keys, and should not have to wait long for us.
      const rows = wakes.length > 0 ? writeWork(wakes) : undefined
      if (events.length > 0) line.later(insertEvents(origin.at, origin.by, events, rows))
      else if (rows) line.later(rows)
      if (origin.dryRun) {
        line.laterText('set constraints all immediate')
        await line.flush()
        await client.query('rollback')
        origin.effects?.({ wakes, events: events.map(e => e.event.type) })
        return { result, committed: NOTHING }
      }
      // Whoever is not told of the commit must know the number by then.
      if (xid === undefined) await line.flush()
      done = { result, committed: { conductors: [...new Set(wakes.map(w => w.conductor))], events: events.length > 0 } }
      const ended = line.laterText('commit')
      await line.flush()
      if ((await ended).rows[0].command !== 'COMMIT') throw swallowed(undefined)
      return done
    } catch (e) {
      if (done && isLost(e)) throw new Unanswered(e, xid!, done)
      if (line.sent) await client.query('rollback').catch(() => {})
      throw sqlstate(e) === '25P02' ? swallowed(e) : e
    } finally {
      buffer.close()
      line.close()
      client.release()
    }
  }

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
  readonly xid: string
  readonly done: Done<unknown>
  constructor(cause: unknown, xid: string, done: Done<unknown>) {
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
  readonly #line: Line
  readonly #events: Outgoing[] = []
  readonly #wakes: Wake[] = []
  #open = true
  /** Something is to be sent with the commit. */
  writes = false

  constructor(line: Line, origin: Origin) {
    this.#line = line
    this.db = line.db
    this.at = origin.at
    this.origin = origin
  }

  later<T>(statement: RawBuilder<T>): PromiseLike<QueryResult<T>> {
    this.#still()
    this.writes = true
    return this.#line.later(statement)
  }

  sent(): Promise<void> {
    this.#still()
    return this.#line.flush()
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

/** COMMIT would have been answered with ROLLBACK, and no error. */
const swallowed = (cause: unknown): Error =>
  new Error('A statement of the transaction failed and its error was caught, so nothing could be written. Use a savepoint.', { cause })
