import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { isTimeout } from './errors.ts'

/** A folder of `0001-name.sql` files that make and change one schema. */
export interface Migrations {
  readonly schema: string
  readonly folder: URL
}

/** The tables of the kit's own that every process needs. */
export const KIT_DB: Migrations = { schema: 'kit', folder: new URL('./migrations/', import.meta.url) }

export interface MigrationFile {
  readonly schema: string
  readonly name: string
  readonly text: string
  readonly hash: string
}

const NAME = /^(\d{4})-[a-z0-9-]+\.sql$/
const SCHEMA = /^[a-z][a-z0-9_]*$/
// Of all processes that share the database, one changes it at a time.
export const LOCK_MIGRATIONS = 'select pg_advisory_xact_lock(7168372)'

/** All files in the order in which they run: folder by folder as given, in each by number. */
export const migrationFiles = (folders: readonly Migrations[]): MigrationFile[] => {
  const files: MigrationFile[] = []
  for (const { schema, folder } of folders) {
    if (!SCHEMA.test(schema)) throw new Error(`${schema} is no name for a schema.`)
    const path = fileURLToPath(folder)
    const numbers = new Set<string>()
    for (const name of readdirSync(path)
      .filter(f => f.endsWith('.sql'))
      .sort()) {
      const number = NAME.exec(name)?.[1]
      if (!number) throw new Error(`${path}${name} must be named like 0001-name.sql.`)
      if (numbers.has(number)) throw new Error(`Two files in ${path} have the number ${number}.`)
      numbers.add(number)
      if (files.some(f => f.schema === schema && f.name === name)) throw new Error(`Two folders of schema ${schema} have a file ${name}.`)
      // A checkout with other line ends is the same file.
      const text = readFileSync(new URL(name, folder.href.endsWith('/') ? folder : `${folder.href}/`), 'utf8').replaceAll('\r\n', '\n')
      files.push({ schema, name, text, hash: createHash('sha256').update(text).digest('hex') })
    }
  }
  return files
}

/**
 * Brings the database to what the code knows: each file once, in a transaction of its own. Safe with several processes starting at
 * once. A newer version may have been here: changes first add and only later take away, so its files, whose numbers are above all of
 * ours in that schema, are left in peace and told to `onNewer`. Throws a sentence if the database has other files that the code has
 * not, or other ones under the same name. Returns what was run.
 */
export const migrate = async (
  pool: pg.Pool,
  folders: readonly Migrations[],
  onNewer: (files: readonly string[]) => void = () => {},
): Promise<string[]> => {
  const files = migrationFiles(folders)
  await locked(pool, prepareMigrations)
  const ran: string[] = []
  for (;;) {
    const next = pending(files, await applied(pool))[0]
    if (!next) break
    await patiently(() =>
      locked(pool, async client => {
        // Another process may have run it while we waited.
        const file = pending(files, await applied(client))[0]
        if (!file) return
        await runMigration(client, file)
        ran.push(`${file.schema}/${file.name}`)
      }),
    )
  }
  const newer = unknown(files, await applied(pool))
  if (newer.length > 0) onNewer(newer.map(d => `${d.schema}/${d.name}`))
  return ran
}

/** The table that says which files were run. */
export const prepareMigrations = async (client: pg.ClientBase): Promise<void> => {
  await client.query('create schema if not exists kit')
  await client.query(`create table if not exists kit.migration (
    schema text not null, name text not null, hash text not null, at timestamptz not null default clock_timestamp(),
    primary key (schema, name))`)
}

/** Runs one file, in the transaction that is open. */
export const runMigration = async (client: pg.ClientBase, file: MigrationFile): Promise<void> => {
  await client.query(`create schema if not exists "${file.schema}"`)
  // A change of a table that is in use must not queue up behind a long reader, with all others behind it.
  await client.query(`set local lock_timeout = '5s'; set local search_path to "${file.schema}", public`)
  try {
    await client.query(file.text)
  } catch (e) {
    ;(e as Error).message = `Migration ${file.schema}/${file.name} failed: ${(e as Error).message}`
    throw e
  }
  await client.query('insert into kit.migration (schema, name, hash) values ($1, $2, $3)', [file.schema, file.name, file.hash])
}

const applied = async (client: pg.Pool | pg.ClientBase): Promise<MigrationFile[]> =>
  (await client.query('select schema, name, hash from kit.migration')).rows

type Applied = Omit<MigrationFile, 'text'>

/** What was run on the database and is not ours, in the schemas that we know; other services' are none of our business. */
const unknown = (files: readonly MigrationFile[], done: readonly Applied[]): Applied[] =>
  done.filter(d => files.some(f => f.schema === d.schema) && !files.some(f => f.schema === d.schema && f.name === d.name))

const number = ({ name }: { readonly name: string }): number => Number(NAME.exec(name)?.[1] ?? 0)

const pending = (files: readonly MigrationFile[], done: readonly Applied[]): MigrationFile[] => {
  for (const d of unknown(files, done))
    if (number(d) <= Math.max(...files.filter(f => f.schema === d.schema).map(number)))
      throw new Error(
        `The database has the change ${d.schema}/${d.name}, which this program does not know and which is not newer than its own: ` +
          'it is the database of another line of versions. Run the version that made it, or name another database.',
      )
  for (const { schema, name, hash } of done) {
    const file = files.find(f => f.schema === schema && f.name === name)
    if (file && file.hash !== hash)
      throw new Error(
        `The file ${schema}/${name} is not the one that was run on this database. ` +
          'What was run once must not be changed; put it back and make a new file with the next number.',
      )
  }
  const known = new Set(done.map(d => `${d.schema}/${d.name}`))
  return files.filter(f => !known.has(`${f.schema}/${f.name}`))
}

const locked = async (pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> => {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    await client.query(LOCK_MIGRATIONS)
    await work(client)
    await client.query('commit')
  } catch (e) {
    await client.query('rollback').catch(error => {
      broken = error
    })
    throw e
  } finally {
    client.release(broken)
  }
}

const patiently = async (work: () => Promise<void>): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (e) {
      if (!isTimeout(e) || tries >= 10) throw e
      await sleep(500)
    }
  }
}
