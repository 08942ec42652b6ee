import type pg from 'pg'

/** What a database of ours consists of, as it is written into a backup. */
export interface Contents {
  /** PostgreSQL's own version: "15.18". */
  readonly postgres: string
  /** The files that made the tables, as `kit.migration` has them, in the order in which they ran. */
  readonly migrations: readonly { readonly schema: string; readonly name: string; readonly hash: string }[]
  readonly tables: readonly Table[]
  readonly sequences: readonly Sequence[]
  /** Schemas that are in the database and are not ours. */
  readonly others: readonly string[]
}

export interface Table {
  /** With its schema, quoted where it must be. */
  readonly name: string
  /** All but generated ones. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

export interface Sequence {
  readonly name: string
  readonly last: string
  /** Whether the last number was given out already. */
  readonly called: boolean
}

/** As texts of times and numbers are written: the same whatever the session's settings were. */
export const PLAIN_TEXT = `set local timezone to 'UTC'; set local datestyle to 'ISO, YMD'; set local intervalstyle to 'postgres';
  set local extra_float_digits to 1; set local bytea_output to 'hex'; set local search_path to ''`

const SCHEMAS = `select distinct schema from kit.migration union select 'kit'`

/** Throws a sentence where there is no database of ours. Unlogged tables may be lost at any time and are left out. */
export const contentsOf = async (client: pg.ClientBase): Promise<Contents> => {
  const rows = async (text: string) => (await client.query(text)).rows
  if (!(await rows(`select to_regclass('kit.migration') is not null as it`))[0].it)
    throw new Error('There is nothing of ours in this database yet.')
  const tables: Table[] = await rows(`
    select c.oid::regclass::text as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
       from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (${SCHEMAS}) and c.relkind = 'r' and c.relpersistence = 'p' order by name`)
  const sequences: { name: string }[] = await rows(`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (${SCHEMAS}) and c.relkind = 'S' order by name`)
  const numbers: Sequence[] = []
  for (const { name } of sequences)
    numbers.push((await rows(`select '${name}' as name, last_value::text as last, is_called as called from ${name}`))[0])
  return {
    postgres: (await rows(`select current_setting('server_version') as version`))[0].version.split(' ')[0],
    migrations: await rows('select schema, name, hash from kit.migration order by at, schema, name'),
    tables,
    sequences: numbers,
    others: (
      await rows(`
        select nspname as name from pg_namespace n where nspname not in (${SCHEMAS}) and nspname !~ '^pg_' and nspname <> 'information_schema'
          and exists (select from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'S') and not exists (
            select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')) order by 1`)
    ).map(row => row.name),
  }
}
