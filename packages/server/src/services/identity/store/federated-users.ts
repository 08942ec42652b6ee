import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'

export interface Origin {
  readonly provider: string
  readonly protocol: string
  /** What the provider calls the user. */
  readonly unique: string
}

/** One login of the same person at a time. */
export const lockPerson = async (db: Kysely<any>, { provider, protocol, unique }: Origin): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${provider}\n${protocol}\n${unique}`}, 0))`.execute(db)
}

export interface Guest {
  readonly id: string
  /** Only by that login; otherwise somebody who is here by themselves. */
  readonly federated: boolean
  readonly name: string
  readonly email: string | null
  readonly domain: string
}

export const findGuest = async (db: Kysely<any>, { provider, protocol, unique }: Origin): Promise<Guest | undefined> =>
  (
    await sql<Guest>`select u.id, u.federated, u.name, u.extra->>'email' as email, u.domain_id as domain
      from identity.federated_user f join identity.user u on u.id = f.user_id
      where f.provider_id = ${provider} and f.protocol_id = ${protocol} and f.unique_id = ${unique}`.execute(db)
  ).rows[0]

export const makeGuest = async (db: Kysely<any>, guest: Omit<Guest, 'federated'>, from: Origin, at: Instant): Promise<void> => {
  const extra = JSON.stringify(guest.email === null ? {} : { email: guest.email })
  await sql`insert into identity.user (id, name, domain_id, federated, extra, created_at)
    values (${guest.id}, ${guest.name}, ${guest.domain}, true, ${extra}::jsonb, ${at})`.execute(db)
  await sql`insert into identity.federated_user (user_id, provider_id, protocol_id, unique_id)
    values (${guest.id}, ${from.provider}, ${from.protocol}, ${from.unique})`.execute(db)
}

/** The provider's word counts for how somebody is called. */
export const renameGuest = async (db: Kysely<any>, id: string, name: string, email: string | null, at: Instant): Promise<void> => {
  const extra = email === null ? sql`extra - 'email'` : sql`extra || jsonb_build_object('email', ${email}::text)`
  await sql`update identity.user set name = ${name}, extra = ${extra}, updated_at = ${at} where id = ${id}`.execute(db)
}

/** Users who are here only because that provider knows them. */
export const guestsOf = async (db: Kysely<any>, provider: string): Promise<{ id: string; name: string; domain_id: string }[]> =>
  (
    await sql<{ id: string; name: string; domain_id: string }>`select distinct u.id, u.name, u.domain_id
      from identity.federated_user f join identity.user u on u.id = f.user_id
      where f.provider_id = ${provider} and u.federated and not exists (
        select from identity.federated_user o where o.user_id = u.id and o.provider_id <> ${provider})`.execute(db)
  ).rows

export const removeUsers = async (db: Kysely<any>, ids: readonly string[]): Promise<void> => {
  await sql`delete from identity.user where id = any(${ids}::text[])`.execute(db)
}

/** The first of these ways that there is not. */
export const unknownWay = async (
  db: Kysely<any>,
  ways: readonly Pick<Origin, 'provider' | 'protocol'>[],
): Promise<Pick<Origin, 'provider' | 'protocol'> | undefined> => {
  const { rows } = await sql<{ provider: string; protocol: string }>`select provider_id as provider, id as protocol from identity.protocol
    where provider_id = any(${ways.map(way => way.provider)}::text[])`.execute(db)
  return ways.find(way => !rows.some(row => row.provider === way.provider && row.protocol === way.protocol))
}

/** As whom a provider knows a user; one name for each way. */
export const linkUser = async (db: Kysely<any>, user: string, from: Origin): Promise<void> => {
  await sql`insert into identity.federated_user (user_id, provider_id, protocol_id, unique_id)
    values (${user}, ${from.provider}, ${from.protocol}, ${from.unique})
    on conflict (user_id, provider_id, protocol_id) do update set unique_id = excluded.unique_id`.execute(db)
}

/** Where users come from, by id; who comes from nowhere is not in it. */
export const originsOf = async (db: Kysely<any>, users: readonly string[]): Promise<ReadonlyMap<string, readonly Origin[]>> => {
  const { rows } = await sql<Origin & { user: string }>`
    select user_id as user, provider_id as provider, protocol_id as protocol, unique_id as unique
    from identity.federated_user where user_id = any(${users}::text[]) order by provider_id, protocol_id`.execute(db)
  return Map.groupBy(rows, row => row.user)
}

/** Of these ids, the groups that there are. */
export const groupsWithIds = async (db: Kysely<any>, ids: readonly string[]): Promise<string[]> =>
  (await sql<{ id: string }>`select id from identity.group where id = any(${ids}::text[])`.execute(db)).rows.map(row => row.id)

/** The group of that name in a domain that is named by id or name. */
export const groupNamed = async (db: Kysely<any>, name: string, domain: { readonly id?: string; readonly name?: string }) =>
  (
    await sql<{ id: string }>`select g.id from identity.group g join identity.project d on d.id = g.domain_id
      where g.name = ${name} and ${domain.id === undefined ? sql`d.name = ${domain.name ?? ''}` : sql`d.id = ${domain.id}`}`.execute(db)
  ).rows[0]?.id

/** A role of that name: everybody's, or that domain's own. */
export const roleNamed = async (db: Kysely<any>, name: string, domain: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>`select id from identity.role where name = ${name} and (domain_id is null or domain_id = ${domain})
      order by domain_id nulls first limit 1`.execute(db)
  ).rows[0]?.id

/** The project of that name in the domain, at its top if it has to be made; true when it was made. */
export const ensureProjectNamed = async (
  db: Kysely<any>,
  p: { readonly id: string; readonly name: string; readonly domain: string },
  at: Instant,
): Promise<{ readonly id: string; readonly made: boolean }> => {
  const made = await sql`insert into identity.project (id, name, domain_id, parent_id, description, created_at)
    values (${p.id}, ${p.name}, ${p.domain}, ${p.domain}, '', ${at})
    on conflict (domain_id, name) where not is_domain do nothing returning 1`.execute(db)
  if (made.rows.length > 0) return { id: p.id, made: true }
  const { rows } = await sql<{ id: string }>`select id from identity.project where domain_id = ${p.domain} and name = ${p.name}
    and not is_domain`.execute(db)
  return { id: rows[0]!.id, made: false }
}

/** Grants of a user of its own in projects. */
export const projectGrants = async (db: Kysely<any>, user: string): Promise<{ project: string; role: string }[]> =>
  (
    await sql<{ project: string; role: string }>`select target_id as project, role_id as role from identity.assignment
      where user_id = ${user} and scope = 'project' and not inherited`.execute(db)
  ).rows

/** The groups that a login gave, until then; those it gave no more are gone. */
export const keepMemberships = async (
  db: Kysely<any>,
  of: { readonly user: string; readonly provider: string; readonly groups: readonly string[]; readonly until: Instant },
): Promise<void> => {
  await sql`delete from identity.expiring_membership where user_id = ${of.user} and provider_id = ${of.provider}`.execute(db)
  await sql`insert into identity.expiring_membership (group_id, user_id, provider_id, expires_at)
    select unnest(${of.groups}::text[]), ${of.user}, ${of.provider}, ${of.until}`.execute(db)
}
