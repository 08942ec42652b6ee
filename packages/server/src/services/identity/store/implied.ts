import { type Kysely, sql } from 'kysely'

export interface Implied {
  readonly prior: string
  readonly prior_name: string
  readonly implied: string
  readonly implied_name: string
}

/** What a role implies directly, or what all do. */
export const impliedBy = async (db: Kysely<any>, prior?: string): Promise<Implied[]> =>
  (
    await sql<Implied>`select p.id as prior, p.name as prior_name, i.id as implied, i.name as implied_name
      from identity.implied_role x join identity.role p on p.id = x.prior_id join identity.role i on i.id = x.implied_id
      where ${prior === undefined ? sql`true` : sql`x.prior_id = ${prior}`} order by p.name, p.id, i.name`.execute(db)
  ).rows

export const implies = async (db: Kysely<any>, prior: string, implied: string): Promise<boolean> =>
  (await sql`select 1 from identity.implied_role where prior_id = ${prior} and implied_id = ${implied}`.execute(db)).rows.length > 0

export const addImplied = async (db: Kysely<any>, prior: string, implied: string): Promise<boolean> =>
  (
    await sql`insert into identity.implied_role (prior_id, implied_id) values (${prior}, ${implied}) on conflict do nothing returning 1`.execute(
      db,
    )
  ).rows.length > 0

export const removeImplied = async (db: Kysely<any>, prior: string, implied: string): Promise<boolean> =>
  (await sql`delete from identity.implied_role where prior_id = ${prior} and implied_id = ${implied} returning 1`.execute(db)).rows.length >
  0
