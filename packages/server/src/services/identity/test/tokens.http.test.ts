import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, PASSWORD, type Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.close())

const inAdmin = { project: { name: 'admin', domain: { name: 'Default' } } }

describe('a login', () => {
  it('gives a token in the form of Keystone', async () => {
    const { status, headers, body } = await site.login('admin', PASSWORD, inAdmin)
    expect(status).toBe(201)
    expect(headers['x-subject-token']).toMatch(/^gAAAA[\w-]{150,250}$/)
    expect(headers['vary']).toBe('X-Auth-Token')
    const { token } = body
    expect(token).toMatchObject({
      methods: ['password'],
      user: { id: site.ids.user, name: 'admin', domain: { id: 'default', name: 'Default' }, password_expires_at: null },
      project: { id: site.ids.project, name: 'admin', domain: { id: 'default', name: 'Default' } },
      is_domain: false,
      issued_at: '2030-01-01T00:00:00.000000Z',
      expires_at: '2030-01-01T01:00:00.000000Z',
    })
    expect(token.audit_ids).toEqual([expect.stringMatching(/^[\w-]{22}$/)])
    expect(token.roles.map((r: any) => r.name)).toEqual(['admin', 'manager', 'member', 'reader'])
    expect(Object.keys(token.roles[0])).toEqual(['id', 'name'])
  })

  it('has a catalog whose addresses follow the host that was called', async () => {
    const { body } = await site.login('admin', PASSWORD, inAdmin)
    const byType = Object.fromEntries(body.token.catalog.map((s: any) => [s.type, s]))
    expect(Object.keys(byType)).toEqual(['baremetal', 'identity', 'volumev3'])
    expect(byType['baremetal'].endpoints.map((e: any) => [e.interface, e.url, e.region_id, e.region])).toEqual([
      ['admin', 'http://localhost:80/baremetal', 'RegionOne', 'RegionOne'],
      ['internal', 'http://localhost:80/baremetal', 'RegionOne', 'RegionOne'],
      ['public', 'http://localhost:80/baremetal', 'RegionOne', 'RegionOne'],
    ])
    expect(byType['volumev3'].endpoints[0].url).toBe(`http://localhost:80/volume/v3/${site.ids.project}`)
    const without = await site.request(undefined, 'POST', '/v3/auth/tokens?nocatalog', {
      auth: {
        identity: { methods: ['password'], password: { user: { id: site.ids.user, password: PASSWORD } } },
        scope: { project: { id: site.ids.project } },
      },
    })
    expect(without.status).toBe(201)
    expect(without.body.token.catalog).toBeUndefined()
  })

  it('goes to the default project without a scope, and to none with "unscoped"', async () => {
    expect((await site.login('admin', PASSWORD)).body.token.project.id).toBe(site.ids.project)
    const { token } = (await site.login('admin', PASSWORD, { unscoped: {} })).body
    expect(token.project).toBeUndefined()
    expect(token.roles).toBeUndefined()
    expect(token.catalog).toBeUndefined()
  })

  it('may be for the system', async () => {
    const { token } = (await site.login('admin', PASSWORD, { system: { all: true } })).body
    expect(token.system).toEqual({ all: true })
    expect(token.roles.map((r: any) => r.name)).toContain('admin')
    expect(token.catalog.map((s: any) => [s.type, s.endpoints.length])).toContainEqual(['volumev3', 0])
  })

  it('is for a domain as a domain only', async () => {
    const role = (await site.ask('GET', '/v3/roles?name=lessee')).body.roles[0].id
    expect((await site.ask('PUT', `/v3/projects/default/users/${site.ids.user}/roles/${role}`)).status).toBe(204)
    expect((await site.login('admin', PASSWORD, { project: { id: 'default' } })).status).toBe(401)
  })

  it('may be for a domain in which one has a role', async () => {
    expect((await site.login('admin', PASSWORD, { domain: { id: 'default' } })).status).toBe(401)
    const [role] = (await site.ask('GET', '/v3/roles?name=reader')).body.roles
    await site.ask('PUT', `/v3/domains/default/users/${site.ids.user}/roles/${role.id}`)
    const { token } = (await site.login('admin', PASSWORD, { domain: { name: 'Default' } })).body
    expect(token.domain).toEqual({ id: 'default', name: 'Default' })
    expect(token.roles.map((r: any) => r.name)).toEqual(['reader'])
  })

  it.each([
    ['a wrong password', { name: 'admin', domain: { id: 'default' }, password: 'wrong' }],
    ['an unknown user', { name: 'nobody', domain: { id: 'default' }, password: PASSWORD }],
    ['an unknown id', { id: '0'.repeat(32), password: PASSWORD }],
    ['an unknown domain', { name: 'admin', domain: { name: 'nowhere' }, password: PASSWORD }],
    ['no password', { name: 'admin', domain: { id: 'default' } }],
  ])('with %s is refused in the same words', async (_, user) => {
    const { status, body } = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['password'], password: { user } } },
    })
    expect(status).toBe(401)
    expect(body).toEqual({ error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' } })
  })

  it.each([
    ['nothing', undefined],
    ['text', '"auth"'],
    ['a list', []],
    ['no methods', { auth: { identity: {} } }],
    ['methods that are no list', { auth: { identity: { methods: 'password' } } }],
    ['a method without its part', { auth: { identity: { methods: ['password'] } } }],
    [
      'an unknown method without its part',
      { auth: { identity: { methods: ['password', 'other'], password: { user: { id: 'x', password: 'y' } } } } },
    ],
    ['an id that is null', { auth: { identity: { methods: ['password'], password: { user: { id: null, password: 'y' } } } } }],
    ['a password that is no text', { auth: { identity: { methods: ['password'], password: { user: { id: 'x', password: 7 } } } } }],
    ['a name without a domain', { auth: { identity: { methods: ['password'], password: { user: { name: 'x', password: 'y' } } } } }],
    ['U+0000', { auth: { identity: { methods: ['password'], password: { user: { id: 'x\u0000', password: 'y' } } } } }],
  ])('with %s is malformed', async (_, body) => {
    expect((await site.request(undefined, 'POST', '/v3/auth/tokens', body)).status).toBe(400)
  })

  it('by a method that is not known is told which are', async () => {
    const { status, body } = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['other'], other: {} } },
    })
    expect(status).toBe(401)
    expect(body.error.identity).toEqual({ methods: ['application_credential', 'oauth1', 'password', 'token', 'totp'] })
  })

  it.each([
    ['two scopes', { project: { id: 'x' }, domain: { id: 'default' } }],
    ['none of the scopes', { planet: {} }],
    ['a project by name without its domain', { project: { name: 'admin' } }],
  ])('for %s is malformed', async (_, scope) => {
    expect((await site.login('admin', PASSWORD, scope)).status).toBe(400)
  })

  it('nested beyond all measure is malformed', async () => {
    const deep = `{"auth":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_001)}`
    expect((await site.request(undefined, 'POST', '/v3/auth/tokens', deep)).status).toBe(400)
    expect((await site.request(undefined, 'POST', '/v3/auth/tokens', `{"auth":"${'a'.repeat(200_000)}"}`)).status).toBe(413)
  })

  it('by an unknown method is refused', async () => {
    const { status } = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['kerberos'], kerberos: {} } },
    })
    expect(status).toBe(401)
  })
})

