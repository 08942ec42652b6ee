import type { Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'

/** Conditions that narrow lists, for the aliases of the views. */

type Narrowing = readonly RawBuilder<unknown>[]

/** What is in the domain that a token is for; everything where it is for none. */
export const usersIn = (domain: string | undefined): Narrowing => (domain === undefined ? [] : [sql`u.domain_id = ${domain}`])
export const groupsIn = (domain: string | undefined): Narrowing => (domain === undefined ? [] : [sql`g.domain_id = ${domain}`])
export const projectsIn = (domain: string | undefined): Narrowing => (domain === undefined ? [] : [sql`p.domain_id = ${domain}`])
export const onlyDomain = (domain: string | undefined): Narrowing => (domain === undefined ? [] : [sql`p.id = ${domain}`])

/** Projects that do not act as domains. */
export const plainProjects: Narrowing = [sql`not p.is_domain`]

/** Roles that are no domain's own. */
export const everybodysRoles: Narrowing = [sql`r.domain_id is null`]

export const groupsOf = (user: string, now: Instant): Narrowing => [
  sql`g.id in (select group_id from identity.membership where user_id = ${user}
    union select group_id from identity.expiring_membership where user_id = ${user} and expires_at > ${now})`,
]
export const usersOf = (group: string): Narrowing => [sql`u.id in (select user_id from identity.membership where group_id = ${group})`]

/** Users whom a provider knows so. */
export const knownAs = (query: URLSearchParams): Narrowing => {
  const columns = { idp_id: 'provider_id', protocol_id: 'protocol_id', unique_id: 'unique_id' } as const
  const asked = Object.entries(columns).flatMap(([key, column]) => {
    const value = query.get(key)
    return value === null ? [] : [sql`${sql.ref(column)} = ${value}`]
  })
  return asked.length === 0 ? [] : [sql`u.id in (select user_id from identity.federated_user where ${sql.join(asked, sql` and `)})`]
}
