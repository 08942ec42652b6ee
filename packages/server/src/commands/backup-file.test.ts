import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadBackup } from '../kit/db/backup/load.ts'
import { openBackup, proveBackup } from '../kit/db/backup/read.ts'
import { writeBackup } from '../kit/db/backup/write.ts'
import { KIT_DB, migrationFiles } from '../kit/db/migrate.ts'
import { schemaDump } from '../kit/db/schema-dump.ts'
import { type TestDatabase, testDatabase } from '../kit/testing/database.ts'
import { services } from '../services.ts'

const KIT_WORK = { schema: 'kit', folder: new URL('../kit/work/migrations/', import.meta.url) }
const FOLDERS = [KIT_DB, KIT_WORK, ...services.map(s => ({ schema: s.name, folder: s.migrations }))]
const files = migrationFiles(FOLDERS)

let folder: string
let from: TestDatabase
let to: TestDatabase
let file: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esi-backup-'))
  file = join(folder, 'whole.backup')
  from = await testDatabase(FOLDERS.slice(1))
  to = await testDatabase([])
  await to.pool.query('drop schema kit cascade')
  // Rows that refer to themselves and to each other, and text that could be taken for the end of rows.
  await from.pool.query(`
    insert into identity.project (id, name, domain_id, is_domain, parent_id, description, created_at) values
      ('d', 'dömäne', null, true, null, E'\\\\.\\n\\\\.\\n\\t\\\\N', '2030-01-01Z'), ('p', 'p', 'd', false, 'd', '', '2030-01-01Z'), ('q', 'q', 'd', false, 'p', 'x', 'infinity');
    insert into kit.event (id, xid, at, type, service, object_type, object_id, projects, data, origin)
      select n, '7', '2030-01-01 00:00:00.123456Z', 'a.b.c', 'a', 't', n::text, '{d,p}', '{"n": 1.50}', '{}' from generate_series(1, 5000) n`)
})
afterAll(async () => {
  await from?.drop()
  await to?.drop()
  rmSync(folder, { recursive: true, force: true })
})

const on = async <T>(database: TestDatabase, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}
const load = (source = file, replace = false) => on(to, async client => loadBackup(client, await openBackup(source), { files, replace }))
const content = async (database: TestDatabase) =>
  Object.fromEntries(
    await Promise.all(
      ['identity.project', 'kit.event', 'kit.migration', 'kit.event_base'].map(async name => [
        name,
        (await database.pool.query(`select md5(string_agg(t::text, ',' order by t::text)) as it from ${name} t`)).rows[0].it,
      ]),
    ),
  )

test('what is written is what is loaded, to the last row, number and change', async () => {
  const { rows } = await on(from, client => writeBackup(client, file, { by: 'a test' }))
  expect(rows.get('kit.event')).toBe(5000)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await proveBackup(file)).toMatchObject({ manifest: { about: { by: 'a test' }, format: 1, others: [] }, rows })
  await load()
  expect(await content(to)).toEqual(await content(from))
  for (const schema of ['kit', ...services.map(s => s.name)])
    expect(await schemaDump(to.pool, schema)).toBe(await schemaDump(from.pool, schema))
  const next = (database: TestDatabase) => database.pool.query(`select nextval('kit.claim') as n`).then(r => r.rows[0].n)
  expect(await next(to)).toEqual(await next(from))
  await expect(load()).rejects.toThrow(/has the schemas baremetal, identity, kit, leasing already/)
})

test('a load that breaks on the way leaves what was there', async () => {
  const before = await content(to)
  const whole = gunzipSync(readFileSync(file)).toString()
  const damage = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, gzipSync(text))
    return path
  }
  const cut = join(folder, 'cut')
  writeFileSync(cut, readFileSync(file).subarray(0, -2000))
  for (const [source, why] of [
    [cut, /cut off/],
    [damage('short', whole.slice(0, whole.lastIndexOf('{"end"'))), /cut off/],
    [damage('other', whole.replace('\tq\t', '\tr\t')), /hash/],
    [damage('fewer', whole.replace(/^\{"rows":5000\}$/m, '{"rows":5001}')), /kit\.event has 5000 rows after loading, and 5001/],
    [damage('newer', whole.replaceAll('0001-identity.sql', '0099-identity.sql')), /0099-identity\.sql, which this program does not know/],
    [damage('table', whole.replaceAll('kit.event_base', 'kit.event_bass')), /table kit\.event_bass, which none of our changes makes/],
    [damage('none', '{"esi":"something"}\n'), /is no backup/],
    [damage('text', 'once upon a time\n'), /damaged/],
    [join(folder, 'missing'), /There is no .*missing/],
  ] as const)
    await expect(load(source, true), source).rejects.toThrow(why)
  expect(await content(to)).toEqual(before)
  // Killed in the middle: the server rolls back what its client did not finish.
  await on(to, async client => {
    const { rows } = await client.query('select pg_backend_pid() as pid')
    const backup = await openBackup(file)
    await expect(
      loadBackup(client, backup, {
        files,
        replace: true,
        table: name => {
          if (name === 'kit.event') void to.pool.query('select pg_terminate_backend($1)', [rows[0].pid])
        },
      }),
    ).rejects.toThrow()
  })
  expect(await content(to)).toEqual(before)
  await load(file, true)
  expect(await content(to)).toEqual(before)
})

test('a backup that breaks on the way is no backup', async () => {
  const half = join(folder, 'half')
  await on(from, async client => {
    const { rows } = await client.query('select pg_backend_pid() as pid')
    const kill = (name: string) => {
      if (name === 'kit.event') void from.pool.query('select pg_terminate_backend($1)', [rows[0].pid])
    }
    await expect(writeBackup(client, half, {}, kill)).rejects.toThrow()
  })
  expect(readdirSync(folder).filter(name => name.startsWith('half'))).toEqual([])
  await expect(on(from, client => writeBackup(client, join(folder, 'no', 'where'), {}))).rejects.toThrow(/ENOENT/)
})
