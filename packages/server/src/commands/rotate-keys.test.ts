import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test, vi } from 'vitest'
import { migrate } from '../kit/db/migrate.ts'
import { secrets } from '../kit/secrets/secrets.ts'
import { services } from '../services.ts'
import { masterKeys } from '../site/keys.ts'
import { folders } from '../site/migrations.ts'
import { run, useSite } from './test/run.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/esi-server.mjs', import.meta.url))
const site = useSite()
const rotate = (...words: string[]) => run('rotate-keys', '--config', site.file, ...words)
const file = () => join(site.folder, 'state', 'keys', 'master')
const ids = () => masterKeys(file()).map(k => k.id)
/** As a server that runs has them: the same object before and after. */
const box = secrets(() => masterKeys(file()))
const query = async (text: string, values: unknown[] = []) => (await site.connections.pool.query(text, values)).rows

beforeAll(async () => {
  await migrate(site.connections.pool, folders)
})

const keep = async (number: number, plain: string) =>
  query(`insert into identity.token_key (number, sealed, made_at) values ($1, $2, '2030-01-01Z')`, [number, box.seal(plain)])
const kept = async () => (await query('select sealed from identity.token_key order by number')).map(r => box.open(r.sealed))
const sealers = async () => [...new Set((await query('select sealed from identity.token_key')).map(r => r.sealed.split(':')[1]))]

test('what services declare is there', async () => {
  for (const { table, key, column } of services.flatMap(s => s.sealed ?? [])) await query(`select ${key}, ${column} from ${table}`)
})

test('a new key seals everything anew, and the old one goes when nothing needs it', async () => {
  for (let n = 0; n < 250; n++) await keep(n, `secret ${n}`)
  const [old] = ids()
  expect(await rotate()).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^The key [0-9a-f]{8} seals from now on\.\n250 rows are sealed anew\.$/m),
  })
  expect(ids()).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/), old])
  expect(await sealers()).toEqual([ids()[0]])
  expect((await kept())[249]).toBe('secret 249')
  expect(await rotate('--drop-old')).toMatchObject({ status: 0, out: `The key ${old} is dropped.\n` })
  expect(ids()).toHaveLength(1)
  expect((await kept()).length).toBe(250)
  expect(await rotate('--drop-old')).toMatchObject({ status: 0, out: expect.stringMatching(/nothing to drop/) })
})

test('a key is not dropped while anything is sealed with it, declared or not', async () => {
  const [old] = ids()
  await query('create table identity.forgotten (id int, notes jsonb)')
  await query('insert into identity.forgotten values (1, $1)', [JSON.stringify({ deep: [box.seal('x')] })])
  await rotate()
  expect(await rotate('--drop-old')).toMatchObject({
    status: 1,
    err: expect.stringMatching(new RegExp(`Still used: ${old} \\(identity\\.forgotten\\.notes\\)`)),
  })
  expect(ids()).toContain(old)
  await query('drop table identity.forgotten')
})

test('several machines: prepared, brought there, used', async () => {
  const before = ids()
  const { out } = await rotate('--prepare')
  const id = /^The key ([0-9a-f]{8}) is in/.exec(out)![1]!
  expect(ids()).toEqual([...before, id])
  expect(box.seal('x').split(':')[1]).toBe(before[0])
  expect(await rotate('--use', id)).toMatchObject({ status: 0 })
  expect(ids()).toEqual([id, ...before])
  expect(await sealers()).toEqual([id])
  expect(await rotate('--use', id)).toMatchObject({ status: 0, out: expect.stringMatching(/^0 rows/m) })
  expect(await rotate('--use', 'ffffffff')).toMatchObject({ status: 1, err: expect.stringMatching(/has no key ffffffff; it has/) })
})

test('what no key opens is told, and everything else is done', async () => {
  const stranger = secrets(() => [{ id: '00000000', bytes: Buffer.alloc(32, 1) }]).seal('lost')
  await query(`update identity.token_key set sealed = $1 where number = 7`, [stranger])
  const result = await rotate()
  expect(result).toMatchObject({ status: 1, out: expect.stringMatching(/^249 rows are sealed anew\.$/m) })
  expect(result.err).toMatch(/No key of .* opens what is in identity\.token_key 7\./)
  expect((await query('select sealed from identity.token_key where number = 7'))[0].sealed).toBe(stranger)
  await query('delete from identity.token_key where number = 7')
})

test('no key is ever said', async () => {
  const all = [await rotate(), await rotate('--prepare'), await rotate('--drop-old')].map(r => r.out + r.err).join()
  for (const line of readFileSync(file(), 'utf8').trim().split('\n')) expect(all).not.toContain(line.split(' ')[1])
})

test('a rotation is tried without a trace, and told of when it is done', async () => {
  const before = [ids(), await sealers()]
  const tried = await rotate('--dry-run')
  expect(tried).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^A new key would seal from then on, and 2\d\d rows would be sealed anew\.$/m),
  })
  expect(await rotate('--use', ids()[0]!, '--dry-run')).toMatchObject({ status: 0, out: expect.stringMatching(/and 0 rows would/) })
  expect(await rotate('--use', 'ffffffff', '--dry-run')).toMatchObject({ status: 1, err: expect.stringMatching(/has no key ffffffff/) })
  expect(await rotate('--prepare', '--dry-run')).toMatchObject({ status: 0, out: expect.stringMatching(/^Would add a key/) })
  await rotate('--drop-old', '--dry-run')
  expect([ids(), await sealers()]).toEqual(before)
  const told = async (what: string) =>
    (await query(`select object_id, data from kit.event where type = 'site.master_key.${what}' order by id`)).at(-1)
  await rotate()
  expect(await told('used')).toMatchObject({ object_id: ids()[0], data: { rows: expect.any(Number), lost: 0 } })
  const old = ids().at(-1)
  expect((await rotate('--drop-old', '--dry-run')).out).toMatch(`Would drop the key ${old}.`)
  await rotate('--drop-old')
  expect(await told('dropped')).toMatchObject({ object_id: expect.stringMatching(/^[0-9a-f]{8}$/) })
})

test('killed midway every secret opens still, and it goes on with the key it began with', async () => {
  const [old] = ids()
  const client = await site.connections.pool.connect()
  try {
    // A row in the third batch that somebody else is writing: the command waits for it.
    await client.query('begin')
    const late = (await query('select number from identity.token_key order by number::text'))[210].number
    await client.query('select from identity.token_key where number = $1 for update', [late])
    const child = spawn(process.execPath, [PROGRAM, 'rotate-keys', '--config', site.file], { stdio: 'ignore' })
    const ended = once(child, 'close')
    await vi.waitFor(
      async () => {
        const waiting = await query(
          `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%token_key%' and datname = current_database()`,
        )
        expect(waiting).toHaveLength(1)
      },
      { timeout: 60_000, interval: 100 },
    )
    child.kill('SIGKILL')
    await ended
  } finally {
    await client.query('rollback')
    client.release()
  }
  const fresh = ids()[0]!
  expect(fresh).not.toBe(old)
  expect(new Set(await sealers())).toEqual(new Set([fresh, old]))
  const count = (await kept()).length
  expect(await rotate('--use', fresh)).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+ rows are sealed anew\.$/m) })
  expect(await sealers()).toEqual([fresh])
  expect((await kept()).length).toBe(count)
})
