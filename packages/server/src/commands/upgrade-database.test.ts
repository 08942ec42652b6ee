import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { debian } from '../../../../tools/debian.ts'
import { binariesAt, usualPlaces } from '../kit/db/embedded/binaries.ts'
import { borrow } from '../kit/db/embedded/borrow.ts'
import { type Cluster, run as runProgram } from '../kit/db/embedded/cluster.ts'
import { owner as findOwner } from '../kit/db/embedded/owner.ts'
import { socketPath } from '../kit/db/embedded/socket.ts'
import { silent } from '../kit/testing/silent-log.ts'
import { startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { givenSite } from '../site/given.ts'
import { run } from './test/run.ts'

// Debian's of before and of now; either is older than ours.
const OLD = ['15', '17'].find(major => debian(`postgresql-${major}`).ready)
const CHILD = fileURLToPath(new URL('./test/killed-upgrade.ts', import.meta.url))
const SETTINGS = { services: ['identity'], identity: { password: { memory: 8, passes: 1 } }, log: { level: 'error' } }

let base: string
let original: string
let count = 0

/** The folder of a site whose database is of the old version, as it was left; a fresh one for each test. */
const site = () => {
  const folder = join(base, `site-${++count}`)
  cpSync(original, folder, { recursive: true, preserveTimestamps: true })
  const { uid, gid } = findOwner()
  const data = join(folder, 'state/database/data')
  for (const entry of ['', ...(readdirSync(data, { recursive: true }) as string[])]) chownSync(join(data, entry), uid, gid)
  chmodSync(data, 0o700)
  const config = join(folder, 'site.yaml')
  writeFileSync(config, stringify({ ...SETTINGS, state: join(folder, 'state') }))
  return {
    config,
    data,
    home: join(folder, 'state/database'),
    upgrade: (...words: string[]) => run('upgrade-database', '--config', config, ...words),
  }
}
type TestSite = ReturnType<typeof site>

const opened = async <T>(
  { config }: TestSite,
  work: (door: IdentityDoor, query: (text: string) => Promise<any[]>) => Promise<T>,
): Promise<T> => {
  const up = await startSite({ ...givenSite({ config }).config, conduct: false }, silent, { listen: false })
  const { home } = { home: join(givenSite({ config }).config.state, 'database', 'data') }
  const client = new pg.Client({ host: socketPath(home), port: 5432, user: 'esi', database: 'postgres' })
  try {
    await client.connect()
    return await work(up.running.get('identity')!.door as IdentityDoor, async text => (await client.query(text)).rows)
  } finally {
    await client.end()
    await up.stop()
  }
}

/** All is as it was, and nothing is held: it is the same database. */
const expectWhole = async (at: TestSite): Promise<void> => {
  await opened(at, async (door, query) => {
    expect((await query(`select current_setting('server_version_num')::int / 10000 as major`))[0].major).toBeGreaterThan(Number(OLD))
    expect((await door.projects.find('kept'))?.name).toBe('kept')
    expect((await query('select count(*)::int as n from kit.event'))[0].n).toBeGreaterThan(5)
    expect(await query('select * from kit.hold')).toEqual([])
    expect(await query(`select data from kit.event where type = 'site.database.upgraded'`)).toHaveLength(1)
  })
  expect(readdirSync(at.home).filter(name => /upgrad/.test(name) && name !== 'upgrade.log')).toEqual([])
  expect(existsSync(join(at.home, `data.postgresql-${OLD}`))).toBe(true)
}

describe.skipIf(OLD === undefined)('an embedded database of an older PostgreSQL', () => {
  beforeAll(async () => {
    base = mkdtempSync('/tmp/esi-upgrade-')
    chmodSync(base, 0o755)
    original = join(base, 'original')
    const data = join(original, 'state/database/data')
    mkdirSync(data, { recursive: true })
    const owner = findOwner()
    chownSync(data, owner.uid, owner.gid)
    const binaries = binariesAt(usualPlaces(OLD!)[0]!, owner)
    const cluster: Cluster = { binaries, owner, data, socket: socketPath(data), logFile: join(original, 'old.log'), fsync: false }
    await runProgram(cluster, 'initdb', ['-D', data, '-U', 'esi', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
    const server = await borrow(cluster)
    try {
      const config = join(original, 'site.yaml')
      writeFileSync(config, stringify({ ...SETTINGS, state: join(original, 'state'), database: { url: server.url } }), { mode: 0o600 })
      const up = await startSite({ ...givenSite({ config }).config, conduct: false }, silent, { listen: false })
      const door = up.running.get('identity')!.door as IdentityDoor
      await door.bootstrap({ adminPassword: 'a password' })
      await door.ensureProject('kept', { description: 'tab\there, and "\\." too' })
      await up.stop()
    } finally {
      await server.stop()
    }
  })
  afterAll(() => base && rmSync(base, { recursive: true, force: true }))

  test('is not started into, and says what to do; a dry run says how, and changes nothing', async () => {
    const at = site()
    await expect(startSite(givenSite({ config: at.config }).config, silent, { listen: false })).rejects.toThrow(
      new RegExp(`was made by PostgreSQL ${OLD}, and this is 18.*esi-server upgrade-database`),
    )
    const { status, out } = await at.upgrade('--dry-run')
    expect(status).toBe(0)
    expect(out).toMatch(new RegExp(`made by PostgreSQL ${OLD}; this version has 18`))
    expect(out).toMatch(/would be read with PostgreSQL .* and copied .*\n.* MB are free/)
    expect(readdirSync(at.home)).toEqual(['data'])
    expect(await at.upgrade('--old-binaries', '/nonexistent')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/There is no PostgreSQL in/),
    })
  })

  test('is brought over whole; the old one is kept until it is said', async () => {
    const at = site()
    const { status, out, err } = await at.upgrade()
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(/Writing \d+ rows of \d+ tables/)
    await expectWhole(at)
    expect(await at.upgrade()).toMatchObject({ status: 0, out: expect.stringMatching(/as this version has it\. An older one is kept/) })
    expect(await at.upgrade('--drop-old', '--dry-run')).toMatchObject({ status: 0, out: expect.stringMatching(/^Would remove/) })
    expect(await at.upgrade('--drop-old')).toMatchObject({ status: 0, out: expect.stringMatching(/is removed/) })
    expect(existsSync(join(at.home, `data.postgresql-${OLD}`))).toBe(false)
  })

  const STEPS = [
    'begun',
    'old up',
    'read',
    'old down',
    'made',
    'new up',
    'filled',
    'settled',
    'new down',
    'on disk',
    'written',
    'put aside',
    'switched',
  ]

  // Those that leave something else behind than the one before.
  test.each(STEPS.filter(step => !['old down', 'settled', 'new down'].includes(step)))(
    'may be killed after "%s": nothing starts on half of it, and doing it again goes on',
    async last => {
      const at = site()
      const killed = spawnSync(process.execPath, [CHILD, at.config, last], { encoding: 'utf8' })
      expect(killed.signal, killed.stderr).toBe('SIGKILL')
      expect([...killed.stdout.matchAll(/^step: (.*)$/gm)].map(m => m[1])).toEqual(STEPS.slice(0, STEPS.indexOf(last) + 1))
      await expect(startSite(givenSite({ config: at.config }).config, silent, { listen: false })).rejects.toThrow(
        /esi-server upgrade-database/,
      )
      const again = await at.upgrade()
      expect([again.status, again.err]).toEqual([0, ''])
      await expectWhole(at)
    },
  )

  test('comes from a backup where the old programs are not to be had; then it is held', async () => {
    const at = site()
    const file = join(at.home, '../of-before.backup')
    const donor = site()
    await donor.upgrade()
    expect(await run('backup', '--config', donor.config, '--to', file)).toMatchObject({ status: 0 })
    const { status, err } = await at.upgrade('--from-backup', file)
    expect([status, err]).toEqual([0, expect.stringMatching(/the site is held/)])
    await opened(at, async (door, query) => {
      expect((await door.projects.find('kept'))?.name).toBe('kept')
      expect(await query('select scope from kit.hold')).toEqual([{ scope: 'site' }])
    })
  })

  test('with nothing in it there is nothing to bring over, and that is said', async () => {
    const at = site()
    const owner = findOwner()
    const binaries = binariesAt(usualPlaces(OLD!)[0]!, owner)
    const server = await borrow({
      binaries,
      owner,
      data: at.data,
      socket: socketPath(at.data),
      logFile: join(at.home, 'log'),
      fsync: false,
    })
    await server.client.query('drop schema kit, identity cascade')
    await server.stop()
    expect(await at.upgrade()).toMatchObject({ status: 1, err: expect.stringMatching(/There is nothing of ours in this database yet/) })
    expect(existsSync(join(at.home, 'upgrade.json'))).toBe(false)
  })

  test('is not brought back, and not while it is served from', async () => {
    const at = site()
    writeFileSync(join(at.data, 'PG_VERSION'), '99\n')
    expect(await at.upgrade()).toMatchObject({ status: 1, err: expect.stringMatching(/newer than this, 18: there is no way back/) })
    await expect(startSite(givenSite({ config: at.config }).config, silent, { listen: false })).rejects.toThrow(/run the version .* before/)
    writeFileSync(join(at.data, 'PG_VERSION'), `${OLD}\n`)
    const owner = findOwner()
    const binaries = binariesAt(usualPlaces(OLD!)[0]!, owner)
    const server = await borrow({
      binaries,
      owner,
      data: at.data,
      socket: socketPath(at.data),
      logFile: join(at.home, 'log'),
      fsync: false,
    })
    try {
      const before = readFileSync(join(at.data, 'postmaster.pid'), 'utf8')
      expect(await at.upgrade()).toMatchObject({ status: 1, err: expect.stringMatching(/Stop them all first|Another command/) })
      expect(readFileSync(join(at.data, 'postmaster.pid'), 'utf8')).toBe(before)
    } finally {
      await server.stop()
    }
  })
})
