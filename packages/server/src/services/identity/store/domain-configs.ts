import { type Kysely, sql } from 'kysely'

export interface Setting {
  readonly group: string
  readonly option: string
  readonly value: unknown
  /** Instead of a value, of a secret. */
  readonly sealed: string | null
}

export const readSettings = async (db: Kysely<any>, domain: string): Promise<Setting[]> =>
  (
    await sql<Setting>`select group_name as "group", option_name as "option", value, sealed from identity.domain_config
      where domain_id = ${domain} order by group_name, option_name`.execute(db)
  ).rows

export const putSetting = async (db: Kysely<any>, id: string, domain: string, s: Setting): Promise<void> => {
  const value = s.sealed === null ? sql`${JSON.stringify(s.value)}::jsonb` : sql`null`
  await sql`insert into identity.domain_config (id, domain_id, group_name, option_name, value, sealed)
    values (${id}, ${domain}, ${s.group}, ${s.option}, ${value}, ${s.sealed})
    on conflict (domain_id, group_name, option_name) do update set value = excluded.value, sealed = excluded.sealed`.execute(db)
}

export const dropSettings = async (db: Kysely<any>, domain: string, group?: string, option?: string): Promise<void> => {
  await sql`delete from identity.domain_config where domain_id = ${domain}
    and ${group === undefined ? sql`true` : sql`group_name = ${group}`}
    and ${option === undefined ? sql`true` : sql`option_name = ${option}`}`.execute(db)
}

/** One change of a domain's settings at a time. */
export const lockDomain = async (db: Kysely<any>, domain: string): Promise<void> => {
  await sql`select 1 from identity.project where id = ${domain} for no key update`.execute(db)
}
