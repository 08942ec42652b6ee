import type { Instant } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'

interface Extra {
  readonly extra: Readonly<Record<string, unknown>>
}

export interface ProjectRow extends Extra {
  readonly id: string
  readonly name: string
  readonly domain_id: string
  readonly parent_id: string
  readonly enabled: boolean
}

/** A user, with groups that are only the token's. */
export interface Somebody {
  readonly user: string
  readonly now: Instant
  readonly groups?: readonly string[] | undefined
}

/** The user's own assignments and those of the groups that the user is in. */
const mine = ({ user, now, groups = [] }: Somebody): RawBuilder<unknown> => sql`
  a.user_id = ${user} or a.group_id in (select group_id from identity.membership where user_id = ${user})
  or a.group_id in (select group_id from identity.expiring_membership where user_id = ${user} and expires_at > ${now})
  or a.group_id = any(${groups}::text[])`

/** Ids of projects in which the user has any role, also by inheritance. */
const withRole = (who: Somebody): RawBuilder<unknown> => sql`
  with recursive granted as (select a.scope, a.target_id, a.inherited from identity.assignment a where ${mine(who)}),
  below as (
    select p.id from identity.project p join granted g on g.inherited and p.parent_id = g.target_id
    union select p.id from identity.project p join below b on p.parent_id = b.id
  )
  select target_id from granted where scope = 'project' and not inherited union select id from below`

/** Those as a condition for a list of projects; none that act as domains, which nobody can log in to as such. */
export const inProjectsOf = (who: Somebody): RawBuilder<unknown>[] => [sql`not p.is_domain and p.id in (${withRole(who)})`]

/** Enabled projects in which the user has any role. */
export const projectsOf = async (db: Kysely<any>, who: Somebody): Promise<ProjectRow[]> =>
  (
    await sql<ProjectRow>`
      select p.id, p.name, p.domain_id, p.parent_id, p.is_domain, p.description, p.enabled, p.tags, p.options, p.extra
      from identity.project p join identity.project d on d.id = coalesce(p.domain_id, p.id)
      where p.enabled and d.enabled and not p.is_domain
        and p.id in (${withRole(who)})
      order by p.name, p.id`.execute(db)
  ).rows

export interface DomainRow extends Extra {
  readonly id: string
  readonly name: string
}

/** Enabled domains in which the user has a role. */
export const domainsOf = async (db: Kysely<any>, who: Somebody): Promise<DomainRow[]> =>
  (
    await sql<DomainRow>`
      select p.id, p.name, p.description, p.enabled, p.tags, p.options, p.extra from identity.project p
      where p.is_domain and p.enabled and p.id in (
        select a.target_id from identity.assignment a where (${mine(who)}) and a.scope = 'domain' and not a.inherited)
      order by p.name`.execute(db)
  ).rows

export const inSystem = async (db: Kysely<any>, who: Somebody): Promise<boolean> =>
  (await sql`select 1 from identity.assignment a where (${mine(who)}) and a.scope = 'system' limit 1`.execute(db)).rows.length > 0
