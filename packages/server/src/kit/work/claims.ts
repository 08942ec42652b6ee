import type { Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import type { Pool } from 'pg'

/** A row that this process may run, until it releases it or the claim is taken from it. */
export interface Claim {
  readonly conductor: string
  readonly key: string
  readonly by: string
  /** Never given twice. */
  readonly claim: string
  /** What was wanted when it was claimed; a wake during the run counts higher. */
  readonly want: string
  readonly failures: number
  readonly due: Instant
  readonly lostAt: Instant | null
}

/** How many more keys of a conductor may be claimed, and of which groups; null: all. */
export interface Room {
  readonly conductor: string
  readonly room: number
  readonly groups: readonly string[] | null
}

/** The end of a run, as the row keeps it. */
export interface Release {
  /** null: when somebody wakes it. */
  readonly due: Instant | null
  readonly outcome: string
  readonly why: string | null
  /** null keeps the last one while `failures` is above 0. */
  readonly error: string | null
  readonly failures: number
  /** A command of this run may still be under way, or one of an earlier run. */
  readonly lostAt: Instant | null
  readonly held: boolean
  readonly group: string | null
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

// The planner takes a list of unknown length for a hundred rows, and then reads the whole table to join it. Of a limit that it cannot
// see it thinks that a tenth is left: few enough to go by the index.
const FEW = 'limit (select 1000000)'

const ROOMS = `(select * from jsonb_to_recordset($1::jsonb) as r(conductor text, room int, groups text[]) ${FEW}) r`
const OPEN = `w.conductor = r.conductor and w.claimed_by is null and not w.held
  and (r.groups is null or w."group" is null or w."group" = any(r.groups))`

/** Claims what is due, earliest first, for each conductor as many as it has room for. A process that was given up gets nothing. */
export const claim = async (pool: Pool, by: string, rooms: readonly Room[], now: Instant): Promise<Claim[]> => {
  const { rows } = await pool.query(
    `with pick as materialized (
       select w.conductor, w.key, w.due from ${ROOMS}
       cross join lateral (
         select w.conductor, w.key, w.due from kit.work w
         where ${OPEN} and w.due <= $2 order by w.due limit r.room for update skip locked
       ) w ${FEW}
     )
     update kit.work w set claimed_by = $3, claim = nextval('kit.claim'), claimed_at = clock_timestamp()
     from pick p
     where w.conductor = p.conductor and w.key = p.key and exists (select from kit.conductor where id = $3)
     returning w.conductor, w.key, w.claimed_by as by, w.claim::text, w.want::text, w.failures,
       ${instant('p.due')} as due, ${instant('w.lost_at')} as "lostAt"`,
    [JSON.stringify(rooms), now, by],
  )
  return rows.sort((a, b) => (a.due < b.due ? -1 : 1))
}

/** The next moment after `now` at which one of these conductors has something to do. */
export const nextDue = async (pool: Pool, rooms: readonly Room[], now: Instant): Promise<Instant | null> => {
  const { rows } = await pool.query(
    `select ${instant('min(w.due)')} as due from ${ROOMS}
     cross join lateral (select w.due from kit.work w where ${OPEN} and w.due > $2 and w.due < 'infinity' order by w.due limit 1) w`,
    [JSON.stringify(rooms), now],
  )
  return rows[0]?.due ?? null
}

/**
 * Ends claims, as many as ended at the same time: one statement and one commit. Nothing is written of a claim that was taken away
 * meanwhile. In the order in which wakes are written, so that nobody waits in a circle.
 */
export const release = async (pool: Pool, ended: readonly (readonly [Claim, Release])[], now: Instant): Promise<void> => {
  const rows = ended.map(([{ conductor, key, by, claim, want }, { lostAt, ...r }]) => ({
    conductor,
    key,
    by,
    claim,
    want,
    lost_at: lostAt,
    ...r,
  }))
  await pool.query(
    `with r as materialized (
       select * from jsonb_to_recordset($1::jsonb) as r(conductor text, key text, by uuid, claim bigint, want bigint, due timestamptz,
         failures int, outcome text, why text, error text, lost_at timestamptz, held boolean, "group" text)
       order by conductor collate "C", key collate "C" ${FEW}
     ), mine as materialized (
       select r.* from r cross join lateral (
         select from kit.work w
         where w.conductor = r.conductor and w.key = r.key and w.claimed_by = r.by and w.claim = r.claim for no key update
       ) w
     )
     update kit.work w set claimed_by = null, claimed_at = null, done = greatest(w.done, r.want),
       due = case when w.want > r.want then least(w.due, $2::timestamptz) else coalesce(r.due, 'infinity') end,
       failures = r.failures,
       failed_since = case when r.failures = 0 then null else coalesce(w.failed_since, $2) end,
       last_outcome = r.outcome, last_why = r.why, last_error = case when r.failures = 0 then null else coalesce(r.error, w.last_error) end,
       lost_at = r.lost_at, held = r.held,
       "group" = case when w.want > r.want then null else coalesce(r."group", w."group") end, released_at = $2
     from mine r where w.conductor = r.conductor and w.key = r.key`,
    [JSON.stringify(rows), now],
  )
}

export const isOurs = async (pool: Pool, c: Claim): Promise<boolean> => {
  const { rowCount } = await pool.query(
    'select from kit.work where conductor = $1 and key = $2 and claimed_by = $3 and claim = $4::bigint',
    [c.conductor, c.key, c.by, c.claim],
  )
  return rowCount === 1
}

/** How the sessions of a process are found by its peers. Set only within a fenced transaction. */
export const mark = (id: string): string => `conductor ${id}`

/**
 * A row if the claim is ours still. Holds it until the transaction ends: whoever takes it away must wait. Key share, because a wake of the same key by
 * somebody who waits for our rows must not wait for us. The mark lets peers end this transaction if its process hangs.
 */
export const fence = (c: Claim): RawBuilder<unknown> => sql`
  select set_config('application_name', ${mark(c.by)}, true) from kit.work
  where conductor = ${c.conductor} and key = ${c.key} and claimed_by = ${c.by} and claim = ${c.claim}::bigint for key share`

/** Frees claims that this process holds without knowing it: the answer to a claim was lost on the way. */
export const freeUnknown = async (pool: Pool, by: string, known: readonly string[], now: Instant): Promise<number> => {
  const { rowCount } = await pool.query(
    `with mine as materialized (
       select conductor, key from kit.work where claimed_by = $1 and claim <> all($2::bigint[]) for update skip locked
     )
     update kit.work w set claimed_by = null, claimed_at = null, due = least(w.due, $3::timestamptz)
     from mine m where w.conductor = m.conductor and w.key = m.key`,
    [by, known, now],
  )
  return rowCount ?? 0
}

/** Whether a key is claimed and carried out by nobody: by a process that is no more, or by one of `names` and not among the `known`. */
export const astray = async (pool: Pool, names: readonly string[], known: readonly string[]): Promise<boolean> => {
  const { rowCount } = await pool.query(
    `select from kit.work where claimed_by is not null and (
       claimed_by = any($1::uuid[]) and claim <> all($2::bigint[]) or not exists (select from kit.conductor c where c.id = claimed_by)
     ) limit 1`,
    [names, known],
  )
  return rowCount !== 0
}

/** Frees the claims of processes that are no more. What is still fenced by a transaction stays for the next time. */
export const freeOrphans = async (pool: Pool, now: Instant): Promise<number> => {
  const { rowCount } = await pool.query(
    `with lost as materialized (
       select conductor, key from kit.work
       where claimed_by is not null and not exists (select from kit.conductor c where c.id = claimed_by)
       for update skip locked
     )
     update kit.work w set claimed_by = null, claimed_at = null, due = least(w.due, $1::timestamptz), lost_at = $1, last_outcome = 'lost'
     from lost l where w.conductor = l.conductor and w.key = l.key`,
    [now],
  )
  return rowCount ?? 0
}

/** Those among `keys` that wait because they were held. */
export const heldKeys = async (pool: Pool, conductors: readonly string[], most: number): Promise<{ conductor: string; key: string }[]> => {
  const { rows } = await pool.query('select conductor, key from kit.work where held and conductor = any($1) order by random() limit $2', [
    conductors,
    most,
  ])
  return rows
}

export const unhold = async (pool: Pool, keys: readonly { conductor: string; key: string }[]): Promise<void> => {
  await pool.query(
    `update kit.work w set held = false from unnest($1::text[], $2::text[]) as k(conductor, key)
     where w.conductor = k.conductor and w.key = k.key`,
    [keys.map(k => k.conductor), keys.map(k => k.key)],
  )
}

/** Rows that nobody has waited for since `before`. */
export const sweep = async (pool: Pool, before: Instant): Promise<void> => {
  await pool.query(
    `delete from kit.work where (conductor, key) in (
       select conductor, key from kit.work
       where due = 'infinity' and claimed_by is null and released_at < $1 and lost_at is null limit 1000 for update skip locked)`,
    [before],
  )
}
