import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { siteTable } from '../config.ts'
import { readConfig } from '../kit/config/read.ts'
import { useDatabase } from '../kit/testing/database.ts'
import { silent } from '../kit/testing/silent-log.ts'
import { type Site, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'

// Two servers on one database, bare metal and leasing in both: a node that leaves, asked of one, and booked through the other.
const connections = useDatabase()
const PASSWORD = 'a password'
const VERSION = { 'x-openstack-ironic-api-version': '1.82' }
const DAY = 86_400_000
let folder: string
let one: Site
let other: Site
let token: string
let project: string

const start = (host: string): Promise<Site> => {
  const given = {
    state: folder,
    listen: '127.0.0.1:0',
    database: { url: connections.url },
    identity: { password: { memory: 8, passes: 1 } },
    baremetal: { drivers: ['fake-hardware'], host },
    conduct: true,
  }
  return startSite(readConfig(siteTable, { given, env: {} }), silent, { listen: false })
}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esi-leaving-'))
  one = await start('one')
  other = await start('other')
  const made = await (one.running.get('identity')!.door as IdentityDoor).bootstrap({ adminPassword: PASSWORD })
  project = made.project
  const user = { name: 'admin', domain: { id: 'default' }, password: PASSWORD }
  const reply = await one.app.inject({
    method: 'POST',
    url: '/identity/v3/auth/tokens',
    payload: { auth: { identity: { methods: ['password'], password: { user } }, scope: { project: { id: project } } } },
  })
  token = reply.headers['x-subject-token'] as string
}, 60_000)
afterAll(async () => {
  await other?.stop()
  await one?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const ask = async (site: Site, method: string, url: string, payload?: object) => {
  const reply = await site.app.inject({
    method: method as 'GET',
    url,
    headers: { 'x-auth-token': token, ...VERSION },
    ...(payload ? { payload } : {}),
  })
  return { status: reply.statusCode, body: reply.body === '' ? undefined : reply.json() }
}
const soon = (millis: number) => new Date(Date.now() + millis).toISOString().slice(0, 19)
const node = async (): Promise<string> => {
  const made = await ask(one, 'POST', '/baremetal/v1/nodes', {
    driver: 'fake-hardware',
    owner: project,
    properties: { erase: 'none' },
  })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.uuid
}
const offer = async (uuid: string, site: Site, end: string) => ask(site, 'POST', '/lease/v1/offers', { resource_uuid: uuid, end_time: end })

test('a plan that one server has accepted binds the other at once, and what is offered ends with it', async () => {
  const uuid = await node()
  const made = await offer(uuid, other, soon(20 * DAY))
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  const then = soon(10 * DAY)
  expect((await ask(one, 'POST', `/baremetal/v1/nodes/${uuid}/retire`, { as_of: then })).status).toBe(202)
  const claim = await ask(other, 'POST', `/lease/v1/offers/${made.body.uuid}/claim`, {
    start_time: soon(9 * DAY),
    end_time: soon(11 * DAY),
  })
  expect([claim.status, claim.body.faultstring]).toEqual([409, expect.stringContaining(`leaves the pool at ${then}`)])
  await vi.waitFor(async () => expect((await ask(other, 'GET', `/lease/v1/offers/${made.body.uuid}`)).body.end_time).toBe(then), {
    timeout: 20_000,
  })
})

test('a node that one server has deleted is offered by none', async () => {
  const uuid = await node()
  const made = await offer(uuid, other, soon(20 * DAY))
  expect((await ask(one, 'DELETE', `/baremetal/v1/nodes/${uuid}`)).status).toBe(204)
  await vi.waitFor(async () => expect((await ask(other, 'GET', `/lease/v1/offers/${made.body.uuid}`)).body.status).toBe('deleted'), {
    timeout: 20_000,
  })
  expect((await offer(uuid, other, soon(20 * DAY))).status).toBe(404)
})
