import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { siteTable } from '../config.ts'
import { readConfig } from '../kit/config/read.ts'
import { useDatabase } from '../kit/testing/database.ts'
import { silent } from '../kit/testing/silent-log.ts'
import { type Site, type SiteConfig, startSite } from '../main.ts'
import type { IdentityDoor } from '../services/identity/index.ts'

// A whole site of identity and leasing: what projects hold, and what becomes of it when they end.
const connections = useDatabase()
const PASSWORD = 'a password'
let folder: string
const nodes = () => join(folder, 'nodes')
let site: Site
let door: IdentityDoor
let admin: string

const ask = async (method: string, url: string, payload?: object, token = admin) => {
  const reply = await site.app.inject({ method: method as 'GET', url, headers: { 'x-auth-token': token }, ...(payload ? { payload } : {}) })
  return { status: reply.statusCode, body: reply.body === '' ? undefined : reply.json() }
}

const login = async (name: string, project: string): Promise<string> => {
  const user = { name, domain: { id: 'default' }, password: PASSWORD }
  const scope = { project: { id: project } }
  const reply = await site.app.inject({
    method: 'POST',
    url: '/identity/v3/auth/tokens',
    payload: { auth: { identity: { methods: ['password'], password: { user } }, scope } },
  })
  expect(reply.statusCode, reply.body).toBe(201)
  return reply.headers['x-subject-token'] as string
}

/** `conduct`: whether it also does what is written down. */
const start = async (conduct: boolean): Promise<void> => {
  const config: SiteConfig = readConfig(siteTable, {
    given: {
      state: folder,
      listen: '127.0.0.1:0',
      services: ['identity', 'leasing'],
      database: { url: connections.url },
      identity: { password: { memory: 8, passes: 1 } },
      leasing: { dummyNodes: nodes() },
      conduct,
    },
    env: {},
  })
  site = await startSite(config, silent, { listen: false })
  door = site.running.get('identity')!.door as IdentityDoor
  const { project } = await door.bootstrap({ adminPassword: PASSWORD })
  admin = await login('admin', project)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esi-ended-'))
  mkdirSync(nodes())
  await start(true)
})
afterAll(async () => {
  await site?.stop()
  rmSync(folder, { recursive: true, force: true })
})

let count = 0
/** A project with a member that may lease and let. */
const makeProject = async (domain = 'default') => {
  const name = `p${++count}`
  const made = await ask('POST', '/identity/v3/projects', { project: { name, domain_id: domain } })
  expect(made.status).toBe(201)
  const id = made.body.project.id as string
  const user = await door.ensureUser(`${name}-user`, PASSWORD)
  for (const role of ['owner', 'lessee', 'member']) await door.grant(user, role, { project: id })
  return { id, name, token: await login(`${name}-user`, id) }
}
type Project = Awaited<ReturnType<typeof makeProject>>

const hours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString().slice(0, 19)
/** A thing of a project's own, or of another's. */
const node = (name: string, owner: string): { resource_type: string; resource_uuid: string } => {
  writeFileSync(join(nodes(), name), JSON.stringify({ project_owner_id: owner }))
  return { resource_type: 'dummy_node', resource_uuid: name }
}
const whose = (name: string): string | undefined => JSON.parse(readFileSync(join(nodes(), name), 'utf8')).project_id

const lend = async (project: Project) => {
  const name = `node-of-${project.name}`
  const made = await ask('POST', '/lease/v1/leases', {
    ...node(name, 'somebody'),
    project_id: project.id,
    end_time: hours(5),
  })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  const id = made.body.uuid as string
  await vi.waitFor(async () => expect(await statusOf('leases', id)).toBe('active'), { timeout: 20_000 })
  expect(whose(name)).toBe(project.id)
  return id
}
const offer = async (project: Project) => {
  const made = await ask(
    'POST',
    '/lease/v1/offers',
    { ...node(`offered-by-${project.name}`, project.id), end_time: hours(9) },
    project.token,
  )
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.uuid as string
}
const statusOf = async (what: 'leases' | 'offers', id: string) => (await ask('GET', `/lease/v1/${what}/${id}`)).body.status
const ended = (what: 'leases' | 'offers', id: string) =>
  vi.waitFor(async () => expect(await statusOf(what, id)).toBe('expired'), { timeout: 20_000 })
