import type { Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../domain/payload.ts'

/** A project and all above it up to its domain: `id`, and `depth` from 0 for itself. */
export const lineageOf = (project: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  with recursive line as (
    select id, parent_id, 0 as depth from identity.project where id = ${project}
    union all
    select p.id, p.parent_id, line.depth + 1 from identity.project p join line on p.id = line.parent_id
  ) select id, depth from line`

/** All below a project: `id`, `parent_id`, and `depth` from 1. */
export const subtreeOf = (project: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  with recursive tree as (
    select id, parent_id, 1 as depth from identity.project where parent_id = ${project}
    union all
    select p.id, p.parent_id, tree.depth + 1 from identity.project p join tree on p.parent_id = tree.id
  ) select id, parent_id, depth from tree`

/** Who has roles: a user, with groups that are only the token's. */
export interface Holder {
  readonly user: RawBuilder<unknown>
  /** Groups that a login gave are left at that time. */
  readonly now: Instant
  readonly groups?: readonly string[] | undefined
  readonly scope: Scope
}

/** Begins a statement: `had` has the ids of the holder's roles there, with all that they imply. */
export const heldRoles = ({ user, now, groups = [], scope }: Holder): RawBuilder<unknown> => {
  const where = (): RawBuilder<unknown> => {
    switch (scope.is) {
      case 'project':
        return sql`(a.scope = 'project' and a.target_id = ${scope.project} and not a.inherited)
          or (a.inherited and a.target_id in (select id from (${lineageOf(sql`${scope.project}`)}) l where l.depth > 0))`
      case 'domain':
        return sql`a.scope = 'domain' and a.target_id = ${scope.domain} and not a.inherited`
      case 'system':
        return sql`a.scope = 'system'`
      case 'unscoped':
        return sql`false`
    }
  }
  return sql`
    with recursive had as (
      select a.role_id from identity.assignment a
      where (a.user_id = ${user} or a.group_id in (select group_id from identity.membership where user_id = ${user})
          or a.group_id in (select group_id from identity.expiring_membership where user_id = ${user} and expires_at > ${now})
          ${groups.length > 0 ? sql`or a.group_id = any(${groups}::text[])` : sql``})
        and (${where()})
      union
      select i.implied_id from identity.implied_role i join had on i.prior_id = had.role_id
    )`
}

/** The holder's roles there: `id`, `name`. Roles of a domain count only through what they imply. */
export const rolesOf = (holder: Holder): RawBuilder<unknown> =>
  sql`${heldRoles(holder)} select r.id, r.name from identity.role r where r.id in (select role_id from had) and r.domain_id is null`
