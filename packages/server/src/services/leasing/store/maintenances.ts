import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { endless } from './offers.ts'

export interface Maintenance {
  readonly uuid: string
  readonly unit: number
  readonly type: string
  readonly thing: string
  readonly project_id: string
  readonly reason: string | null
  readonly start: Instant
  readonly end: Instant
  readonly status: string
}

const select = sql`
  select m.uuid, m.unit, r.type, r.thing, m.project_id, m.reason, m.start_time as start, m.end_time as end, m.status
  from leasing.maintenance m join leasing.resource r on r.id = m.unit`

export const insertMaintenance = async (tx: Tx, m: Omit<Maintenance, 'type' | 'thing' | 'status'>): Promise<void> => {
  await sql`
    insert into leasing.maintenance (uuid, unit, project_id, reason, start_time, end_time, status, created_at)
    values (${m.uuid}, ${m.unit}, ${m.project_id}, ${m.reason}, ${m.start}, ${endless(m.end)}, 'planned', ${tx.at})`.execute(tx.db)
}

export const readMaintenance = async (db: Kysely<any>, uuid: string): Promise<Maintenance | undefined> =>
  (await sql<Maintenance>`${select} where m.uuid = ${uuid}`.execute(db)).rows[0]

/** What is planned or under way; `project` undefined: everybody's. */
export const listMaintenance = async (
  db: Kysely<any>,
  project: string | undefined,
  thing: string | undefined,
  now: Instant,
): Promise<Maintenance[]> =>
  (
    await sql<Maintenance>`
      ${select} where m.status = 'planned' and m.end_time > ${now}
        and (${project ?? null}::text is null or m.project_id = ${project ?? null})
        and (${thing ?? null}::text is null or r.thing = ${thing ?? null})
      order by m.start_time, m.uuid`.execute(db)
  ).rows

export const endMaintenance = async (tx: Tx, uuid: string): Promise<void> => {
  await sql`update leasing.maintenance set status = 'deleted' where uuid = ${uuid}`.execute(tx.db)
}
