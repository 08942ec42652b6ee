import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { LOCK_MIGRATIONS, type MigrationFile, prepareMigrations, runMigration } from '../migrate.ts'
import { PLAIN_TEXT, type Table } from './contents.ts'
import type { Backup } from './read.ts'
import { type Manifest, quoted } from './write.ts'

/** Throws a sentence unless the program knows every change that made the tables of the backup. */
export const checkKnown = ({ migrations }: Manifest, files: readonly MigrationFile[]): void => {
  for (const { schema, name, hash } of migrations) {
    const file = files.find(f => f.schema === schema && f.name === name)
    if (!file) throw new Error(`The backup has the change ${schema}/${name}, which this program does not know: it is of a newer version.`)
    if (file.hash !== hash) throw new Error(`The backup was made with another file ${schema}/${name} than this program has.`)
  }
}

export interface LoadOptions {
  readonly files: readonly MigrationFile[]
  /** Whether what is ours in the database may be dropped for it. */
  readonly replace: boolean
  readonly table?: (name: string) => void
  /** In the same transaction, when all is there. */
  readonly last?: () => Promise<void>
}

/**
 * Makes the database what the backup says, in one transaction: it is that afterwards, proven by the number of rows of each table, or
 * as it was before. The tables are made by the same changes that made those of the backup. Throws a sentence if the database is in
 * use, or has something of ours and `replace` is not said.
 */
export const loadBackup = async (client: pg.ClientBase, { manifest, sections }: Backup, o: LoadOptions): Promise<void> => {
  checkKnown(manifest, o.files)
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = '10s'`)
    await client.query(LOCK_MIGRATIONS)
    const there = await ours(client, [...o.files, ...manifest.migrations])
    if (there.length > 0 && !o.replace) throw new Error(`The database has the schemas ${there.join(', ')} already.`)
    if (there.length > 0) await client.query(`drop schema ${there.map(quoted).join(', ')} cascade`)
    await prepareMigrations(client)
    const wanted = new Set(manifest.migrations.map(m => `${m.schema}/${m.name}`))
    for (const file of o.files) if (wanted.has(`${file.schema}/${file.name}`)) await runMigration(client, file)
    await client.query(PLAIN_TEXT)
    const made = await tablesOf(client)
    check(made, manifest.tables)
    const references = await dropReferences(client)
    await client.query(`truncate ${[...made.keys()].join(', ')}`)
    for await (const section of sections) {
      o.table?.(section.table)
      const { columns } = manifest.tables.find(t => t.name === section.table)!
      const into = client.query(copyFrom(`copy ${section.table} (${columns.map(c => quoted(c.name)).join(', ')}) from stdin`))
      await pipeline(Readable.from(section.rows, { objectMode: false }), into)
      const count = await section.count()
      const { rows } = await client.query(`select count(*)::int as n from ${section.table}`)
      if (rows[0].n !== count) throw new Error(`${section.table} has ${rows[0].n} rows after loading, and ${count} in the backup.`)
    }
    for (const { name, last, called } of manifest.sequences) await client.query('select setval($1::regclass, $2, $3)', [name, last, called])
    for (const { add } of references) await client.query(add)
    await o.last?.()
    await client.query('commit')
  } catch (e) {
    await client.query('rollback').catch(() => {})
    throw e
  }
  await client.query('analyze')
}

/** Our schemas that are in the database. */
export const ours = async (client: pg.ClientBase, files: readonly { readonly schema: string }[]): Promise<string[]> => {
  const names = [...new Set(['kit', ...files.map(f => f.schema)])]
  return (await client.query('select nspname as name from pg_namespace where nspname = any($1) order by 1', [names])).rows.map(r => r.name)
}

/** Rows refer to each other in rings, so no order of tables would do: what refers is checked when all is there. */
const dropReferences = async (client: pg.ClientBase): Promise<readonly { readonly add: string }[]> => {
  const { rows } = await client.query(`
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
    from pg_constraint where contype = 'f' and conparentid = 0
      and connamespace in (select n.oid from pg_namespace n where n.nspname in (select schema from kit.migration union select 'kit'))
    order by conrelid, conname`)
  for (const { drop } of rows) await client.query(drop)
  return rows
}

const tablesOf = async (client: pg.ClientBase): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> => {
  const { rows } = await client.query(`
    select c.oid::regclass::text as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname in (select schema from kit.migration union select 'kit') and c.relkind = 'r'
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`)
  const tables = new Map<string, Map<string, string>>()
  for (const { table, name, type } of rows) tables.set(table, (tables.get(table) ?? new Map()).set(name, type))
  return tables
}

const check = (made: ReadonlyMap<string, ReadonlyMap<string, string>>, wanted: readonly Table[]): void => {
  for (const { name, columns } of wanted) {
    const there = made.get(name)
    if (!there) throw new Error(`The backup has a table ${name}, which none of our changes makes; it was made by hand.`)
    for (const column of columns)
      if (there.get(column.name) !== column.type)
        throw new Error(
          `The backup has a column ${name}.${column.name} of type ${column.type}, and here it is ${there.get(column.name) ?? 'none'}.`,
        )
  }
}
