import { type Kysely, sql } from 'kysely'

export interface Grant {
  readonly role: string
  readonly actor: { readonly is: 'user' | 'group'; readonly id: string }
  readonly scope: 'project' | 'domain' | 'system'
  readonly target: string | null
  readonly inherited: boolean
}

const same = (g: Omit<Grant, 'role'>) => sql`
  ${g.actor.is === 'user' ? sql`user_id` : sql`group_id`} = ${g.actor.id} and scope = ${g.scope}
  and target_id is not distinct from ${g.target} and inherited = ${g.inherited}`

/** True when it was not there before. */
export const grantRole = async (db: Kysely<any>, g: Grant): Promise<boolean> =>
  (
    await sql`insert into identity.assignment (role_id, user_id, group_id, scope, target_id, inherited)
      values (${g.role}, ${g.actor.is === 'user' ? g.actor.id : null}, ${g.actor.is === 'group' ? g.actor.id : null}, ${g.scope}, ${g.target}, ${g.inherited})
      on conflict do nothing returning 1`.execute(db)
  ).rows.length > 0

export const hasGrant = async (db: Kysely<any>, g: Grant): Promise<boolean> =>
  (await sql`select 1 from identity.assignment where role_id = ${g.role} and ${same(g)}`.execute(db)).rows.length > 0

/** True when it was there. */
export const takeRole = async (db: Kysely<any>, g: Grant): Promise<boolean> =>
  (await sql`delete from identity.assignment where role_id = ${g.role} and ${same(g)} returning 1`.execute(db)).rows.length > 0

/** Ids of the roles, by name. */
export const grantedRoles = async (db: Kysely<any>, g: Omit<Grant, 'role'>): Promise<string[]> =>
  (
    await sql<{ id: string }>`select r.id from identity.assignment a join identity.role r on r.id = a.role_id
      where ${same(g)} order by r.name`.execute(db)
  ).rows.map(row => row.id)
