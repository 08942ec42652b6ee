import type { Instant } from '@esi/api/time'
import type { Pool } from 'pg'
import type { Conductor } from './conductor.ts'

/** Something that takes longer than expected. */
export interface Stuck {
  readonly conductor: string
  readonly key: string
  /** `running` beyond its limit, `late` though due, `failing` time after time. */
  readonly is: 'running' | 'late' | 'failing'
  readonly since: Instant
  readonly group: string | null
  readonly failures: number
  readonly lastError: string | null
}

export interface StuckAfter {
  /** Milliseconds that a key may be due before it counts as late. */
  readonly late: number
  /** Failures in a row. */
  readonly failures: number
}

/** How many keys of a conductor are in which state, in the whole database. */
export interface Depth {
  /** Due and not yet claimed. */
  readonly due: number
  readonly waiting: number
  readonly running: number
  readonly held: number
  readonly failing: number
  /** Milliseconds for which the oldest due key has waited. */
  readonly oldest: number
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** All that is stuck, longest first, at most `most`. What is held is not stuck. */
export const stuckWork = async (
  pool: Pool,
  conductors: readonly Conductor[],
  now: Instant,
  after: StuckAfter,
  most = 1000,
): Promise<Stuck[]> => {
  const limits = JSON.stringify(conductors.map(({ name, limit }) => ({ conductor: name, limit_ms: limit })))
  const { rows } = await pool.query(
    `select w.conductor, w.key, s.what as "is", ${instant('s.since')} as since, w."group", w.failures, w.last_error as "lastError"
     from kit.work w join jsonb_to_recordset($1::jsonb) as l(conductor text, limit_ms float8) using (conductor)
     cross join lateral (values
       ('running', w.claimed_at, w.claimed_by is not null and w.claimed_at < clock_timestamp() - l.limit_ms * interval '1 ms'),
       ('late', w.due, w.claimed_by is null and not w.held and w.due < $2::timestamptz - $3 * interval '1 ms'),
       ('failing', w.failed_since, w.failures >= $4)
     ) as s(what, since, so)
     where s.so and (w.claimed_by is not null or w.failures > 0 or w.due < $2::timestamptz)
     order by s.since, w.conductor, w.key limit $5`,
    [limits, now, after.late, after.failures, most],
  )
  // One line a key: the first that applies.
  const seen = new Set<string>()
  return rows.filter(r => {
    const id = JSON.stringify([r.conductor, r.key])
    return seen.has(id) ? false : seen.add(id)
  })
}

export const depths = async (pool: Pool, conductors: readonly string[], now: Instant): Promise<Map<string, Depth>> => {
  const { rows } = await pool.query(
    `select conductor,
       count(*) filter (where claimed_by is null and not held and due <= $2)::int as due,
       count(*) filter (where claimed_by is null and not held and due > $2 and due < 'infinity')::int as waiting,
       count(*) filter (where claimed_by is not null)::int as running,
       count(*) filter (where held)::int as held,
       count(*) filter (where failures > 0)::int as failing,
       coalesce(extract(epoch from $2 - min(due) filter (where claimed_by is null and not held and due <= $2)) * 1000, 0)::float8 as oldest
     from kit.work where conductor = any($1) group by conductor`,
    [conductors, now],
  )
  const none: Depth = { due: 0, waiting: 0, running: 0, held: 0, failing: 0, oldest: 0 }
  const found = new Map(rows.map(({ conductor, ...depth }) => [conductor as string, depth as Depth]))
  return new Map(conductors.map(name => [name, found.get(name) ?? none]))
}
