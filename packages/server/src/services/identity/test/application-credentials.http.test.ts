import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, type Site } from './site.ts'

let site: Site
let user: string
let project: string
let other: string
let token: string
beforeAll(async () => {
  site = await openSite()
  project = await site.door.ensureProject('work')
  other = await site.door.ensureProject('other work')
  user = await site.door.ensureUser('worker', 'x', { defaultProject: project })
  for (const id of [project, other]) await site.door.grant(user, 'member', { project: id })
  token = await site.token('worker', 'x')
}, 60_000)
afterAll(() => site.close())

const path = () => `/v3/users/${user}/application_credentials`
const make = (fields: Record<string, unknown>, by = token) => site.request(by, 'POST', path(), { application_credential: fields })
const made = async (fields: Record<string, unknown>, by = token) => {
  const answer = await make(fields, by)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body.application_credential
}
const login = (credential: Record<string, unknown>, scope?: unknown) =>
  site.request(undefined, 'POST', '/v3/auth/tokens', {
    auth: {
      identity: { methods: ['application_credential'], application_credential: credential },
      ...(scope === undefined ? {} : { scope }),
    },
  })
const tokenOf = async (c: { id: string; secret: string }): Promise<string> => {
  const answer = await login({ id: c.id, secret: c.secret })
  expect(answer.status).toBe(201)
  return answer.headers['x-subject-token']!
}

