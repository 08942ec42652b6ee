import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { silent } from '../testing/silent-log.ts'
import { KIT_DB, migrate } from './migrate.ts'
import { connect } from './pool.ts'

const database = useDatabase()
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const folder = (files: Record<string, string>): URL => {
  const path = mkdtempSync(join(tmpdir(), 'migrations-'))
  folders.push(path)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return pathToFileURL(`${path}/`)
}

test('several processes starting at once run each file once', async () => {
  const folders = [
    KIT_DB,
    {
      schema: 'rival',
      folder: folder({ '0001-a.sql': 'create table a (n int); insert into a values (1)', '0002-b.sql': 'insert into a values (2)' }),
    },
  ]
  const rivals = [1, 2, 3, 4].map(() => connect({ url: database.url, name: 'esi rival', log: silent }))
  const ran = await Promise.all(rivals.map(r => migrate(r.pool, folders)))
  expect(ran.flat().sort()).toEqual(['rival/0001-a.sql', 'rival/0002-b.sql'])
  expect((await database.pool.query('select n from rival.a order by n')).rows).toEqual([{ n: 1 }, { n: 2 }])
  await Promise.all(rivals.map(r => r.end()))
})

test('a file that fails leaves nothing, and says which it was', async () => {
  const bad = { schema: 'bad', folder: folder({ '0001-a.sql': 'create table a (n int); select 1/0' }) }
  await expect(migrate(database.pool, [KIT_DB, bad])).rejects.toThrow('Migration bad/0001-a.sql failed: division by zero')
  expect((await database.pool.query("select to_regnamespace('bad') as it")).rows[0].it).toBeNull()
})

test('a changed file and another line of versions are refused; a newer version may have been here', async () => {
  const first = { schema: 'aged', folder: folder({ '0001-a.sql': 'select 1', '0002-b.sql': 'select\n2' }) }
  expect(await migrate(database.pool, [KIT_DB, first])).toEqual(['aged/0001-a.sql', 'aged/0002-b.sql'])
  expect(await migrate(database.pool, [KIT_DB, first])).toEqual([])
  const changed = { schema: 'aged', folder: folder({ '0001-a.sql': 'select 3', '0002-b.sql': 'select\n2' }) }
  await expect(migrate(database.pool, [KIT_DB, changed])).rejects.toThrow('aged/0001-a.sql is not the one that was run')
  const older = { schema: 'aged', folder: folder({ '0001-a.sql': 'select 1' }) }
  const newer: string[] = []
  expect(await migrate(database.pool, [KIT_DB, older], files => newer.push(...files))).toEqual([])
  expect(newer).toEqual(['aged/0002-b.sql'])
  // As it was here, so will it be there: what both do not know of each other must not have the same number.
  const other = { schema: 'aged', folder: folder({ '0001-a.sql': 'select 1', '0002-c.sql': 'select 4' }) }
  await expect(migrate(database.pool, [KIT_DB, other])).rejects.toThrow('aged/0002-b.sql, which this program does not know')
  expect((await database.pool.query(`select from kit.migration where schema = 'aged'`)).rowCount).toBe(2)
  // Other line ends are not another file.
  const dos = { schema: 'aged', folder: folder({ '0001-a.sql': 'select 1', '0002-b.sql': 'select\r\n2' }) }
  expect(await migrate(database.pool, [KIT_DB, dos])).toEqual([])
})

test('several folders for one schema run folder by folder', async () => {
  const one = { schema: 'twice', folder: folder({ '0002-late.sql': 'create table a (n int)' }) }
  const two = { schema: 'twice', folder: folder({ '0001-early.sql': 'insert into a values (7)' }) }
  expect(await migrate(database.pool, [KIT_DB, one, two])).toEqual(['twice/0002-late.sql', 'twice/0001-early.sql'])
  const same = { schema: 'twice', folder: folder({ '0002-late.sql': 'select 1' }) }
  await expect(migrate(database.pool, [KIT_DB, one, same])).rejects.toThrow('Two folders of schema twice have a file 0002-late.sql')
  const unnumbered = { schema: 'twice', folder: folder({ 'late.sql': 'select 1' }) }
  await expect(migrate(database.pool, [KIT_DB, unnumbered])).rejects.toThrow('must be named like 0001-name.sql')
})
