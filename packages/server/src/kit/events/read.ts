import type { Instant } from '@esi/api/time'
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Event } from './event.ts'

export interface EventQuery {
  readonly service?: string
  readonly types?: readonly string[]
  /** Only what these projects may read. Absent: everything, for administrators. */
  readonly projects?: readonly string[]
  readonly object?: { readonly type?: string; readonly id: string }
  /** Keys of `data` and their values. */
  readonly where?: Readonly<Record<string, string | number | boolean | null>>
  /** Not before that moment. */
  readonly since?: Instant
  readonly until?: Instant
  /**
   * Only what follows that event. Then nothing is returned before all that comes before it is there too, so the last one's id may
   * be given next time and nothing is missed. `'0'`: from the first.
   */
  readonly after?: string
  /** Newest first; not with `after`. */
  readonly newest?: boolean
  readonly limit: number
}

/** What may be read in order: no transaction that is still under way can write an id below. */
const SETTLED = sql<SqlBool>`xid < pg_snapshot_xmin(pg_current_snapshot())`

const LIMIT = 10_000

/** Events in the order of their ids. */
export const page = async (db: Kysely<any>, query: EventQuery): Promise<Event[]> => {
  let q = db
    .withSchema('kit')
    .selectFrom('event')
    .select(['id', 'at', 'service', 'type', 'object_type', 'object_id', 'object_name', 'projects', 'data', 'origin'])
    .orderBy('id', query.newest ? 'desc' : 'asc')
    .limit(Math.min(query.limit, LIMIT))
  if (query.after !== undefined) {
    if (query.newest) throw new Error('Events after one are read oldest first.')
    q = q.where('id', '>', query.after).where(SETTLED)
  }
  if (query.service !== undefined) q = q.where('service', '=', query.service)
  if (query.types) q = q.where(sql<SqlBool>`type = any(${query.types}::text[])`)
  if (query.projects) q = q.where(sql<SqlBool>`projects && ${query.projects}::text[]`)
  if (query.object) q = q.where('object_id', '=', query.object.id)
  if (query.object?.type !== undefined) q = q.where('object_type', '=', query.object.type)
  if (query.where) q = q.where(sql<SqlBool>`data @> ${JSON.stringify(query.where)}::jsonb`)
  if (query.since !== undefined) q = q.where('at', '>=', query.since)
  if (query.until !== undefined) q = q.where('at', '<', query.until)
  return (await q.execute()).map(event)
}

/** What follows an event, and whether more was written that cannot be given out yet. */
export const following = async (db: Kysely<any>, after: string, limit: number): Promise<{ events: Event[]; more: boolean }> => {
  const events = await page(db, { after, limit })
  const last = events.at(-1)?.id ?? after
  // Also when the page is empty: a slow transaction may hold back what a faster one wrote. In order, or it would be looked for from
  // the oldest event on.
  const { rows } = await sql`select 1 from kit.event where id > ${last} order by id limit 1`.execute(db)
  return { events, more: rows.length > 0 }
}

/** The position after which everything is new: to be asked before a cache is filled, and to be followed from. */
export const head = async (db: Kysely<any>): Promise<string> => {
  const { rows } = await sql<{ id: number | string }>`select id from kit.event where ${SETTLED} order by id desc limit 1`.execute(db)
  return String(rows[0]?.id ?? '0')
}

/** Whether event id `a` comes after `b`. */
export const isAfter = (a: string, b: string): boolean => BigInt(a) > BigInt(b)

const event = (row: any): Event => ({
  id: String(row.id),
  at: row.at,
  service: row.service,
  type: row.type,
  object: { type: row.object_type, id: row.object_id, ...(row.object_name === null ? {} : { name: row.object_name }) },
  projects: row.projects,
  data: row.data,
  origin: row.origin,
})