describe('an application credential', () => {
  it('is made with what the token has, and tells its secret once', async () => {
    const c = await made({ name: 'ci', description: 'builds' })
    expect(c).toMatchObject({
      name: 'ci',
      description: 'builds',
      project_id: project,
      user_id: user,
      unrestricted: false,
      expires_at: null,
      secret: expect.stringMatching(/^[\w-]{86}$/),
      links: { self: `http://localhost:80/identity${path()}/${c.id}` },
    })
    expect(c.roles.map((r: any) => r.name)).toEqual(['member', 'reader'])
    const shown = await site.request(token, 'GET', `${path()}/${c.id}`)
    expect(shown.body.application_credential.secret).toBeUndefined()
    expect((await site.request(token, 'GET', `${path()}?name=ci`)).body.application_credentials.map((x: any) => x.id)).toEqual([c.id])
    expect((await make({ name: 'ci' })).status).toBe(409)
    expect(JSON.stringify((await site.connections.pool.query('select * from identity.application_credential')).rows)).not.toContain(
      c.secret,
    )
  })

  it('logs in by id, and by name with its user', async () => {
    const c = await made({ name: 'login', secret: 'of my own' })
    const byId = await login({ id: c.id, secret: 'of my own' })
    expect(byId.status).toBe(201)
    expect(byId.body.token).toMatchObject({
      methods: ['application_credential'],
      user: { id: user },
      project: { id: project },
      application_credential: { id: c.id, name: 'login', restricted: true },
    })
    const byName = await login({ name: 'login', secret: 'of my own', user: { name: 'worker', domain: { id: 'default' } } })
    expect(byName.status).toBe(201)
    const words = new Set<string>()
    for (const bad of [
      { id: c.id, secret: 'wrong' },
      { id: '0'.repeat(32), secret: 'of my own' },
      { name: 'login', secret: 'of my own', user: { id: site.ids.user } },
      { name: 'nothing', secret: 'of my own', user: { id: user } },
    ]) {
      const answer = await login(bad)
      expect(answer.status).toBe(401)
      words.add(answer.body.error.message)
    }
    expect(words.size).toBe(1)
    expect((await login({ id: c.id })).status).toBe(400)
    // Whoever names another user is still the owner of the credential.
    const named = await login({ id: c.id, secret: 'of my own', user: { id: site.ids.user } })
    expect(named.body.token.user.id).toBe(user)
  })

  it('has no other scope than its own, neither at its login nor by its token', async () => {
    const c = await made({ name: 'scoped' })
    expect((await login({ id: c.id, secret: c.secret }, { project: { id: other } })).status).toBe(401)
    const stolen = await tokenOf(c)
    for (const scope of [{ project: { id: other } }, { project: { id: project } }, { domain: { id: 'default' } }, { unscoped: {} }]) {
      const again = await site.request(undefined, 'POST', '/v3/auth/tokens', {
        auth: { identity: { methods: ['token'], token: { id: stolen } }, scope },
      })
      expect(again.status).toBe(403)
    }
    const same = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['token'], token: { id: stolen } } },
    })
    expect(same.status).toBe(403)
  })

  it('that is restricted makes and ends no other; an unrestricted one does', async () => {
    const restricted = await tokenOf(await made({ name: 'restricted' }))
    expect((await make({ name: 'child' }, restricted)).status).toBe(403)
    const victim = await made({ name: 'victim' })
    expect((await site.request(restricted, 'DELETE', `${path()}/${victim.id}`)).status).toBe(403)
    const free = await tokenOf(await made({ name: 'free', unrestricted: true }))
    expect((await make({ name: 'child' }, free)).status).toBe(201)
    expect((await site.request(free, 'DELETE', `${path()}/${victim.id}`)).status).toBe(204)
  })

  it('has only roles of the token, with what they imply', async () => {
    const c = await made({ name: 'reads', roles: [{ name: 'reader' }] })
    expect((await login({ id: c.id, secret: c.secret })).body.token.roles.map((r: any) => r.name)).toEqual(['reader'])
    expect((await made({ name: 'works', roles: [{ name: 'member' }] })).roles.map((r: any) => r.name)).toEqual(['member', 'reader'])
    expect((await make({ name: 'rules', roles: [{ name: 'admin' }] })).status).toBe(400)
    const weak = await tokenOf(await made({ name: 'weak', unrestricted: true, roles: [{ name: 'reader' }] }))
    expect((await make({ name: 'strong', roles: [{ name: 'member' }] }, weak)).status).toBe(400)
  })

  it('ends on time, its tokens with it', async () => {
    const c = await made({ name: 'short', expires_at: '2030-01-01T00:30:00.000000' })
    expect(c.expires_at).toBe('2030-01-01T00:30:00')
    const answer = await login({ id: c.id, secret: c.secret })
    expect(answer.body.token.expires_at).toBe('2030-01-01T00:30:00.000000Z')
    const late = await openSite({ beside: site })
    await site.clock.advance(1_800_000)
    expect(await site.door.authenticate(answer.headers['x-subject-token']!)).toBeUndefined()
    expect((await login({ id: c.id, secret: c.secret })).status).toBe(401)
    await late.close()
  })

  it('is nobody else’s, and its user’s end is its end', async () => {
    const stranger = await site.door.ensureUser('stranger', 'x', { defaultProject: project })
    await site.door.grant(stranger, 'member', { project })
    const theirs = await site.token('stranger', 'x')
    const c = await made({ name: 'mine' })
    expect((await site.request(theirs, 'GET', path())).status).toBe(403)
    expect((await make({ name: 'x' }, theirs)).status).toBe(403)
    // The path names the stranger, the credential is another's: for the stranger there is none.
    expect((await site.request(theirs, 'GET', `/v3/users/${stranger}/application_credentials/${c.id}`)).status).toBe(404)
    expect((await site.request(theirs, 'DELETE', `/v3/users/${stranger}/application_credentials/${c.id}`)).status).toBe(404)
    const lives = await tokenOf(c)
    await site.ask('PATCH', `/v3/users/${user}`, { user: { enabled: false } })
    await site.ask('PATCH', `/v3/users/${user}`, { user: { enabled: true } })
    expect(await site.door.authenticate(lives)).toBeUndefined()
    expect((await login({ id: c.id, secret: c.secret })).status).toBe(401)
    token = await site.token('worker', 'x')
  })

  it('goes when a role of its project is taken from its user', async () => {
    const c = await made({ name: 'follows' })
    const lives = await tokenOf(c)
    const member = (await site.ask('GET', '/v3/roles?name=member')).body.roles[0].id
    await site.ask('DELETE', `/v3/projects/${project}/users/${user}/roles/${member}`)
    expect(await site.door.authenticate(lives)).toBeUndefined()
    await site.ask('PUT', `/v3/projects/${project}/users/${user}/roles/${member}`)
    expect((await login({ id: c.id, secret: c.secret })).status).toBe(401)
    token = await site.token('worker', 'x')
  })
})

