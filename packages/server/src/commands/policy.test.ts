import { spawn } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { siteTable } from '../config.ts'
import { readConfigFile } from '../kit/config/file.ts'
import { readConfig } from '../kit/config/read.ts'
import type { Log } from '../kit/log/log.ts'
import { type Site, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'
import { writeCloud } from '../site/cloud.ts'
import { useSite } from './test/run.ts'

const folder = useSite({ services: ['identity', 'leasing'], listen: '127.0.0.1:0', log: { level: 'silent' } })
const file = () => join(folder.folder, 'policy.yaml')
let site: Site
let project: string

/** Every service follows the file by itself; here is counted how many have. */
let followed = 0
let told = () => {}
const hear = (_: object, text = '') => {
  if (!/policy rules (not )?reloaded/.test(text)) return
  followed++
  told()
}
const log: Log = { debug() {}, info: hear, warn() {}, error: hear, child: () => log }
const operatorWrites = async (text: string) => {
  followed = 0
  writeFileSync(`${file()}.new`, text)
  renameSync(`${file()}.new`, file())
  while (followed < 2)
    await new Promise<void>(resolve => {
      told = resolve
    })
}

beforeAll(async () => {
  writeFileSync(file(), '')
  const read = readConfigFile(folder.file)
  site = await startSite(readConfig(siteTable, { ...read, given: { ...(read.given as object), policy: file() }, env: {} }), log)
  const door = site.running.get('identity')!.door as IdentityDoor
  await door.bootstrap({ adminPassword: 'admin' })
  project = await door.ensureProject('lessee')
  await door.grant(await door.ensureUser('lessee', 'lessee', { defaultProject: project }), 'member', { project })
  for (const name of ['admin', 'lessee'])
    writeCloud(join(folder.folder, 'clouds.yaml'), name, { url: site.url, user: name, password: name, project: name, region: 'RegionOne' })
})
afterAll(() => site?.stop())

const program = fileURLToPath(new URL('../../../cli/bin/esi.mjs', import.meta.url))
const esi = (cloud: string, ...words: string[]): Promise<{ status: number | null; out: string; err: string }> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], OS_CLIENT_CONFIG_FILE: join(folder.folder, 'clouds.yaml'), OS_CLOUD: cloud }
    const child = spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', text => (out += text))
    child.stderr.on('data', text => (err += text))
    child.on('error', reject)
    child.on('close', status => resolve({ status, out, err }))
  })

test('an operator sees the rules of all services, and what the file has changed in them', async () => {
  const all = await esi('admin', 'policy', 'show', '-f', 'json')
  const rules = JSON.parse(all.out) as Record<string, string>[]
  expect(new Set(rules.map(r => r['Service']))).toEqual(new Set(['identity', 'lease']))
  expect(rules.filter(r => r['Rule'] === 'service_role').map(r => r['Service'])).toEqual(['identity'])
  expect(rules.every(r => r['Source'] === 'default')).toBe(true)
  await operatorWrites('"esi_leap:offer:get_all": "role:member"\n')
  expect((await esi('admin', 'policy', 'show', '--changed', '-f', 'csv')).out).toBe(
    '"Service","Rule","In Force","Source"\n"lease","esi_leap:offer:get_all","role:member","file"\n',
  )
  const one = await esi('admin', 'policy', 'show', 'identity:get_user', 'esi_leap:offer:get_all', '--long', '-f', 'json')
  expect(JSON.parse(one.out)).toMatchObject([
    { Rule: 'identity:get_user', Operations: 'GET /v3/users/:user' },
    { Rule: 'esi_leap:offer:get_all', Default: 'rule:is_admin or rule:is_owner or rule:is_lessee' },
  ])
  expect(await esi('admin', 'policy', 'show', 'no:such')).toMatchObject({ status: 2, err: 'No service has a rule "no:such".\n' })
  expect(await esi('lessee', 'policy', 'show')).toMatchObject({ status: 1, err: expect.stringMatching(/policy:list.*\n\(HTTP 403/) })
  await operatorWrites('')
})

test('anybody is told why; a changed file changes answer and reason; a broken one neither', async () => {
  const why = () => esi('lessee', 'policy', 'explain', 'esi_leap:lease:get', '--target', `lease.project_id=${project}`)
  const listed = () => esi('lessee', 'offer', 'list')
  expect((await why()).out).toBe(
    [
      'lease: allowed by esi_leap:lease:get',
      '  yes esi_leap:lease:get   (the default rule)',
      '    yes (rule:is_admin or rule:is_lease_owner or rule:is_lease_lessee)   (1 of 3 hold, one must)',
      '      no  rule:is_admin',
      '        no  (role:admin or role:esi_leap_admin)   (0 of 2 hold, one must)',
      "          no  role:admin   (the caller's roles are member, reader)",
      "          no  role:esi_leap_admin   (the caller's roles are member, reader)",
      '      no  rule:is_lease_owner',
      `        no  project_id:%(lease.owner_id)s   (the caller's project_id is ${project}, the target has no lease.owner_id)`,
      '      yes rule:is_lease_lessee',
      `        yes project_id:%(lease.project_id)s   (the caller's project_id is ${project}, lease.project_id is ${project})`,
      '',
    ].join('\n'),
  )
  expect((await listed()).status).toBe(1)
  await operatorWrites('"esi_leap:lease:get": "!"\n"esi_leap:offer:get_all": "role:member"\n')
  expect((await why()).out).toMatch(/^lease: refused by esi_leap:lease:get, which is the operator's\n/)
  expect((await listed()).status).toBe(0)
  await operatorWrites('"esi_leap:offer:get_all": "role:member and"\n')
  expect((await listed()).status).toBe(0)
  await operatorWrites('')
  expect((await listed()).status).toBe(1)
})

test('an administrator is told about others, and nobody else is', async () => {
  const asked = ['policy', 'explain', 'esi_leap:offer:create', '--role', 'owner', '--who', 'project_id=p1']
  expect((await esi('admin', ...asked)).out).toMatch(/^lease: allowed by esi_leap:offer:create\n/)
  expect(await esi('lessee', ...asked)).toMatchObject({ status: 1, err: expect.stringMatching(/policy:explain_for_others/) })
  expect(await esi('admin', 'policy', 'explain', 'no:such')).toMatchObject({
    status: 2,
    err: expect.stringMatching(/No service has a rule/),
  })
  expect(await esi('admin', 'policy', 'explain', 'is_admin', '--target', 'x')).toMatchObject({ status: 2 })
})
