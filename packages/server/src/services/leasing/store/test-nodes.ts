import { type Kysely, sql } from 'kysely'

export const readTestNode = async (db: Kysely<any>, id: string): Promise<{ lessee: string | null } | undefined> =>
  (await sql<{ lessee: string | null }>`select lessee from leasing.test_node where id = ${id}`.execute(db)).rows[0]

/** False while another lease has it. */
export const assignTestNode = async (db: Kysely<any>, id: string, project: string, lease: string): Promise<boolean> => {
  const { rows } = await sql`
    insert into leasing.test_node as t (id, lessee, lease) values (${id}, ${project}, ${lease})
    on conflict (id) do update set lessee = excluded.lessee, lease = excluded.lease where t.lease is null or t.lease = excluded.lease
    returning 1`.execute(db)
  return rows.length > 0
}

export const releaseTestNode = async (db: Kysely<any>, id: string, lease: string): Promise<void> => {
  await sql`update leasing.test_node set lessee = null, lease = null where id = ${id} and lease = ${lease}`.execute(db)
}
