import type pg from 'pg'

/** Names of the processes of ours that use the database, beside this one; as in `pg_stat_activity`. */
export const othersAt = async (client: pg.ClientBase): Promise<string[]> => {
  const { rows } = await client.query(
    `select distinct substring(application_name from '^esi [0-9]+') as name from pg_stat_activity
     where datname = current_database() and application_name ~ '^esi [0-9]+' and substring(application_name from '^esi ([0-9]+)') <> $1
     order by 1`,
    [String(process.pid)],
  )
  return rows.map(row => row.name)
}

/** When the last thing happened that is written down; undefined where nothing is. */
export const lastEvent = async (client: pg.ClientBase): Promise<string | undefined> => {
  if (!(await client.query(`select to_regclass('kit.event') is not null as it`)).rows[0].it) return undefined
  const { rows } = await client.query(`select to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at from kit.event`)
  return rows[0].at ?? undefined
}
