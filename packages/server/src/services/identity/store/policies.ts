import { type Kysely, type RawBuilder, sql } from 'kysely'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { col, extra } from './columns.ts'

export const policyStore: Store = tableStore(
  { name: 'identity.policy', id: 'id', columns: ['id', 'type', 'blob'], extra: 'extra' },
  {
    from: sql`identity.policy p`,
    columns: col('p', 'id', 'type', 'blob'),
    inner: extra('p'),
    visible: () => sql`true`,
  },
)

export interface Place {
  readonly endpoint?: string | undefined
  readonly service?: string | undefined
  readonly region?: string | undefined
}

const at = ({ endpoint, service, region }: Place): RawBuilder<unknown> => sql`
  endpoint_id is not distinct from ${endpoint ?? null} and service_id is not distinct from ${service ?? null}
  and region_id is not distinct from ${region ?? null}`

/** A place has one policy; another one takes its place. */
export const associate = async (db: Kysely<any>, policy: string, { endpoint, service, region }: Place): Promise<void> => {
  await sql`insert into identity.policy_association (policy_id, endpoint_id, service_id, region_id)
    values (${policy}, ${endpoint ?? null}, ${service ?? null}, ${region ?? null})
    on conflict on constraint policy_association_once do update set policy_id = excluded.policy_id`.execute(db)
}

export const isAssociated = async (db: Kysely<any>, policy: string, place: Place): Promise<boolean> =>
  (await sql`select 1 from identity.policy_association where policy_id = ${policy} and ${at(place)}`.execute(db)).rows.length > 0

export const dissociate = async (db: Kysely<any>, policy: string, place: Place): Promise<void> => {
  await sql`delete from identity.policy_association where policy_id = ${policy} and ${at(place)}`.execute(db)
}

/** Regions below and including those that associations name, each with the one it comes from. */
const covered = sql`
  with recursive covered as (
    select policy_id, service_id, region_id from identity.policy_association where region_id is not null
    union select c.policy_id, c.service_id, r.id from covered c join identity.region r on r.parent_region_id = c.region_id
  )`

/** Ids of all endpoints that the policy is for. */
export const endpointsOfPolicy = async (db: Kysely<any>, policy: string): Promise<string[]> =>
  (
    await sql<{ id: string }>`${covered}
      select e.id from identity.endpoint e
      where exists (select from identity.policy_association a where a.policy_id = ${policy}
          and (a.endpoint_id = e.id or (a.service_id = e.service_id and a.region_id is null)))
        or exists (select from covered c where c.policy_id = ${policy} and c.service_id = e.service_id and c.region_id = e.region_id)
      order by e.id`.execute(db)
  ).rows.map(row => row.id)

/** The endpoint's own policy, else that of its service in the nearest region, else that of its service. */
export const policyOfEndpoint = async (db: Kysely<any>, endpoint: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>`
      with recursive line as (
        select r.id, r.parent_region_id, 0 as depth from identity.endpoint e join identity.region r on r.id = e.region_id where e.id = ${endpoint}
        union all select r.id, r.parent_region_id, l.depth + 1 from identity.region r join line l on r.id = l.parent_region_id
      )
      select a.policy_id as id from identity.policy_association a
      join identity.endpoint e on e.id = ${endpoint}
      left join line l on l.id = a.region_id
      where a.endpoint_id = e.id or (a.service_id = e.service_id and (a.region_id is null or l.id is not null))
      order by a.endpoint_id nulls last, l.depth nulls last limit 1`.execute(db)
  ).rows[0]?.id
