import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import { sqlstate } from '../db/errors.ts'
import type { Hold, Look, Place, Scope, Site } from './types.ts'

/** Which of the facts about the server this user may read. */
export interface Readable {
  readonly system: boolean
  readonly timeline: boolean
}

const SYSTEM = sql`(select system_identifier::text from pg_control_system())`
// Not from pg_control_checkpoint(): that is old until the first checkpoint after a promotion.
const TIMELINE = sql`(('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint)::text`

/** Managed servers refuse some of it, or do not have it. */
const REFUSED = ['42501', '42883', '0A000']

export const readable = async (db: Kysely<any>): Promise<Readable> => {
  const may = async (fact: typeof SYSTEM): Promise<boolean> => {
    try {
      await sql`select ${fact}`.execute(db)
      return true
    } catch (e) {
      if (REFUSED.includes(sqlstate(e) ?? '')) return false
      throw e
    }
  }
  return { system: await may(SYSTEM), timeline: await may(TIMELINE) }
}

const place = (may: Readable) => sql`
  ${may.system ? SYSTEM : sql`null::text`} as system, ${may.timeline ? TIMELINE : sql`null::text`} as timeline,
  (select oid::text from pg_database where datname = current_database()) as database, 'kit.site'::regclass::oid::text as relation`

/** Everything in one statement: it is asked before hardware is written to. */
export const look = async (db: Kysely<any>, may: Readable): Promise<Look> => {
  const { rows } = await sql<any>`
    select p.*, coalesce((select max(id) from kit.event), 0)::text as head, s.incarnation, s.before,
      s.system as was_system, s.timeline::text as was_timeline, s.database as was_database, s.relation as was_relation, s.found,
      h.scope, h.key, h.reason, h.by, h.at
    from (select ${place(may)}) p left join kit.site s on true left join kit.hold h on true
    order by h.at, h.scope, h.key`.execute(db)
  const first = rows[0]
  return {
    place: placeOf(first),
    head: first.head,
    site:
      first.incarnation === null
        ? undefined
        : {
            incarnation: first.incarnation,
            before: first.before,
            system: first.was_system,
            timeline: first.was_timeline,
            database: first.was_database,
            relation: first.was_relation,
            found: first.found,
          },
    holds: rows.filter(r => r.scope !== null).map(({ scope, key, reason, by, at }) => ({ scope, key, reason, by, at })),
  }
}

const placeOf = ({ system, timeline, database, relation }: Place): Place => ({ system, timeline, database, relation })

/** A hold that is there already keeps its time, and gets the new reason; undefined if it had it. */
export const put = async (db: Kysely<any>, hold: Hold): Promise<Hold | undefined> => {
  const { scope, key, reason, by, at } = hold
  const { rows } = await sql<Hold>`
    insert into kit.hold as h (scope, key, reason, by, at) values (${scope}, ${key}, ${reason}, ${by}, ${at})
    on conflict (scope, key) do update set reason = excluded.reason, by = excluded.by where h.reason <> excluded.reason
    returning scope, key, reason, by, at`.execute(db)
  return rows[0]
}

export const find = async (db: Kysely<any>, scope: Scope, key: string): Promise<Hold | undefined> =>
  (await sql<Hold>`select scope, key, reason, by, at from kit.hold where scope = ${scope} and key = ${key}`.execute(db)).rows[0]

export const remove = async (db: Kysely<any>, scope: Scope, key: string): Promise<Hold | undefined> =>
  (await sql<Hold>`delete from kit.hold where scope = ${scope} and key = ${key} returning scope, key, reason, by, at`.execute(db)).rows[0]

/** What waits because it was held becomes due; what is held still is put back by whoever looks at it. */
export const release = async (db: Kysely<any>): Promise<void> => {
  await sql`update kit.work set held = false where held`.execute(db)
}

/** The site as it is, so that of several processes one judges it at a time. */
export const lockSite = async (db: Kysely<any>): Promise<Pick<Site, 'found'> | undefined> =>
  (await sql<Pick<Site, 'found'>>`select found from kit.site for update`.execute(db)).rows[0]

/** A database that nobody has looked at before is good. False if somebody was quicker. */
export const begin = async (db: Kysely<any>, may: Readable, incarnation: string, at: Instant): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    insert into kit.site (incarnation, system, timeline, database, relation, at)
    select ${incarnation}::uuid, p.system, p.timeline::bigint, p.database, p.relation, ${at}::timestamptz from (select ${place(may)}) p
    on conflict do nothing`.execute(db)
  return numAffectedRows === 1n
}

/** It must not be trusted. `stranger`: an incarnation that a machine knows and the database does not. */
export const suspect = async (db: Kysely<any>, found: string, stranger: string | null): Promise<void> => {
  await sql`
    update kit.site set found = ${found},
      before = case when ${stranger}::uuid is null then before else array_append(before, ${stranger}::uuid) end`.execute(db)
}

/** An operator says that it is good as it is now. */
export const trust = async (db: Kysely<any>, may: Readable, incarnation: string, at: Instant): Promise<void> => {
  await sql`
    update kit.site s set before = array_append(s.before, s.incarnation), incarnation = ${incarnation}::uuid, found = null, at = ${at},
      system = p.system, timeline = p.timeline::bigint, database = p.database, relation = p.relation
    from (select ${place(may)}) p`.execute(db)
}

/** What could not be read before and can be now. */
export const complete = async (db: Kysely<any>, may: Readable): Promise<void> => {
  await sql`
    update kit.site s set system = coalesce(s.system, p.system), timeline = coalesce(s.timeline, p.timeline::bigint)
    from (select ${place(may)}) p where s.system is null and p.system is not null or s.timeline is null and p.timeline is not null`.execute(
    db,
  )
}
