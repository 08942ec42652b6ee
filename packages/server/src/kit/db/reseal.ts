import type pg from 'pg'
import type { Secrets } from '../secrets/secrets.ts'

/** A column with sealed secrets: text, or JSON with sealed texts anywhere in it. */
export interface SealedColumn {
  /** With its schema. */
  readonly table: string
  /** Its primary key. */
  readonly key: string
  readonly column: string
}

const NAME = /^[a-z_][a-z0-9_]*$/
const SEALED = /^esi1:[0-9a-zA-Z_-]+:[\w-]+:[\w-]+:[\w-]*$/

const quoted = ({ table, key, column }: SealedColumn) => {
  const names = [...table.split('.'), key, column]
  if (names.length !== 4 || !names.every(name => NAME.test(name))) throw new Error(`${table} ${key} ${column} are no names of a column.`)
  const [schema, relation, id, of] = names.map(name => `"${name}"`)
  return { table: `${schema}.${relation}`, key: id!, column: of! }
}

export interface Resealed {
  readonly changed: number
  /** Rows with a secret that no key opens any more; they stay as they are. */
  readonly lost: readonly string[]
}

/**
 * Seals everything in a column with the first of the keys, so many rows in each transaction. What is sealed with it already is passed
 * over, so it may be stopped and begun again. Writers meanwhile are waited for, never overwritten. With `tried` nothing is written: the
 * numbers are what they would be.
 */
export const reseal = async (pool: pg.Pool, where: SealedColumn, secrets: Secrets, batch = 100, tried = false): Promise<Resealed> => {
  const { table, key, column } = quoted(where)
  let changed = 0
  const lost: string[] = []
  // The service has never run on this database.
  if ((await pool.query('select to_regclass($1) is null as absent', [table])).rows[0].absent) return { changed, lost }
  for (let after: string | null = null; ; ) {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('begin')
      const { rows }: pg.QueryResult<{ id: string; is: string; json: boolean }> = await client.query(
        `select ${key}::text as id, ${column}::text as is, pg_typeof(${column})::text in ('json', 'jsonb') as json from ${table}
         where ${column}::text like '%esi1:%' and ($1::text is null or ${key}::text > $1)
         order by ${key}::text limit $2${tried ? '' : ' for update'}`,
        [after, batch],
      )
      for (const { id, is, json } of rows) {
        const before: unknown = json ? JSON.parse(is) : is
        const now = anew(before, secrets, () => lost.push(`${where.table} ${id}`))
        if (now === before) continue
        if (!tried) await client.query(`update ${table} set ${column} = $2 where ${key}::text = $1`, [id, json ? JSON.stringify(now) : now])
        changed++
      }
      await client.query('commit')
      if (rows.length < batch) return { changed, lost: [...new Set(lost)] }
      after = rows.at(-1)!.id
    } catch (e) {
      await client.query('rollback').catch(error => {
        broken = error
      })
      throw e
    } finally {
      client.release(broken)
    }
  }
}

/** The same value, with every stale secret in it sealed anew; the very same if there is none. */
const anew = (value: unknown, secrets: Secrets, onLost: () => void): unknown => {
  if (typeof value === 'string') {
    if (!SEALED.test(value) || !secrets.stale(value)) return value
    try {
      return secrets.seal(secrets.open(value))
    } catch {
      onLost()
      return value
    }
  }
  if (Array.isArray(value)) {
    const now = value.map(each => anew(each, secrets, onLost))
    return now.some((each, i) => each !== value[i]) ? now : value
  }
  if (typeof value !== 'object' || value === null) return value
  const now = Object.entries(value).map(([name, each]) => [name, anew(each, secrets, onLost)] as const)
  return now.some(([name, each]) => each !== (value as Record<string, unknown>)[name]) ? Object.fromEntries(now) : value
}

/** Every column of these schemas, declared or not, that holds something sealed with that key. Reads every text; slow on large tables. */
export const usesOfKey = async (pool: pg.Pool, schemas: readonly string[], id: string): Promise<string[]> => {
  const { rows } = await pool.query(
    `select format('%I.%I', c.table_schema, c.table_name) as table, c.column_name as column
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where t.table_type = 'BASE TABLE' and c.table_schema = any($1)
       and (c.data_type in ('text', 'json', 'jsonb', 'character varying') or c.udt_name in ('_text', '_varchar'))
     order by 1, 2`,
    [schemas],
  )
  const uses: string[] = []
  for (const { table, column } of rows) {
    const found = await pool.query(`select from ${table} where "${column}"::text like $1 limit 1`, [`%esi1:${id}:%`])
    if (found.rowCount !== 0) uses.push(`${table}.${column}`)
  }
  return uses
}
