import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { siteTable } from '../config.ts'
import { readConfig } from '../kit/config/read.ts'
import { useDatabase } from '../kit/testing/database.ts'
import { silent } from '../kit/testing/silent-log.ts'
import { type Site, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'

const connections = useDatabase()
let folder: string
let site: Site
let token: string

const start = (conduct: boolean): Promise<Site> =>
  startSite(
    readConfig(siteTable, {
      given: {
        state: folder,
        listen: '127.0.0.1:0',
        services: ['identity', 'leasing'],
        database: { url: connections.url },
        identity: { password: { memory: 8, passes: 1 } },
        leasing: { testNodeOwner: 'somebody' },
        conduct,
      },
      env: {},
    }),
    silent,
    { listen: false },
  )
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esi-unconducted-'))
  site = await start(false)
  const { project } = await (site.running.get('identity')!.door as IdentityDoor).bootstrap({ adminPassword: 'a password' })
  const user = { name: 'admin', domain: { id: 'default' }, password: 'a password' }
  const reply = await site.app.inject({
    method: 'POST',
    url: '/identity/v3/auth/tokens',
    payload: { auth: { identity: { methods: ['password'], password: { user } }, scope: { project: { id: project } } } },
  })
  token = reply.headers['x-subject-token'] as string
}, 60_000)
afterAll(async () => {
  await site?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (method: string, url: string, payload?: object, headers: object = { 'x-auth-token': token }) =>
  site.app.inject({ method: method as 'GET', url, headers: headers as Record<string, string>, ...(payload ? { payload } : {}) })
const offer = () => ask('POST', '/lease/v1/offers', { resource_type: 'test_node', resource_uuid: crypto.randomUUID() })
const processes = async () => /^esi_conducting_processes (\d+)$/m.exec((await ask('GET', '/metrics')).body)?.[1]

it('a server that only answers says so to whoever it lets in while nobody conducts, and no longer once somebody does', async () => {
  const made = await offer()
  expect([made.statusCode, made.headers['esi-warning']]).toEqual([
    201,
    'No conductor is running: what is asked is written down, and done once one is.',
  ])
  expect((await ask('GET', '/lease/v1/offers')).headers['esi-warning']).toMatch(/No conductor/)
  expect((await ask('GET', '/lease/v1/offers', undefined, {})).headers['esi-warning']).toBeUndefined()
  expect(await processes()).toBe('0')

  const other = await start(true)
  expect(await processes()).toBe('1')
  await expect.poll(async () => (await offer()).headers['esi-warning'], { timeout: 20_000 }).toBeUndefined()
  await other.stop()
  expect(await processes()).toBe('0')
  await expect.poll(async () => (await offer()).headers['esi-warning'], { timeout: 20_000 }).toMatch(/No conductor/)
}, 60_000)