describe('a token', () => {
  const validate = (subject: string, asker = site.admin, method = 'GET', more: Record<string, string> = {}) =>
    site.request(asker, method, '/v3/auth/tokens', undefined, { 'x-subject-token': subject, ...more })

  it('is shown as it was issued, and HEAD shows no body', async () => {
    const made = await site.login('admin', PASSWORD, inAdmin)
    const subject = made.headers['x-subject-token']!
    const shown = await validate(subject)
    expect(shown.status).toBe(200)
    expect(shown.body).toEqual(made.body)
    expect(shown.headers['x-subject-token']).toBe(subject)
    const head = await validate(subject, site.admin, 'HEAD')
    expect([head.status, head.body]).toEqual([200, undefined])
  })

  it('that is no good is not found', async () => {
    expect((await validate('rubbish')).status).toBe(404)
    expect((await validate('')).status).toBe(404)
    expect((await site.request('rubbish', 'GET', '/v3/projects')).status).toBe(401)
    expect((await site.request(undefined, 'GET', '/v3/projects')).status).toBe(401)
  })

  it('with any letter changed is no good', async () => {
    const good = await site.token('admin', PASSWORD, inAdmin)
    for (let at = 0; at < good.length; at++) {
      const other = good[at] === 'A' ? 'B' : 'A'
      const tampered = good.slice(0, at) + other + good.slice(at + 1)
      expect(await site.door.authenticate(tampered), `letter ${at}`).toBeUndefined()
    }
    for (const other of [good.slice(0, -1), `${good}A`, good.slice(10), `${good}=====`, good.repeat(3)])
      expect(await site.door.authenticate(other)).toBeUndefined()
    expect((await site.door.authenticate(good))?.user.name).toBe('admin')
  })

  it('becomes another by the method token: same end, same chain, both methods', async () => {
    const first = await site.login('admin', PASSWORD, { unscoped: {} })
    await site.clock.advance(60_000)
    const second = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['token'], token: { id: first.headers['x-subject-token'] } }, scope: inAdmin },
    })
    expect(second.status).toBe(201)
    expect(second.body.token.expires_at).toBe(first.body.token.expires_at)
    expect(second.body.token.audit_ids[1]).toBe(first.body.token.audit_ids[0])
    expect(second.body.token.methods.toSorted()).toEqual(['password', 'token'])
    expect(second.body.token.project.id).toBe(site.ids.project)
    const garbage = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['token'], token: { id: 'rubbish' } } },
    })
    expect(garbage.status).toBe(404)
  })

  it('for the system does not become one for a project', async () => {
    const system = await site.token('admin', PASSWORD, { system: { all: true } })
    const { status } = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['token'], token: { id: system } }, scope: inAdmin },
    })
    expect(status).toBe(403)
  })

  it('ends on time, and is shown a while longer to those who ask for that', async () => {
    const short = await site.token('admin', PASSWORD, inAdmin)
    await site.clock.advance(3_599_000)
    expect(await site.door.authenticate(short)).toBeDefined()
    await site.clock.advance(1_000)
    expect(await site.door.authenticate(short)).toBeUndefined()
    const fresh = await site.token('admin', PASSWORD, inAdmin)
    expect((await validate(short, fresh)).status).toBe(404)
    const late = await site.request(fresh, 'GET', '/v3/auth/tokens?allow_expired=1', undefined, { 'x-subject-token': short })
    expect(late.status).toBe(200)
  })

  it('of somebody else is shown to administrators only', async () => {
    const admin = await site.token('admin', PASSWORD, inAdmin)
    await site.door.ensureUser('plain', 'plain')
    const plain = await site.token('plain', 'plain')
    expect((await validate(admin, plain)).status).toBe(403)
    expect((await validate(plain, plain)).status).toBe(200)
    expect((await validate(plain, admin)).status).toBe(200)
  })
})

