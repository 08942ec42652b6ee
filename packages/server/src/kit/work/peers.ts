import type { Pool } from 'pg'
import { mark } from './claims.ts'

/** The first half of the advisory lock that a living process holds; the second is its number. */
export const LOCK = 0x657369

/**
 * Strikes off processes that are dead (their lock is free) or hang (no beat for `patience` milliseconds), and ends their sessions:
 * a hung one must not hold rows that others need, and learns of it when it wakes. Returns the ids.
 */
export const strikeOff = async (pool: Pool, own: string, patience: number): Promise<string[]> => {
  const gone = `id <> $1 and (pg_try_advisory_xact_lock(${LOCK}, number) or beat < clock_timestamp() - make_interval(secs => $2))`
  const values = [own, patience / 1000]
  if ((await pool.query(`select from kit.conductor where ${gone} limit 1`, values)).rowCount === 0) return []
  // Deleted in one transaction with the lock, so that of several peers one does it.
  const { rows } = await pool.query(
    `with gone as materialized (select id from kit.conductor where ${gone} for update skip locked)
     delete from kit.conductor c using gone g where c.id = g.id returning c.id, c.backend, c.backend_start::text as start`,
    values,
  )
  if (rows.length === 0) return []
  await pool.query(
    `select pg_terminate_backend(a.pid) from pg_stat_activity a
     where a.datname = current_database() and a.pid <> pg_backend_pid() and (
       a.application_name = any($1) or exists (
         select from unnest($2::int[], $3::timestamptz[]) as s(pid, start) where s.pid = a.pid and s.start = a.backend_start))`,
    [rows.map(r => mark(r.id)), rows.map(r => r.backend), rows.map(r => r.start)],
  )
  return rows.map(r => r.id)
}

/** How many processes conduct at this moment: those that hold their lock, and were heard within `patience` milliseconds. */
export const livingPeers = async (pool: Pool, patience: number): Promise<number> => {
  const { rows } = await pool.query(
    `select count(*)::int as n from kit.conductor c
     where c.beat > clock_timestamp() - make_interval(secs => $1) and exists (
       select from pg_locks l where l.locktype = 'advisory' and l.classid = ${LOCK} and l.objid = c.number::oid and l.granted
         and l.database = (select oid from pg_database where datname = current_database()))`,
    [patience / 1000],
  )
  return rows[0].n
}
