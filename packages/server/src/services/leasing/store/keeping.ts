import { type Instant, plus } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../../kit/db/transaction.ts'

/** What is remembered of one thing; `Lent` and `Round` are what its keeper's seam makes of them. */
export interface Kept<Lent = unknown, Round = unknown> {
  readonly lease: string | null
  readonly project: string | null
  readonly assigned: boolean
  readonly lent: Lent | null
  readonly round: Round | null
  readonly proof: Readonly<Record<string, string>> | null
  readonly mark: string | null
}

const NOTHING: Kept = { lease: null, project: null, assigned: false, lent: null, round: null, proof: null, mark: null }

/** Whoever has the thing to themselves: the only one who may tell its keeper anything. */
export interface Holding<Lent, Round> {
  readonly kept: Kept<Lent, Round>
  /** Throws when the thing is somebody else's by now. To be asked before the keeper is told anything. */
  check(): Promise<void>
  /** Writes what has changed, before or after the keeper is told. Throws like `check`. */
  save(change: Partial<Kept<Lent, Round>>): Promise<Kept<Lent, Round>>
  /** Writes what was proven at the end of a lease, once. */
  end(lease: string, end: { readonly proof: Readonly<Record<string, string>>; readonly began: Instant }): Promise<void>
}

/** Memory of things whose keeper cannot remember leases; in leasing's own schema, where no owner and no lessee can write. */
export interface Keeping<Lent = unknown, Round = unknown> {
  /**
   * Gives the thing to one caller at a time; undefined while another has it. Whoever dies with it has it for that long still
   * (milliseconds); whoever works has it until the end.
   */
  hold<T>(thing: string, grace: number, work: (holding: Holding<Lent, Round>) => Promise<T>): Promise<T | undefined>
  proofOf(lease: string): Promise<Readonly<Record<string, string>> | undefined>
  of(things: readonly string[]): Promise<ReadonlyMap<string, Kept<Lent, Round>>>
  /** Milliseconds that the last ends of leases took, for each thing. */
  endTimes(things: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>>
}

const columns = sql`lease, project, assigned, lent, round, proof, mark`
/** So many earlier ends say how long the next will take. */
const LAST = 20

export const keeping = <Lent = unknown, Round = unknown>(database: Database, now: () => Instant): Keeping<Lent, Round> => {
  const { db } = database
  return {
    async hold(thing, grace, work) {
      let until = plus(now(), grace)
      const { rows } = await sql<Kept<Lent, Round>>`
        insert into leasing.keeping as k (thing, busy_until) values (${thing}, ${until})
        on conflict (thing) do update set busy_until = excluded.busy_until where k.busy_until is null or k.busy_until < ${now()}
        returning ${columns}`.execute(db)
      if (!rows[0]) return undefined
      let kept = rows[0]
      const mine = () => sql`thing = ${thing} and busy_until = ${until}`
      // By the moment until which it is ours it is known to be ours, so what moves that moment comes before or after all else.
      let last: Promise<unknown> = Promise.resolve()
      const inTurn = <R>(next: () => Promise<R>): Promise<R> => {
        const turn = last.then(next, next)
        last = turn
        turn.catch(() => undefined)
        return turn
      }
      const renew = () =>
        inTurn(async () => {
          const later = plus(now(), grace)
          const renewed = await sql`update leasing.keeping set busy_until = ${later} where ${mine()} returning 1`.execute(db)
          if (!renewed.rows.length) throw new Error('somebody else is at that thing by now')
          until = later
        })
      const timer = setInterval(() => void renew().catch(() => clearInterval(timer)), grace / 3)
      try {
        return await work({
          get kept() {
            return kept
          },
          check: renew,
          save: change =>
            inTurn(async () => {
              const next = { ...kept, ...change }
              const written = await sql`update leasing.keeping set (${columns}) = ${row(next)} where ${mine()} returning 1`.execute(db)
              if (!written.rows.length) throw new Error('somebody else is at that thing by now')
              kept = next
              return kept
            }),
          async end(lease, { proof, began }) {
            await sql`insert into leasing.keeping_end (lease, thing, proof, began_at, ended_at)
              values (${lease}, ${thing}, ${JSON.stringify(proof)}::jsonb, ${began}, ${now()}) on conflict (lease) do nothing`.execute(db)
          },
        })
      } finally {
        clearInterval(timer)
        // Where there is nothing to remember no row stays behind.
        await inTurn(() =>
          sql`
            with empty as (delete from leasing.keeping where ${mine()} and lease is null and round is null and proof is null returning thing)
            update leasing.keeping set busy_until = null where ${mine()} and thing not in (select thing from empty)`.execute(db),
        )
      }
    },
    async proofOf(lease) {
      const { rows } = await sql<{ proof: Record<string, string> }>`
        select proof from leasing.keeping_end where lease::text = ${lease}`.execute(db)
      return rows[0]?.proof
    },
    async of(things) {
      const { rows } = await sql<Kept<Lent, Round> & { thing: string }>`
        select thing, ${columns} from leasing.keeping where thing = any(${[...things]}::text[])`.execute(db)
      return new Map(rows.map(({ thing, ...kept }) => [thing, { ...NOTHING, ...kept } as Kept<Lent, Round>]))
    },
    endTimes: things => endTimes(db, things),
  }
}

const row = (kept: Kept) => {
  const json = (value: unknown) => sql`${value === null ? null : JSON.stringify(value)}::jsonb`
  return sql`(${kept.lease}::uuid, ${kept.project}::text, ${kept.assigned}::boolean, ${json(kept.lent)}, ${json(kept.round)}, ${json(kept.proof)}, ${kept.mark}::text)`
}

const endTimes = async (db: Kysely<any>, things: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>> => {
  const { rows } = await sql<{ thing: string; took: number[] }>`
    select t.thing, array(
      select (extract(epoch from e.ended_at - e.began_at) * 1000)::float8 from leasing.keeping_end e
      where e.thing = t.thing order by e.ended_at desc limit ${LAST}) as took
    from unnest(${[...things]}::text[]) t(thing)`.execute(db)
  return new Map(rows.map(({ thing, took }) => [thing, took]))
}
