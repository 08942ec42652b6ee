import { spawn } from 'node:child_process'
import { expect, inject, test } from 'vitest'
import { KIT_DB } from '../db/migrate.ts'
import { createFrom, dropDatabase, onServer, sweep } from './templates.ts'

const exists = (name: string) =>
  onServer(inject('databaseUrl'), async c => (await c.query('select from pg_database where datname = $1', [name])).rowCount === 1)

test('many at once from one template, each its own', async () => {
  const url = inject('databaseUrl')
  const names = await Promise.all([1, 2, 3, 4].map(() => createFrom(url, [KIT_DB])))
  expect(new Set(names).size).toBe(4)
  await Promise.all(names.map(name => dropDatabase(url, name)))
  expect(await Promise.all(names.map(exists))).toEqual([false, false, false, false])
})

test('what a killed run left is removed, what a running one has is not', async () => {
  const url = inject('databaseUrl')
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
  await new Promise(resolve => child.once('exit', resolve))
  const left = `test_${child.pid}_left`
  const mine = await createFrom(url, [KIT_DB])
  await onServer(url, c => c.query(`create database ${left}`))
  await sweep(url)
  expect([await exists(left), await exists(mine)]).toEqual([false, true])
  await dropDatabase(url, mine)
})