const projectUrl = ({ id }: { id: string }) => `/identity/v3/projects/${id}`
const events = async (type: string, id: string) =>
  (await connections.pool.query('select data from kit.event where type = $1 and object_id = $2', [type, id])).rows.map(r => r.data)

test('a project with leases and offers is neither disabled nor deleted by a client that knows of none', async () => {
  const project = await makeProject()
  const [lease, offered] = [await lend(project), await offer(project)]
  for (const reply of [
    await ask('DELETE', projectUrl(project)),
    await ask('PATCH', projectUrl(project), { project: { enabled: false } }),
    await ask('DELETE', `${projectUrl(project)}?dry_run=true`),
    await ask('DELETE', `${projectUrl(project)}?end_leases=false`),
  ]) {
    expect(reply.status).toBe(409)
    expect(reply.body.error.message).toMatch(
      new RegExp(`has 1 lease: ${lease} \\(dummy-node-node-of-${project.name}, until .*\\); 1 offer: ${offered} `),
    )
    expect(reply.body.error.message).toMatch(/--end-leases/)
  }
  // Everything else may be changed.
  expect((await ask('PATCH', projectUrl(project), { project: { description: 'x' } })).status).toBe(200)
  expect([await statusOf('leases', lease), await statusOf('offers', offered)]).toEqual(['active', 'available'])
  expect((await ask('GET', projectUrl(project))).body.project.enabled).toBe(true)
})

test('a dry run tells what would end, and changes nothing', async () => {
  const project = await makeProject()
  const [lease, offered] = [await lend(project), await offer(project)]
  const ends = {
    leases: [expect.objectContaining({ uuid: lease, project_id: project.id, resource: `dummy-node-node-of-${project.name}` })],
    offers: [expect.objectContaining({ uuid: offered })],
    within: 0,
    granted: 0,
  }
  expect(await ask('DELETE', `${projectUrl(project)}?end_leases=true&dry_run=true`)).toMatchObject({ status: 200, body: { ends } })
  expect(await ask('PATCH', `${projectUrl(project)}?end_leases=true&dry_run=true`, { project: { enabled: false } })).toMatchObject({
    status: 200,
    body: { project: { enabled: false }, ends },
  })
  expect((await ask('GET', projectUrl(project))).body.project.enabled).toBe(true)
  expect([await statusOf('leases', lease), await statusOf('offers', offered)]).toEqual(['active', 'available'])
  expect((await connections.pool.query('select from identity.ending where project_id = $1', [project.id])).rowCount).toBe(0)
})

test('with its end said they end: rights gone, offers closed, leases that others have from it stay', async () => {
  const project = await makeProject()
  const other = await makeProject()
  const [lease, offered] = [await lend(project), await offer(project)]
  const claimed = await ask('POST', `/lease/v1/offers/${offered}/claim`, { end_time: hours(2) }, other.token)
  expect(claimed.status, JSON.stringify(claimed.body)).toBe(201)
  expect((await ask('DELETE', `${projectUrl(project)}?end_leases=true&dry_run=true`)).body.ends).toMatchObject({ within: 0, granted: 1 })
  expect((await ask('DELETE', `${projectUrl(project)}?end_leases=true`)).status).toBe(204)
  await ended('leases', lease)
  await ended('offers', offered)
  expect(whose(`node-of-${project.name}`)).toBeUndefined()
  expect(whose(`offered-by-${project.name}`)).toBe(other.id)
  expect(await statusOf('leases', claimed.body.uuid)).toBe('active')
  expect((await ask('GET', `/lease/v1/leases/${lease}`)).body.end_record).toMatchObject({ is: 'released' })
  expect(await events('identity.project.holdings_ending', project.id)).toEqual([{ leases: [lease], offers: [offered] }])
  expect((await ask('GET', projectUrl(project))).status).toBe(404)
})

