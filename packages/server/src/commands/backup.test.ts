import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silent } from '../kit/testing/silent-log.ts'
import { startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { givenSite } from '../site/given.ts'
import { addMasterKey, masterKeys } from '../site/keys.ts'
import { run, useSite } from './test/run.ts'

const site = useSite({ services: ['identity'], identity: { password: { memory: 8, passes: 1 } } })
const fresh = useSite({ services: ['identity'], identity: { password: { memory: 8, passes: 1 } } })
const file = () => join(site.folder, 'monday.backup')
const query = async (at: typeof site, text: string) => (await at.connections.pool.query(text)).rows

const onSite = async (at: typeof site, work: (door: IdentityDoor) => Promise<void>): Promise<void> => {
  const up = await startSite({ ...givenSite({ config: at.file }).config, conduct: false }, silent, { listen: false })
  try {
    await work(up.running.get('identity')!.door as IdentityDoor)
  } finally {
    await up.stop()
  }
}
const projects = async (at: typeof site) => (await query(at, 'select name from identity.project order by name')).map(r => r.name)

beforeAll(() => onSite(site, async door => void (await door.ensureProject('monday'))))
let visitor: pg.Client | undefined
afterAll(() => visitor?.end())

test('a backup is tried, made, and told of', async () => {
  const tried = await run('backup', '--config', site.file, '--to', file(), '--dry-run')
  expect(tried).toMatchObject({ status: 0, err: '', out: expect.stringMatching(/^Would write \d+ tables of PostgreSQL by database\.url/) })
  expect(existsSync(file())).toBe(false)
  await query(site, 'create schema theirs; create table theirs.thing (n int)')
  const made = await run('backup', '--config', site.file, '--to', file())
  expect(made).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^\d+ rows of \d+ tables, as they were at .*Z, are in .*monday\.backup/),
  })
  expect(made.out).toMatch(/Not in it, because it is not ours: the schemas theirs\./)
  const [event] = await query(site, `select data from kit.event where type = 'site.backup.made'`)
  expect(event.data).toMatchObject({ rows: expect.any(Number), bytes: expect.any(Number), by: expect.stringMatching(/ on /) })
  const text = readFileSync(file())
  for (const key of masterKeys(join(site.folder, 'state', 'keys', 'master')))
    expect(text.includes(key.bytes.toString('base64url'))).toBe(false)
  expect(await run('backup', '--config', site.file, '--to', file())).toMatchObject({
    status: 2,
    err: expect.stringMatching(/not written over/),
  })
  expect(await run('backup', '--config', site.file)).toMatchObject({ status: 2, err: expect.stringMatching(/--to FILE/) })
})

test('what was lost is said before it is, servers must be stopped, and what is restored is held', async () => {
  await onSite(site, async door => void (await door.ensureProject('tuesday')))
  const restore = (...words: string[]) => run('restore', '--config', site.file, '--from', file(), ...words)
  const tried = await restore('--dry-run')
  expect(tried).toMatchObject({ status: 0, out: expect.stringMatching(/is whole: \d+ rows/) })
  expect(tried.out).toMatch(/has a database already; the last that happened there was at .*Z\.$/m)
  expect(tried.out).toMatch(/only be replaced with --replace/)
  expect(await restore()).toMatchObject({ status: 1, err: expect.stringMatching(/with --replace what is there is dropped/) })
  visitor = new pg.Client({ connectionString: site.connections.url, application_name: 'esi 1 session' })
  await visitor.connect()
  expect(await restore('--replace')).toMatchObject({ status: 1, err: expect.stringMatching(/Servers use the database: esi 1 /) })
  await visitor.end()
  visitor = undefined
  expect(await projects(site)).toContain('tuesday')

  const done = await restore('--replace')
  expect(done, done.err).toMatchObject({ status: 0, out: expect.stringMatching(/It is restored\.\nThe site is held/) })
  expect(await projects(site)).toEqual(['Default', 'monday'])
  expect(await query(site, 'select scope from kit.hold')).toEqual([{ scope: 'site' }])
  expect(await query(site, `select data from kit.event where type = 'site.backup.restored'`)).toHaveLength(1)
  // What is not ours was left alone.
  await query(site, 'select from theirs.thing')
})

test('it goes into another, empty database too, but not without the keys that its secrets are sealed with', async () => {
  await query(fresh, 'drop schema kit cascade')
  const restore = (...words: string[]) => run('restore', '--config', fresh.file, '--from', file(), ...words)
  expect(await restore('--dry-run')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/master keys [0-9a-f]{8}, which .* does not have/),
  })
  expect(await restore()).toMatchObject({ status: 1, err: expect.stringMatching(/Put them there first/) })
  masterKeys(join(fresh.folder, 'state', 'keys', 'master'))
  writeFileSync(join(fresh.folder, 'state', 'keys', 'master'), readFileSync(join(site.folder, 'state', 'keys', 'master')))
  addMasterKey(join(fresh.folder, 'state', 'keys', 'master'))
  expect(await restore()).toMatchObject({ status: 0, err: expect.any(String) })
  expect(await projects(fresh)).toEqual(['Default', 'monday'])
  // Sealed secrets open: the token keys of the site are its own again.
  await onSite(fresh, async door => expect((await door.projects.find('monday'))?.name).toBe('monday'))
})

test('an empty database has nothing to write', async () => {
  await query(fresh, 'drop schema kit, identity cascade')
  expect(await run('backup', '--config', fresh.file, '--to', join(fresh.folder, 'none'))).toMatchObject({
    status: 1,
    err: expect.stringMatching(/nothing of ours/),
  })
  expect(existsSync(join(fresh.folder, 'none'))).toBe(false)
})
