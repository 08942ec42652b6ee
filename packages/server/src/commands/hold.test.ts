import { expect, test } from 'vitest'
import { run, useSite } from './test/run.ts'

const site = useSite()
const small = useSite({ services: ['identity'], log: { level: 'silent' } })
const hold = (...words: string[]) => run('hold', '--config', site.file, ...words)
const NODE = '0a7c9e0e-4b8e-4d59-9a3f-3f1c2b7a6d5e'

test('held, listed, lifted', async () => {
  expect(await hold('--list')).toMatchObject({ status: 0, out: 'Nothing is held.\n' })
  expect(await hold('--site', '--reason', 'the racks move')).toMatchObject({ status: 0, out: expect.stringMatching(/^The site is held:/) })
  expect(await hold('--service', 'leasing')).toMatchObject({ status: 0, out: expect.stringMatching(/^Service leasing is held:/) })
  expect(await hold('--node', NODE, '--reason', 'a new fan')).toMatchObject({ status: 0 })
  const { out } = await hold('--list')
  expect(out).toMatch(/^the site: held since \d{4}-.*Z by .* on .*: the racks move$/m)
  expect(out).toMatch(/^service leasing: held since .*: an operator holds it$/m)
  expect(out).toMatch(new RegExp(`^thing ${NODE}: held since .*: a new fan$`, 'm'))
  expect(JSON.parse((await hold('--list', '--json')).out)).toEqual([
    expect.objectContaining({ scope: 'site', key: '', reason: 'the racks move' }),
    expect.objectContaining({ scope: 'service', key: 'leasing' }),
    expect.objectContaining({ scope: 'thing', key: NODE }),
  ])
  expect(await hold('--site', '--lift')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^The site is held no more; .*: the racks move\.$/m),
  })
  await hold('--service', 'leasing', '--lift')
  await hold('--node', NODE, '--lift')
  expect(await hold('--list')).toMatchObject({ out: 'Nothing is held.\n' })
})

test('holding and lifting are tried without a trace', async () => {
  expect(await hold('--site', '--dry-run')).toMatchObject({
    status: 0,
    out: 'The site would be held; it is not held now.\nNothing was changed.\n',
  })
  expect(await hold('--site', '--lift', '--dry-run')).toMatchObject({ status: 1, err: expect.stringMatching(/The site is not held/) })
  expect(await hold('--list')).toMatchObject({ out: 'Nothing is held.\n' })
  await hold('--site', '--reason', 'a test')
  expect(await hold('--site', '--lift', '--dry-run')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^The site would be held no more; it is, since .*: a test\.\nThat says that the database is good/),
  })
  expect((await hold('--list')).out).toMatch(/^the site: held/)
  expect((await hold('--site', '--lift')).status).toBe(0)
  expect(await hold('--list', '--dry-run')).toMatchObject({ status: 2, err: expect.stringMatching(/--dry-run needs/) })
})

test('a database that was promoted is held by the command too, and listed', async () => {
  await site.connections.pool.query('update kit.site set timeline = timeline + 1')
  const { out, err } = await hold('--list')
  expect(out).toMatch(/^the site: held since .* by esi-server: the database server was promoted/)
  expect(err).toMatch(/the site is held/)
  await hold('--site', '--lift')
  expect(await hold('--list')).toMatchObject({ out: 'Nothing is held.\n', err: '' })
})

test('what is wrong is a sentence, and changes nothing', async () => {
  const wrong = async (...words: string[]) => {
    const { status, err } = await hold(...words)
    return [status, err]
  }
  expect(await wrong()).toEqual([2, expect.stringMatching(/Say one of/)])
  expect(await wrong('--site', '--list')).toEqual([2, expect.stringMatching(/Say one of/)])
  expect(await wrong('--site', '--node', NODE)).toEqual([2, expect.stringMatching(/One hold at a time/)])
  expect(await wrong('--service', 'storage')).toEqual([2, expect.stringMatching(/There is no service "storage"; there are identity/)])
  expect(await wrong('--node', 'dell1')).toEqual([2, expect.stringMatching(/"dell1" is no UUID/)])
  expect(await wrong('--list', '--reason', 'x')).toEqual([2, expect.stringMatching(/--lift and --reason need/)])
  expect(await wrong('--site', '--lift', '--reason', 'x')).toEqual([2, expect.stringMatching(/not for lifting/)])
  expect(await wrong('--nodes')).toEqual([2, expect.stringMatching(/nodes/)])
  expect(await wrong('--node', NODE, '--lift')).toEqual([1, expect.stringMatching(/is not held/)])
  expect(await run('hold', '--state', '/nonexistent/esi', '--list')).toMatchObject({
    status: 2,
    err: expect.stringMatching(/There is no \/nonexistent/),
  })
  expect(await run('hold', '--help')).toMatchObject({ status: 0, out: expect.stringMatching(/^Usage: esi-server hold/) })
  expect((await site.connections.pool.query('select from kit.hold')).rowCount).toBe(0)
})

test('services that have no machines can tell of no differences', async () => {
  expect(await run('hold', '--config', small.file, '--differences')).toMatchObject({
    status: 1,
    err: expect.stringMatching(/None of the services that run here can tell what differs/),
  })
})
