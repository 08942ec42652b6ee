import { type Kysely, sql } from 'kysely'

export interface Gone {
  readonly type: 'project' | 'user' | 'group' | 'role'
  readonly id: string
  readonly name: string
}

/** Nobody's default any more, then gone; what was granted in it goes with it. */
export const removeProject = async (db: Kysely<any>, id: string): Promise<void> => {
  await sql`update identity.user set default_project_id = null where default_project_id = ${id}`.execute(db)
  await sql`delete from identity.project where id = ${id}`.execute(db)
}

/** A domain with all that is in it. */
export const removeDomain = async (db: Kysely<any>, id: string): Promise<Gone[]> => {
  const gone: Gone[] = []
  for (const type of ['user', 'group', 'role', 'project'] as const) {
    if (type === 'project')
      await sql`update identity.user set default_project_id = null
        where default_project_id in (select id from identity.project where domain_id = ${id})`.execute(db)
    const { rows } = await sql<{ id: string; name: string }>`
      delete from ${sql.table(`identity.${type}`)} where domain_id = ${id} returning id, name`.execute(db)
    gone.push(...rows.map(row => ({ type, ...row })))
  }
  await sql`delete from identity.project where id = ${id}`.execute(db)
  return gone
}

/** A user's application credentials, in one project or in all, and with all the rules they named. */
export const removeCredentials = async (db: Kysely<any>, user: string, project?: string): Promise<{ id: string; name: string }[]> => {
  const { rows } = await sql<{ id: string; name: string }>`
    delete from identity.application_credential
    where user_id = ${user} and ${project === undefined ? sql`true` : sql`project_id = ${project}`} returning id, name`.execute(db)
  if (project === undefined) await sql`delete from identity.access_rule where user_id = ${user}`.execute(db)
  return rows
}
