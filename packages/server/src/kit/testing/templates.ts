import { createHash } from 'node:crypto'
import pg from 'pg'
import { type Migrations, migrate, migrationFiles } from '../db/migrate.ts'
import { connect } from '../db/pool.ts'
import { silent } from './silent-log.ts'

const KEEP = 12

export const onServer = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, application_name: 'esi test' })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export const named = (url: string, database: string): string => {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}

/** A new database with these migrations. Its name tells whose it is, so that it can be removed once that process is gone. */
export const createFrom = async (url: string, folders: readonly Migrations[]): Promise<string> => {
  const template = `template_${createHash('sha256')
    .update(JSON.stringify(migrationFiles(folders)))
    .digest('hex')
    .slice(0, 24)}`
  const database = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`
  await onServer(url, async client => {
    // Shared, so that many copy at once while nobody removes it.
    for (;;) {
      await client.query('select pg_advisory_lock_shared(hashtext($1))', [template])
      if (await exists(client, template)) break
      await client.query('select pg_advisory_unlock_shared(hashtext($1))', [template])
      await makeTemplate(client, url, template, folders)
    }
    await client.query(`create database ${database} template ${template} strategy file_copy`)
  })
  return database
}

const exists = async (client: pg.Client, template: string): Promise<boolean> =>
  (await client.query('select from pg_database where datname = $1 and datistemplate', [template])).rowCount === 1

const makeTemplate = async (client: pg.Client, url: string, template: string, folders: readonly Migrations[]): Promise<void> => {
  await client.query('select pg_advisory_lock(hashtext($1))', [template])
  try {
    if (await exists(client, template)) return
    // Half made by somebody who was killed.
    await client.query(`drop database if exists ${template} with (force)`)
    await client.query(`create database ${template} template template0 strategy file_copy`)
    const made = connect({ url: named(url, template), name: 'esi template', size: 1, log: silent })
    try {
      await migrate(made.pool, folders)
    } finally {
      await made.end()
    }
    await client.query(`alter database ${template} is_template true`)
  } finally {
    await client.query('select pg_advisory_unlock(hashtext($1))', [template])
  }
}

export const dropDatabase = (url: string, database: string): Promise<void> =>
  onServer(url, async client => void (await client.query(`drop database if exists ${database} with (force)`)))

/** Removes what killed runs left, and templates of long ago. */
export const sweep = (url: string): Promise<void> =>
  onServer(url, async client => {
    const { rows } = await client.query(`select datname as name from pg_database where datname ~ '^(test|template)_' order by oid desc`)
    const names: string[] = rows.map(r => r.name)
    for (const name of names.filter(n => n.startsWith('test_')))
      if (!alive(Number(name.split('_')[1]))) await client.query(`drop database if exists ${name} with (force)`)
    for (const name of names.filter(n => n.startsWith('template_')).slice(KEEP)) {
      const free = await client.query('select pg_try_advisory_lock(hashtext($1)) as free', [name])
      if (!free.rows[0].free) continue
      if (await exists(client, name)) await client.query(`alter database ${name} is_template false`)
      await client.query(`drop database if exists ${name} with (force)`)
      await client.query('select pg_advisory_unlock(hashtext($1))', [name])
    }
  })

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}