describe('access rules', () => {
  it('let a token do what they say and nothing else', async () => {
    const c = await made({
      name: 'ruled',
      access_rules: [
        { service: 'identity', method: 'GET', path: '/v3/projects/*' },
        { service: 'baremetal', method: 'POST', path: '/v1/nodes' },
      ],
    })
    expect(c.access_rules.map((r: any) => [r.service, r.method, r.path])).toEqual([
      ['baremetal', 'POST', '/v1/nodes'],
      ['identity', 'GET', '/v3/projects/*'],
    ])
    const ruled = await tokenOf(c)
    expect(await site.door.authenticate(ruled)).toBeUndefined()
    expect(await site.door.authenticate(ruled, { prefix: '/baremetal', method: 'POST', path: '/v1/nodes' })).toBeDefined()
    expect(await site.door.authenticate(ruled, { prefix: '/baremetal', method: 'GET', path: '/v1/nodes' })).toBeUndefined()
    expect(await site.door.authenticate(ruled, { prefix: '/baremetal', method: 'POST', path: '/v1/nodes/x' })).toBeUndefined()
    expect((await site.request(ruled, 'GET', `/v3/projects/${project}`)).status).toBe(200)
    expect((await site.request(ruled, 'GET', '/v3/auth/projects')).status).toBe(401)
    // Those who ask about it must say that they understand rules.
    const subject = { 'x-subject-token': ruled }
    expect((await site.request(site.admin, 'GET', '/v3/auth/tokens', undefined, subject)).status).toBe(404)
    const told = await site.request(site.admin, 'GET', '/v3/auth/tokens', undefined, {
      ...subject,
      'openstack-identity-access-rules': '1.0',
    })
    expect(told.body.token.application_credential.access_rules).toHaveLength(2)
  })

  it('are kept once for a user, shown, and deleted when no credential names them', async () => {
    const rule = { service: 'image', method: 'GET', path: '/v2/images' }
    const [one, two] = [await made({ name: 'r1', access_rules: [rule] }), await made({ name: 'r2', access_rules: [rule] })]
    const id = one.access_rules[0].id
    expect(two.access_rules[0].id).toBe(id)
    const rules = `/v3/users/${user}/access_rules`
    expect((await site.request(token, 'GET', `${rules}?service=image`)).body.access_rules.map((r: any) => r.id)).toEqual([id])
    expect((await site.request(token, 'GET', `${rules}/${id}`)).body.access_rule).toMatchObject(rule)
    expect((await site.request(token, 'DELETE', `${rules}/${id}`)).status).toBe(403)
    for (const c of [one, two]) await site.request(token, 'DELETE', `${path()}/${c.id}`)
    expect((await site.request(token, 'DELETE', `${rules}/${id}`)).status).toBe(204)
    expect((await site.request(token, 'GET', `${rules}/${id}`)).status).toBe(404)
  })

  it.each([
    ['no service', { method: 'GET', path: '/x' }],
    ['an unknown method', { service: 'image', method: 'BREW', path: '/x' }],
    ['a path that is none', { service: 'image', method: 'GET', path: 'x' }],
    ['an unknown id', { id: 'x' }],
  ])('with %s are refused', async (_, rule) => {
    expect((await make({ name: 'bad', access_rules: [rule] })).status).toBe(400)
  })
})
