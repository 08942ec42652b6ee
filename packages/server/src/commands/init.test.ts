import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { run, useSite } from './test/run.ts'

const site = useSite({ services: ['identity'], publicUrl: 'https://esi.example', log: { level: 'silent' } })
const init = (password: string, ...words: string[]) => {
  const file = join(site.folder, 'password')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  return run('init', '--config', site.file, '--password-file', file, ...words)
}
const users = async () => (await site.connections.pool.query('select name from identity.user order by name')).rows.map(r => r.name)

test('made once; the same again changes nothing; another password is not taken by accident', async () => {
  const first = await init('right')
  expect(first).toMatchObject({ status: 0, err: '' })
  expect(first.out).toMatch(/^The administrator "admin" is made\.\nPut this into/)
  expect(parse(first.out.slice(first.out.indexOf('clouds:'))).clouds.admin.auth).toMatchObject({
    auth_url: 'https://esi.example/identity',
    username: 'admin',
    project_name: 'admin',
    password: '...',
  })
  expect(await init('right')).toMatchObject({ status: 0, out: expect.stringMatching(/was there already/) })
  const wrong = await init('wrong')
  expect(wrong).toMatchObject({
    status: 1,
    out: '',
    err: expect.stringMatching(/not the password of its administrator "admin".*--reset-password/),
  })
  expect(await init('right')).toMatchObject({ status: 0, out: expect.stringMatching(/was there already/) })
  expect(await init('wrong', '--reset-password')).toMatchObject({ status: 0 })
  expect(await init('right')).toMatchObject({ status: 1 })
  expect(await init('right', '--name', 'second')).toMatchObject({ status: 0 })
  expect(await users()).toEqual(['admin', 'second'])
})

test('the login goes into a clouds.yaml beside what is there, for its user alone', async () => {
  const file = join(site.folder, 'clouds.yaml')
  writeFileSync(file, '# mine\nclouds:\n  other: # far away\n    auth: {auth_url: "https://far"}\n', { mode: 0o644 })
  const ran = await init('third', '--name', 'third', '--clouds', file, '--cloud', 'site')
  expect(ran).toMatchObject({ status: 0, out: expect.stringMatching(/The login is in .*clouds\.yaml/) })
  expect(ran.out).not.toContain('password')
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(/^# mine/)
  expect(text).toContain('# far away')
  expect(parse(text).clouds).toMatchObject({
    other: { auth: { auth_url: 'https://far' } },
    site: { auth: { username: 'third', password: 'third' } },
  })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a site that is not there yet is made: a configuration, a login, and what to do next', async () => {
  const folder = mkdtempSync(join(site.folder, 'fresh-'))
  const [config, clouds, password] = ['esi.yaml', 'clouds.yaml', 'password'].map(name => join(folder, name)) as [string, string, string]
  writeFileSync(password, 'fourth\n')
  const begin = (...words: string[]) => run('init', '--config', config, '--password-file', password, '--name', 'fourth', ...words)
  // What it listens on and its database are given by the environment here; nothing of it is edited by hand.
  vi.stubEnv('ESI_DATABASE_URL', site.connections.url)
  vi.stubEnv('ESI_MASTER_KEYS', join(site.folder, 'state', 'keys', 'master'))
  vi.stubEnv('ESI_SERVICES', 'identity')
  try {
    expect(await begin('--listen', 'nonsense')).toMatchObject({ status: 2, err: expect.stringMatching(/HOST:PORT/) })
    expect(existsSync(config)).toBe(false)
    const first = await begin('--listen', '127.0.0.1:7799')
    expect(first).toMatchObject({
      status: 0,
      err: '',
      out: expect.stringMatching(/is made\.[\s\S]*Now start it: .*start --config .*esi\.yaml/),
    })
    expect(parse(readFileSync(config, 'utf8'))).toEqual({ listen: '127.0.0.1:7799', state: join(folder, 'esi-state') })
    expect(parse(readFileSync(clouds, 'utf8')).clouds.fourth.auth).toMatchObject({
      auth_url: 'http://127.0.0.1:7799/identity',
      password: 'fourth',
    })
    expect(statSync(clouds).mode & 0o777).toBe(0o600)
    expect(await begin('--listen', '127.0.0.1:1')).toMatchObject({ status: 2, err: expect.stringMatching(/change it in/) })
    expect(await begin()).toMatchObject({ status: 0, out: expect.stringMatching(/was there already/) })
    const again = join(folder, 'again.yaml')
    const other = await run('init', '--config', again, '--password-file', password, '--name', 'fourth')
    expect(other).toMatchObject({ status: 2, err: expect.stringMatching(/has a cloud "fourth" already.*--cloud/) })
    expect(existsSync(again)).toBe(false)
  } finally {
    vi.unstubAllEnvs()
  }
})

test('what is wrong is a sentence', async () => {
  expect(await run('init', '--config', site.file, '--password-file', '/nonexistent')).toMatchObject({
    status: 2,
    err: expect.stringMatching(/cannot be read/),
  })
  expect(await run('init', '--config', site.file, '--password', 'x')).toMatchObject({ status: 2 })
  expect(await init('')).toMatchObject({ status: 2, err: expect.stringMatching(/is empty/) })
  expect(await run('init', '--config', site.file, '--state', site.folder)).toMatchObject({
    status: 2,
    err: expect.stringMatching(/not both/),
  })
})