describe('what a token opens', () => {
  it('lists projects, domains and the system', async () => {
    const admin = await site.token('admin', PASSWORD, inAdmin)
    const projects = await site.request(admin, 'GET', '/v3/auth/projects')
    expect(projects.body.projects.map((p: any) => [p.name, p.links.self])).toEqual([
      ['admin', `http://localhost:80/identity/v3/projects/${site.ids.project}`],
    ])
    expect((await site.request(admin, 'GET', '/v3/auth/domains')).body.domains.map((d: any) => d.id)).toEqual(['default'])
    expect((await site.request(admin, 'GET', '/v3/auth/system')).body.system).toEqual([{ all: true }])
    expect((await site.request(admin, 'GET', '/v3/auth/catalog')).body.catalog.length).toBe(3)
  })
})

describe('version documents', () => {
  it('lead to where the client called', async () => {
    const root = await site.request(undefined, 'GET', '', undefined, { host: 'cloud.test:8080' })
    expect(root.status).toBe(300)
    expect(root.body.versions.values[0]).toMatchObject({
      id: 'v3.14',
      status: 'stable',
      links: [{ rel: 'self', href: 'http://cloud.test:8080/identity/v3/' }],
    })
    for (const path of ['/v3', '/v3/']) {
      const v3 = await site.request(undefined, 'GET', path)
      expect([v3.status, v3.body.version.links[0].href]).toEqual([200, 'http://localhost:80/identity/v3/'])
    }
    // A stale token does not stop anybody from finding the way.
    expect((await site.request('rubbish', 'GET', '/v3')).status).toBe(200)
  })
})