test('what it has lent on ends with it, and is counted before', async () => {
  const project = await makeProject()
  const other = await makeProject()
  const lease = await lend(project)
  const lent = await ask(
    'POST',
    '/lease/v1/leases',
    { resource_type: 'dummy_node', resource_uuid: `node-of-${project.name}`, project_id: other.id, end_time: hours(2) },
    project.token,
  )
  expect(lent.status, JSON.stringify(lent.body)).toBe(201)
  const sublease = lent.body.uuid as string
  await vi.waitFor(async () => expect(await statusOf('leases', sublease)).toBe('active'), { timeout: 20_000 })
  const url = `${projectUrl(project)}?end_leases=true`
  expect((await ask('DELETE', `${url}&dry_run=true`)).body.ends).toMatchObject({ leases: [{ uuid: lease }], within: 1, granted: 0 })
  // Whose it is that has it now: the other's end is not the project's.
  expect((await ask('DELETE', `${projectUrl(other)}`)).status).toBe(409)
  expect((await ask('DELETE', url)).status).toBe(204)
  await ended('leases', sublease)
  await ended('leases', lease)
  expect(whose(`node-of-${project.name}`)).toBeUndefined()
  expect((await ask('DELETE', projectUrl(other))).status).toBe(204)
})

test('disabled and enabled again it leases as before', async () => {
  const project = await makeProject()
  const lease = await lend(project)
  expect((await ask('PATCH', `${projectUrl(project)}?end_leases`, { project: { enabled: false } })).status).toBe(200)
  // Its leases end already: nothing is in the way of deleting it, or of having it back.
  expect((await ask('DELETE', `${projectUrl(project)}?dry_run=true`)).body.dry_run).toMatchObject({ status: 204, rolled_back: true })
  await ended('leases', lease)
  expect((await ask('PATCH', projectUrl(project), { project: { enabled: true } })).status).toBe(200)
  const again = await lend(project)
  expect((await ask('PATCH', projectUrl(project), { project: { name: `${project.name}-renamed` } })).status).toBe(200)
  expect((await ask('DELETE', projectUrl(project))).status).toBe(409)
  expect(await statusOf('leases', again)).toBe('active')
})

test('a domain is asked for all its projects', async () => {
  const made = await ask('POST', '/identity/v3/domains', { domain: { name: 'department' } })
  const domain = made.body.domain as { id: string; name: string }
  const url = `/identity/v3/domains/${domain.id}`
  const [first, second, idle] = [await makeProject(domain.id), await makeProject(domain.id), await makeProject(domain.id)]
  const leases = [await lend(first), await lend(second)]
  const refused = await ask('PATCH', url, { domain: { enabled: false } })
  expect(refused.status).toBe(409)
  expect(refused.body.error.message).toMatch(/^The domain department .* has 2 leases: /)
  // As a project that acts as a domain it is the same domain.
  expect((await ask('PATCH', projectUrl(domain), { project: { enabled: false } })).status).toBe(409)
  expect((await ask('PATCH', `${url}?end_leases=true&dry_run=true`, { domain: { enabled: false } })).body.ends.leases).toHaveLength(2)
  expect((await ask('PATCH', `${url}?end_leases=true`, { domain: { enabled: false } })).status).toBe(200)
  for (const lease of leases) await ended('leases', lease)
  // One that held nothing is looked at too, for a while: a claim of its may have been on its way.
  expect(await events('identity.project.holdings_ending', idle.id)).toEqual([{ leases: [], offers: [] }])
  await vi.waitFor(async () => {
    const { rows } = await connections.pool.query(
      `select extract(epoch from due)::float8 * 1000 as due from kit.work where conductor = 'project' and key = $1`,
      [idle.id],
    )
    expect(rows[0]?.due).toBeGreaterThan(Date.now())
  })
  expect((await ask('DELETE', url)).status).toBe(204)
})

test('a user who is disabled keeps nobody from a lease: it is the project that has it', async () => {
  const project = await makeProject()
  const lease = await lend(project)
  const { users } = (await ask('GET', `/identity/v3/users?name=${project.name}-user`)).body
  expect((await ask('PATCH', `/identity/v3/users/${users[0].id}`, { user: { enabled: false } })).status).toBe(200)
  expect(await statusOf('leases', lease)).toBe('active')
})

test('a server that ends right after it has said yes has lost nothing: the next one ends the leases', async () => {
  const project = await makeProject()
  const lease = await lend(project)
  await site.stop()
  await start(false)
  expect((await ask('DELETE', `${projectUrl(project)}?end_leases=true`)).status).toBe(204)
  await site.stop()
  await start(false)
  expect([await statusOf('leases', lease), whose(`node-of-${project.name}`)]).toEqual(['active', project.id])
  await site.stop()
  await start(true)
  await ended('leases', lease)
  expect(whose(`node-of-${project.name}`)).toBeUndefined()
})
