import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../kit/testing/fake-clock.ts'
import { type Served, serve } from '../kit/testing/serve.ts'
import { type IdentityDoor, identity } from '../services/identity/index.ts'
import type { Projects } from '../services/leasing/needs.ts'
import { projectsContract, type Site } from './contracts/projects.ts'
import { leasingIdentity } from './leasing-identity.ts'

const PASSWORD = 'a password'
let served: Served<IdentityDoor>
let site: Site
let token: string

const ask = (method: string, path: string, body?: unknown) => served.request(token, method, path, body)

const woken = async (key: string): Promise<boolean> =>
  (await served.connections.pool.query(`select 1 from kit.work where conductor = 'project' and key = $1`, [key])).rows.length > 0

beforeAll(async () => {
  served = await serve({
    def: identity,
    config: { password: { memory: 8, passes: 1 } },
    clock: fakeClock(),
    authenticator: door => ({ authenticate: (given: string) => door.authenticate(given) }),
    reactions: leasingIdentity.reactions ?? [],
  })
  await served.door.bootstrap({ adminPassword: PASSWORD })
  const login = await served.request(undefined, 'POST', '/v3/auth/tokens', {
    auth: {
      identity: { methods: ['password'], password: { user: { name: 'admin', domain: { id: 'default' }, password: PASSWORD } } },
      scope: { project: { name: 'admin', domain: { id: 'default' } } },
    },
  })
  token = login.headers['x-subject-token']!
  const make = async (name: string, parent?: string) => {
    const made = await ask('POST', '/v3/projects', { project: { name, domain_id: 'default', ...(parent ? { parent_id: parent } : {}) } })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    return { id: made.body.project.id as string, name }
  }
  const top = await make('top')
  const projects = leasingIdentity.make(served.door, served.kit, undefined) as Projects
  site = { projects, top, below: await make('below', top.id), other: await make('other') }
})
afterAll(async () => served?.close())

describe('leasing and identity', () => {
  projectsContract(() => site)

  it('a project that ends wakes it too, and is told as ended only where somebody keeps leases', async () => {
    const made = await ask('POST', '/v3/projects', { project: { name: 'short-lived', domain_id: 'default' } })
    const { id } = made.body.project
    expect((await ask('DELETE', `/v3/projects/${id}?end_leases=true`)).status).toBe(204)
    expect(await woken(id)).toBe(true)
    expect(await site.projects.ended!(id)).toBeUndefined()
  })

  it('a new name wakes the conductor that keeps names', async () => {
    expect(await woken(site.other.id)).toBe(false)
    expect((await ask('PATCH', `/v3/projects/${site.other.id}`, { project: { name: 'another' } })).status).toBe(200)
    expect(await woken(site.other.id)).toBe(true)
  })
})
