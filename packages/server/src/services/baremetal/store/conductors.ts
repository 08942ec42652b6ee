import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

export interface ConductorRow {
  readonly hostname: string
  readonly conductor_group: string
  readonly drivers: readonly string[]
  readonly created_at: Instant
  readonly updated_at: Instant
  /** Seen within a minute before whoever was seen last. */
  readonly alive: boolean
}

const ALIVE = sql`seen_at > (select max(seen_at) from baremetal.conductor) - interval '60 seconds'`
const ROW = sql`hostname, conductor_group, drivers, started_at as created_at, seen_at as updated_at, ${ALIVE} as alive`

/** That a process is there; written at its start and every 20 seconds. */
export const beat = async (
  db: Kysely<any>,
  row: {
    readonly hostname: string
    readonly group: string
    readonly drivers: readonly string[]
    /** Where it has the consoles of its machines. */
    readonly consoles: string
    readonly started: Instant
    readonly now: Instant
  },
): Promise<void> => {
  await sql`
    insert into baremetal.conductor (hostname, conductor_group, drivers, console_url, started_at, seen_at)
    values (${row.hostname}, ${row.group}, ${[...row.drivers]}::text[], ${row.consoles}, ${row.started}, ${row.now})
    on conflict (hostname) do update set conductor_group = excluded.conductor_group, drivers = excluded.drivers,
      console_url = excluded.console_url, started_at = excluded.started_at, seen_at = excluded.seen_at`.execute(db)
}

/** Unless another process of that name has said since that it is there. */
export const forget = async (db: Kysely<any>, hostname: string, started: Instant): Promise<void> => {
  await sql`delete from baremetal.conductor where hostname = ${hostname} and started_at = ${started}`.execute(db)
}

export const allConductors = async (db: Kysely<any>): Promise<ConductorRow[]> => {
  const { rows } = await sql<ConductorRow>`select ${ROW} from baremetal.conductor order by started_at, hostname`.execute(db)
  return rows
}

/** How many nodes each group and hardware type has. */
export const nodesByGroup = async (
  db: Kysely<any>,
): Promise<readonly { readonly conductor_group: string; readonly driver: string; readonly nodes: number }[]> =>
  (
    await sql<any>`select conductor_group, driver, count(*)::int as nodes from baremetal.node
      group by conductor_group, driver order by conductor_group, driver`.execute(db)
  ).rows

/** Whether somebody would conduct nodes of that group and hardware type. */
export const isServed = async (db: Kysely<any>, group: string, driver: string): Promise<boolean> =>
  (
    await sql`select 1 from baremetal.conductor where conductor_group = ${group} and ${driver} = any(drivers) and ${ALIVE} limit 1`.execute(
      db,
    )
  ).rows.length > 0

export const liveConductors = async (db: Kysely<any>): Promise<ConductorRow[]> => (await allConductors(db)).filter(c => c.alive)
