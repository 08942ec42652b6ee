import { type Kysely, sql } from 'kysely'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { col } from './columns.ts'

export const endpointGroups: Store = tableStore(
  { name: 'identity.endpoint_group', id: 'id', columns: ['id', 'name', 'description', 'filters'], json: ['filters'] },
  {
    from: sql`identity.endpoint_group g`,
    columns: col('g', 'id', 'name', 'description', 'filters'),
    visible: () => sql`true`,
    order: [{ field: 'name', dir: 'asc' }],
  },
)

/** Whether endpoint `e` is in group `g`. */
const inGroup = sql`
  (not g.filters ? 'service_id' or e.service_id = g.filters->>'service_id')
  and (not g.filters ? 'interface' or e.interface = g.filters->>'interface')
  and (not g.filters ? 'region_id' or e.region_id is not distinct from g.filters->>'region_id')`

/** Of each project that is named: what it sees. */
const seen = sql`
  select x.project_id, x.endpoint_id from identity.project_endpoint x
  union
  select x.project_id, e.id from identity.project_endpoint_group x
    join identity.endpoint_group g on g.id = x.endpoint_group_id join identity.endpoint e on ${inGroup}`

/** Endpoint ids by project, of projects that do not see all. */
export const readFilters = async (db: Kysely<any>): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const { rows } = await sql<{ project: string; endpoints: string[] }>`
    select s.project_id as project, array_agg(s.endpoint_id) as endpoints from (${seen}) s group by s.project_id`.execute(db)
  return new Map(rows.map(row => [row.project, new Set(row.endpoints)]))
}

const ids = (rows: readonly { id: string }[]): string[] => rows.map(row => row.id)

export const endpointsOfProject = async (db: Kysely<any>, project: string): Promise<string[]> =>
  ids((await sql<{ id: string }>`select endpoint_id as id from (${seen}) s where project_id = ${project} order by 1`.execute(db)).rows)

export const projectsOfEndpoint = async (db: Kysely<any>, endpoint: string): Promise<string[]> =>
  ids((await sql<{ id: string }>`select project_id as id from (${seen}) s where endpoint_id = ${endpoint} order by 1`.execute(db)).rows)

export const endpointsOfGroup = async (db: Kysely<any>, group: string): Promise<string[]> =>
  ids(
    (
      await sql<{
        id: string
      }>`select e.id from identity.endpoint_group g join identity.endpoint e on ${inGroup} where g.id = ${group} order by 1`.execute(db)
    ).rows,
  )

export const projectsOfGroup = async (db: Kysely<any>, group: string): Promise<string[]> =>
  ids(
    (
      await sql<{
        id: string
      }>`select project_id as id from identity.project_endpoint_group where endpoint_group_id = ${group} order by 1`.execute(db)
    ).rows,
  )

export const groupsOfProject = async (db: Kysely<any>, project: string): Promise<string[]> =>
  ids(
    (
      await sql<{
        id: string
      }>`select endpoint_group_id as id from identity.project_endpoint_group where project_id = ${project} order by 1`.execute(db)
    ).rows,
  )

type Link = 'endpoint' | 'endpoint_group'

const table = (what: Link) => sql.table(`identity.project_${what}`)
const other = (what: Link) => sql.ref(`${what}_id`)

/** True when it was not there before. */
export const linkProject = async (db: Kysely<any>, what: Link, id: string, project: string): Promise<boolean> =>
  (
    await sql`insert into ${table(what)} (project_id, ${other(what)}) values (${project}, ${id}) on conflict do nothing returning 1`.execute(
      db,
    )
  ).rows.length > 0

export const isLinked = async (db: Kysely<any>, what: Link, id: string, project: string): Promise<boolean> =>
  (await sql`select 1 from ${table(what)} where project_id = ${project} and ${other(what)} = ${id}`.execute(db)).rows.length > 0

export const unlinkProject = async (db: Kysely<any>, what: Link, id: string, project: string): Promise<boolean> =>
  (await sql`delete from ${table(what)} where project_id = ${project} and ${other(what)} = ${id} returning 1`.execute(db)).rows.length > 0
