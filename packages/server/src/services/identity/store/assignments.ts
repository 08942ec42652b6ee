import { type Kysely, type RawBuilder, sql } from 'kysely'
import { subtreeOf } from './roles.ts'

/** An assignment as it is listed: its parts, and where it came from when it is only the effect of another. */
export interface Assignment {
  readonly role_id: string
  readonly user_id: string | null
  readonly group_id: string | null
  readonly scope: 'project' | 'domain' | 'system'
  readonly target_id: string | null
  readonly inherited: boolean
  readonly via_group: string | null
  readonly via_scope: 'project' | 'domain' | null
  readonly via_target: string | null
  readonly via_role: string | null
  readonly role_name: string
  readonly role_domain: { id: string; name: string } | null
  readonly actor_name: string
  readonly actor_domain: { id: string; name: string }
  readonly target_name: string | null
  readonly target_domain: { id: string; name: string } | null
}

export interface AssignmentQuery {
  readonly role?: string | undefined
  readonly user?: string | undefined
  readonly group?: string | undefined
  readonly system: boolean
  readonly domain?: string | undefined
  readonly project?: string | undefined
  /** With the project, all below it. */
  readonly subtree: boolean
  readonly inherited?: boolean | undefined
  readonly effective: boolean
  /** Only what is in that domain: in it itself or in one of its projects. */
  readonly within?: string | undefined
}

export const listAssignments = async (db: Kysely<any>, q: AssignmentQuery): Promise<Assignment[]> =>
  (
    await sql<Assignment>`
      with recursive ${q.effective ? effects(q) : plain}
      select x.*, r.name as role_name,
        case when rd.id is null then null else json_build_object('id', rd.id, 'name', rd.name) end as role_domain,
        coalesce(u.name, g.name) as actor_name,
        (select json_build_object('id', d.id, 'name', d.name) from identity.project d where d.id = coalesce(u.domain_id, g.domain_id)) as actor_domain,
        t.name as target_name,
        (select json_build_object('id', d.id, 'name', d.name) from identity.project d where d.id = coalesce(t.domain_id, t.id)) as target_domain
      from listed x
      join identity.role r on r.id = x.role_id left join identity.project rd on rd.id = r.domain_id
      left join identity.user u on u.id = x.user_id left join identity.group g on g.id = x.group_id
      left join identity.project t on t.id = x.target_id
      where ${sql.join(conditions(q), sql` and `)}
      order by x.scope, x.target_id, x.user_id, x.group_id, r.name, x.via_role, x.via_group, x.via_target`.execute(db)
  ).rows

const plain: RawBuilder<unknown> = sql`listed as (
  select role_id, user_id, group_id, scope, target_id, inherited,
    null::text as via_group, null::text as via_scope, null::text as via_target, null::text as via_role
  from identity.assignment)`

/** Groups become their members, inherited ones the projects below, and each brings what its role implies. */
const effects = (q: AssignmentQuery): RawBuilder<unknown> => sql`
  held as (
    select a.role_id, coalesce(m.user_id, a.user_id) as user_id, a.group_id as via_group, a.scope, a.target_id, a.inherited
    from identity.assignment a left join identity.membership m on m.group_id = a.group_id
    where (a.user_id is not null or m.user_id is not null)
      and ${q.user === undefined ? sql`true` : sql`coalesce(m.user_id, a.user_id) = ${q.user}`}),
  placed as (
    select role_id, user_id, via_group, scope, target_id, false as inherited, null::text as via_scope, null::text as via_target
    from held where not inherited
    union all
    select h.role_id, h.user_id, h.via_group, 'project', t.id, true, h.scope, h.target_id
    from held h, lateral (${subtreeOf(sql`h.target_id`)}) t where h.inherited),
  spread as (
    select role_id, user_id, via_group, scope, target_id, inherited, via_scope, via_target, null::text as via_role from placed
    union
    select i.implied_id, s.user_id, s.via_group, s.scope, s.target_id, s.inherited, s.via_scope, s.via_target, s.role_id
    from spread s join identity.implied_role i on i.prior_id = s.role_id),
  listed as (
    select role_id, user_id, null::text as group_id, scope, target_id, inherited, via_group, via_scope, via_target, via_role from spread)`

const conditions = (q: AssignmentQuery): RawBuilder<unknown>[] => {
  const all: RawBuilder<unknown>[] = [sql`true`]
  if (q.role !== undefined) all.push(sql`x.role_id = ${q.role}`)
  if (q.user !== undefined) all.push(sql`x.user_id = ${q.user}`)
  if (q.group !== undefined) all.push(sql`x.group_id = ${q.group}`)
  if (q.system) all.push(sql`x.scope = 'system'`)
  if (q.domain !== undefined) all.push(sql`x.scope = 'domain' and x.target_id = ${q.domain}`)
  if (q.project !== undefined)
    all.push(
      q.subtree
        ? sql`x.scope = 'project' and (x.target_id = ${q.project} or x.target_id in (select id from (${subtreeOf(sql`${q.project}`)}) below))`
        : sql`x.scope = 'project' and x.target_id = ${q.project}`,
    )
  if (q.inherited !== undefined) all.push(sql`x.inherited = ${q.inherited}`)
  // A domain's role is nothing by itself, only what it implies.
  if (q.effective) all.push(sql`r.domain_id is null`)
  if (q.within !== undefined) all.push(sql`coalesce(t.domain_id, t.id) = ${q.within}`)
  return all
}
