import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { refuse } from '../errors.ts'
import { col } from './columns.ts'

const everybody = () => sql`true`

export const identityProviders: Store = tableStore(
  {
    name: 'identity.identity_provider',
    id: 'id',
    columns: ['id', 'domain_id', 'enabled', 'description', 'remote_ids', 'authorization_ttl'],
    refuse,
  },
  {
    from: sql`identity.identity_provider i`,
    columns: col('i', 'id', 'domain_id', 'enabled', 'description', 'remote_ids', 'authorization_ttl'),
    visible: everybody,
  },
)

export const serviceProviders: Store = tableStore(
  {
    name: 'identity.service_provider',
    id: 'id',
    columns: ['id', 'auth_url', 'sp_url', 'enabled', 'description', 'relay_state_prefix'],
    refuse,
  },
  {
    from: sql`identity.service_provider s`,
    columns: col('s', 'id', 'auth_url', 'sp_url', 'enabled', 'description', 'relay_state_prefix'),
    visible: everybody,
  },
)

export const mappings: Store = tableStore(
  { name: 'identity.mapping', id: 'id', columns: ['id', 'rules', 'schema_version'], json: ['rules'], refuse },
  { from: sql`identity.mapping m`, columns: col('m', 'id', 'rules', 'schema_version'), visible: everybody },
)

/** One change of who claims which name at a time. */
export const lockProviders = async (db: Kysely<any>): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtext('identity providers'))`.execute(db)
}

/** The first of these names that another provider has. */
export const takenRemoteId = async (db: Kysely<any>, ids: readonly string[], except: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>`select r as id from identity.identity_provider i, unnest(i.remote_ids) r
      where r = any(${ids}::text[]) and i.id <> ${except} limit 1`.execute(db)
  ).rows[0]?.id

export const makeProviderDomain = async (db: Kysely<any>, id: string, description: string, at: Instant): Promise<void> => {
  await sql`insert into identity.project (id, name, is_domain, description, created_at) values (${id}, ${id}, true, ${description}, ${at})`.execute(
    db,
  )
}

export interface ProtocolRow {
  readonly id: string
  readonly mapping_id: string
  readonly remote_id_attribute: string | null
}

const protocolColumns = sql`id, mapping_id, remote_id_attribute from identity.protocol`

export const listProtocols = async (db: Kysely<any>, provider: string): Promise<ProtocolRow[]> =>
  (await sql<ProtocolRow>`select ${protocolColumns} where provider_id = ${provider} order by id`.execute(db)).rows

export const readProtocol = async (db: Kysely<any>, provider: string, id: string): Promise<ProtocolRow | undefined> =>
  (await sql<ProtocolRow>`select ${protocolColumns} where provider_id = ${provider} and id = ${id}`.execute(db)).rows[0]

/** False where it is there already. */
export const insertProtocol = async (db: Kysely<any>, provider: string, p: ProtocolRow): Promise<boolean> =>
  (
    await sql`insert into identity.protocol (provider_id, id, mapping_id, remote_id_attribute)
      values (${provider}, ${p.id}, ${p.mapping_id}, ${p.remote_id_attribute}) on conflict do nothing returning 1`.execute(db)
  ).rows.length > 0

export const updateProtocol = async (db: Kysely<any>, provider: string, p: ProtocolRow): Promise<void> => {
  await sql`update identity.protocol set mapping_id = ${p.mapping_id}, remote_id_attribute = ${p.remote_id_attribute}
    where provider_id = ${provider} and id = ${p.id}`.execute(db)
}

export const deleteProtocol = async (db: Kysely<any>, provider: string, id: string): Promise<boolean> =>
  (await sql`delete from identity.protocol where provider_id = ${provider} and id = ${id} returning 1`.execute(db)).rows.length > 0

/** Enabled providers that speak the protocol. */
export const providersWith = async (db: Kysely<any>, protocol: string): Promise<string[]> =>
  (
    await sql<{ id: string }>`select i.id from identity.identity_provider i join identity.protocol p on p.provider_id = i.id
      where p.id = ${protocol} and i.enabled order by i.id`.execute(db)
  ).rows.map(row => row.id)

export interface Reading {
  readonly provider: string
  readonly domain: string
  readonly enabled: boolean
  readonly remoteIds: readonly string[]
  /** In minutes. */
  readonly ttl: number | null
  readonly rules: readonly Record<string, unknown>[]
  readonly version: string
}

/** All that decides what a login from a provider comes to. */
export const readReading = async (db: Kysely<any>, provider: string, protocol: string): Promise<Reading | undefined> =>
  (
    await sql<Reading>`select i.id as provider, i.domain_id as domain, i.enabled, i.remote_ids as "remoteIds", i.authorization_ttl as ttl,
        m.rules, m.schema_version as version
      from identity.identity_provider i join identity.protocol p on p.provider_id = i.id join identity.mapping m on m.id = p.mapping_id
      where i.id = ${provider} and p.id = ${protocol}`.execute(db)
  ).rows[0]

export interface CloudRow {
  readonly id: string
  readonly auth_url: string
  readonly sp_url: string
}

/** Clouds that believe us and are enabled. */
export const enabledClouds = async (db: Kysely<any>): Promise<CloudRow[]> =>
  (await sql<CloudRow>`select id, auth_url, sp_url from identity.service_provider where enabled order by id`.execute(db)).rows
