import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Credentials } from '../../../kit/auth/caller.ts'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { refuse } from '../errors.ts'
import { col } from './columns.ts'

const everybody = () => sql`true`

export const registeredLimits: Store = tableStore(
  {
    name: 'identity.registered_limit',
    id: 'id',
    columns: ['id', 'service_id', 'region_id', 'resource_name', 'default_limit', 'description'],
    refuse,
  },
  {
    from: sql`identity.registered_limit r`,
    columns: col('r', 'id', 'service_id', 'region_id', 'resource_name', 'default_limit', 'description'),
    visible: everybody,
    order: [{ field: 'resource_name', dir: 'asc' }],
  },
)

export const limitStore: Store = tableStore(
  {
    name: 'identity.limit',
    id: 'id',
    columns: ['id', 'registered_limit_id', 'project_id', 'domain_id', 'resource_limit', 'description'],
    refuse,
  },
  {
    from: sql`identity.limit l join identity.registered_limit r on r.id = l.registered_limit_id
      left join identity.project p on p.id = l.project_id`,
    columns: {
      ...col('l', 'id', 'project_id', 'domain_id', 'resource_limit', 'description'),
      ...col('r', 'service_id', 'region_id', 'resource_name'),
    },
    inner: { project_domain_id: sql`p.domain_id` },
    visible: everybody,
    order: [{ field: 'resource_name', dir: 'asc' }],
  },
)

/** Whom a list of limits shows which: those of everybody to the system's own, to others those of their domain or project. */
export const limitsFor = (who: Credentials): RawBuilder<unknown>[] => {
  if (who.system_scope || who.roles.includes('admin') || who.roles.includes('service')) return []
  if (who.domain_id !== undefined) return [sql`coalesce(p.domain_id, l.domain_id) = ${who.domain_id}`]
  if (who.project_id !== undefined) return [sql`l.project_id = ${who.project_id}`]
  return [sql`false`]
}

export const findRegistered = async (
  db: Kysely<any>,
  of: { readonly service: string; readonly region: string | null; readonly resource: string },
): Promise<string | undefined> =>
  (
    await sql<{ id: string }>`select id from identity.registered_limit where service_id = ${of.service}
      and region_id is not distinct from ${of.region} and resource_name = ${of.resource}`.execute(db)
  ).rows[0]?.id

/** Whether a project or a domain has a limit of its own instead of that one. */
export const hasLimits = async (db: Kysely<any>, registered: string): Promise<boolean> =>
  (await sql`select 1 from identity.limit where registered_limit_id = ${registered} limit 1`.execute(db)).rows.length > 0

interface Gone {
  readonly type: 'limit' | 'registered_limit'
  readonly id: string
  readonly project: string | null
  readonly domain: string | null
}

/** All limits of a service, registered ones and those of projects and domains. */
export const removeLimitsOf = async (db: Kysely<any>, service: string): Promise<Gone[]> => {
  const own = await sql<Gone>`delete from identity.limit where registered_limit_id in (
      select id from identity.registered_limit where service_id = ${service})
    returning 'limit' as type, id, project_id as project, domain_id as domain`.execute(db)
  const registered = await sql<Gone>`delete from identity.registered_limit where service_id = ${service}
    returning 'registered_limit' as type, id, null as project, null as domain`.execute(db)
  return [...own.rows, ...registered.rows]
}

export interface LimitRow {
  readonly id: string
  readonly project_id: string
  readonly domain_id: null
  readonly service_id: string
  readonly region_id: string | null
  readonly resource_name: string
  readonly resource_limit: number
  readonly description: string | null
}

/** The limits of projects. */
export const limitsOfProjects = async (db: Kysely<any>, projects: readonly string[]): Promise<LimitRow[]> =>
  (
    await sql<LimitRow>`select l.id, l.project_id, l.domain_id, r.service_id, r.region_id, r.resource_name, l.resource_limit, l.description
      from identity.limit l join identity.registered_limit r on r.id = l.registered_limit_id
      where l.project_id = any(${projects}::text[]) order by r.resource_name, l.id`.execute(db)
  ).rows
