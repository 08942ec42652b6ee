import { type Kysely, sql } from 'kysely'

/** True when it was made now. */
export const ensureRegion = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (await sql`insert into identity.region (id) values (${id}) on conflict do nothing returning 1`.execute(db)).rows.length > 0

export const hasService = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (await sql`select 1 from identity.service where id = ${id}`.execute(db)).rows.length > 0

/** A region and all above it. */
export const regionLine = async (db: Kysely<any>, id: string): Promise<string[]> =>
  (
    await sql<{ id: string }>`with recursive line as (
      select id, parent_region_id from identity.region where id = ${id}
      union select r.id, r.parent_region_id from identity.region r join line on r.id = line.parent_region_id
    ) select id from line`.execute(db)
  ).rows.map(row => row.id)

export const regionsBelow = async (db: Kysely<any>, id: string): Promise<string[]> =>
  (
    await sql<{ id: string }>`with recursive tree as (
      select id from identity.region where parent_region_id = ${id}
      union select r.id from identity.region r join tree on r.parent_region_id = tree.id
    ) select id from tree`.execute(db)
  ).rows.map(row => row.id)

/** False, and nothing done, where an endpoint or a registered limit still is in one of them. */
export const removeRegions = async (db: Kysely<any>, ids: readonly string[]): Promise<boolean> => {
  const used = await sql`select 1 from identity.endpoint where region_id = any(${ids})
    union all select 1 from identity.registered_limit where region_id = any(${ids}) limit 1`.execute(db)
  if (used.rows.length > 0) return false
  await sql`delete from identity.region where id = any(${ids})`.execute(db)
  return true
}

export interface CatalogService {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly endpoints: readonly {
    readonly id: string
    readonly interface: string
    readonly region_id: string | null
    readonly url: string
    readonly extra: Readonly<Record<string, unknown>>
  }[]
}

/** What is enabled, in one statement. */
export const readCatalog = async (db: Kysely<any>): Promise<readonly CatalogService[]> =>
  (
    await sql<CatalogService>`
      select s.id, s.type, s.name, (
        select coalesce(json_agg(json_build_object('id', e.id, 'interface', e.interface, 'region_id', e.region_id, 'url', e.url, 'extra', e.extra)
          order by e.region_id, e.interface, e.id), '[]')
        from identity.endpoint e where e.service_id = s.id and e.enabled) as endpoints
      from identity.service s where s.enabled order by s.type, s.name, s.id`.execute(db)
  ).rows

export const ensureService = async (
  db: Kysely<any>,
  s: { id: string; type: string; name: string; description: string },
): Promise<boolean> =>
  (
    await sql`insert into identity.service (id, type, name, description) values (${s.id}, ${s.type}, ${s.name}, ${s.description})
      on conflict do nothing returning 1`.execute(db)
  ).rows.length > 0

/** The URL follows the configuration; whether it is enabled is the administrator's. */
export const ensureEndpoint = async (
  db: Kysely<any>,
  e: { id: string; service: string; region: string; interface: string; url: string },
): Promise<void> => {
  await sql`insert into identity.endpoint (id, service_id, region_id, interface, url)
    values (${e.id}, ${e.service}, ${e.region}, ${e.interface}, ${e.url})
    on conflict (id) do update set url = excluded.url where identity.endpoint.url <> excluded.url`.execute(db)
}
