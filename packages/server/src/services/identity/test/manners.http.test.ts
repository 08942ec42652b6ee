import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { openSite, type Site } from './site.ts'

// What Keystone's clients meet at the edges: bodies, filters, links and what one thing drags along.

const clock = fakeClock()
let site: Site
let roles: Record<string, string>
beforeAll(async () => {
  site = await openSite({ clock })
  roles = Object.fromEntries((await site.ask('GET', '/v3/roles')).body.roles.map((r: any) => [r.name, r.id]))
}, 60_000)
afterAll(() => site.close())

let count = 0
const fresh = (word: string) => `${word}${++count}`
const project = (more: object = {}) => site.make('project', { name: fresh('project'), ...more })
const user = (more: object = {}) => site.make('user', { name: fresh('user'), password: 'pw', ...more })
const put = async (path: string, body?: object) => (await site.ask('PUT', path, body)).status
const get = async (path: string) => (await site.ask('GET', path)).body
const patch = async (path: string, body: object) => (await site.ask('PATCH', path, body)).status

describe('a body', () => {
  it('may have an identifier that is not for it to choose, and hyphens in names', async () => {
    const made = await user({ id: 'mine', 'favourite-colour': 'blue' })
    expect(made.id).toMatch(/^[0-9a-f]{32}$/)
    expect(made.favourite_colour).toBe('blue')
    expect('favourite-colour' in made).toBe(false)
    await patch(`/v3/users/${made.id}`, { user: { 'favourite-colour': 'red' } })
    expect((await get(`/v3/users/${made.id}`)).user.favourite_colour).toBe('red')
  })

  it('that changes nothing is a mistake, but for limits', async () => {
    const [someone, place, service] = [await user(), await project(), await site.make('service', { type: fresh('type') })]
    const region = await site.make('region', { id: fresh('region') })
    for (const [path, what] of [
      [`/v3/users/${someone.id}`, 'user'],
      [`/v3/projects/${place.id}`, 'project'],
      ['/v3/domains/default', 'domain'],
      [`/v3/services/${service.id}`, 'service'],
      [`/v3/regions/${region.id}`, 'region'],
    ] as const)
      expect(await patch(path, { [what]: {} }), what).toBe(400)
    const registered = (
      await site.ask('POST', '/v3/registered_limits', {
        registered_limits: [{ service_id: service.id, resource_name: 'things', default_limit: 1 }],
      })
    ).body.registered_limits[0]
    expect(await patch(`/v3/registered_limits/${registered.id}`, { registered_limit: {} })).toBe(200)
  })

  it('may say that there is no description', async () => {
    expect((await project({ description: null })).description).toBe(null)
    expect((await project()).description).toBe('')
    expect((await site.make('group', { name: fresh('group'), description: null })).description).toBe(null)
    expect((await site.make('domain', { name: fresh('domain'), description: null })).description).toBe(null)
  })

  it('is needed where something is made under a name in the path, but for a consumer', async () => {
    expect(await put(`/v3/regions/${fresh('region')}`)).toBe(400)
    expect(await put(`/v3/regions/${fresh('region')}`, {})).toBe(400)
    expect((await site.ask('POST', '/v3/OS-OAUTH1/consumers', {})).status).toBe(201)
    expect((await site.ask('POST', '/v3/ec2tokens', {})).status).toBe(400)
  })
})

describe('what is immutable', () => {
  it('is made mutable alone, not along with a change', async () => {
    const { id } = await project({ options: { immutable: true } })
    expect(await patch(`/v3/projects/${id}`, { project: { options: { immutable: false }, description: 'x' } })).toBe(403)
    expect(await patch(`/v3/projects/${id}`, { project: { options: { immutable: null } } })).toBe(200)
    expect(await patch(`/v3/projects/${id}`, { project: { description: 'x' } })).toBe(200)
  })
})

describe('a list', () => {
  it('passes over a comparison that it does not know, and finds nothing by a word that is none', async () => {
    const { name } = await user()
    expect((await get(`/v3/users?name__resembles=x&name=${name}`)).users).toHaveLength(1)
    expect((await get('/v3/endpoints?interface=nowhere')).endpoints).toEqual([])
  })

  it('of trusts links to itself with its filters', async () => {
    const { id } = await user()
    const { links } = await get(`/v3/OS-TRUST/trusts?trustor_user_id=${id}`)
    expect(links.self).toMatch(new RegExp(`/v3/OS-TRUST/trusts\\?trustor_user_id=${id}$`))
  })

  it('of users is narrowed by where they come from', async () => {
    await user()
    for (const key of ['idp_id', 'protocol_id', 'unique_id']) expect((await get(`/v3/users?${key}=none`)).users, key).toEqual([])
  })

  it("of a user's projects takes the filters of projects, and shows the disabled ones", async () => {
    const [{ id }, one, two, off] = [await user(), await project(), await project({ description: 'the second' }), await project()]
    for (const place of [one, two, off]) expect(await put(`/v3/projects/${place.id}/users/${id}/roles/${roles['member']}`)).toBe(204)
    await patch(`/v3/projects/${off.id}`, { project: { enabled: false } })
    const names = async (query: string) => (await get(`/v3/users/${id}/projects${query}`)).projects.map((p: any) => p.name)
    expect(await names('')).toEqual([one.name, two.name, off.name])
    expect(await names('?enabled=true')).toEqual([one.name, two.name])
    expect(await names('?enabled=false')).toEqual([off.name])
    expect(await names(`?name=${two.name}`)).toEqual([two.name])
    expect(await names(`?name__startswith=${one.name}`)).toEqual([one.name])
    expect(await names('?domain_id=none')).toEqual([])
    const first = await get(`/v3/users/${id}/projects?limit=2`)
    expect(first.projects).toHaveLength(2)
    const rest = await site.request(
      site.admin,
      'GET',
      new URL(first.links.next).pathname.replace('/identity', '') + new URL(first.links.next).search,
    )
    expect(rest.body.projects.map((p: any) => p.name)).toEqual([off.name])
  })

  it("of a user's groups tells when a membership ends", async () => {
    const [{ id }, group] = [await user(), await site.make('group', { name: fresh('group') })]
    await put(`/v3/groups/${group.id}/users/${id}`)
    expect((await get(`/v3/users/${id}/groups`)).groups).toMatchObject([{ id: group.id, membership_expires_at: null }])
  })
})

describe('a role of a domain', () => {
  it('is for projects of that domain only, and not for the system', async () => {
    const domain = (await site.make('domain', { name: fresh('domain') })).id
    const role = (await site.make('role', { name: fresh('role'), domain_id: domain })).id
    const [{ id }, group] = [await user(), (await site.make('group', { name: fresh('group') })).id]
    const [inside, outside] = [await project({ domain_id: domain }), await project()]
    for (const actor of [`users/${id}`, `groups/${group}`]) {
      expect(await put(`/v3/projects/${inside.id}/${actor}/roles/${role}`)).toBe(204)
      expect(await put(`/v3/projects/${outside.id}/${actor}/roles/${role}`)).toBe(403)
      expect(await put(`/v3/OS-INHERIT/projects/${outside.id}/${actor}/roles/${role}/inherited_to_projects`)).toBe(403)
      expect(await put(`/v3/system/${actor}/roles/${role}`)).toBe(400)
    }
    expect((await get(`/v3/role_assignments?role.id=${role}`)).role_assignments).toHaveLength(2)
  })

  it('is implied by another once', async () => {
    const [one, two] = [await site.make('role', { name: fresh('role') }), await site.make('role', { name: fresh('role') })]
    expect(await put(`/v3/roles/${one.id}/implies/${two.id}`)).toBe(201)
    expect(await put(`/v3/roles/${one.id}/implies/${two.id}`)).toBe(409)
  })
})

describe('projects above and below', () => {
  it('are shown as far as somebody has a role there, with their limits on demand', async () => {
    const top = await project()
    const middle = await project({ parent_id: top.id })
    const leaf = await project({ parent_id: middle.id })
    const { id, name } = await user()
    for (const place of [top, leaf]) await put(`/v3/projects/${place.id}/users/${id}/roles/${roles['reader']}`)
    const service = (await site.make('service', { type: fresh('type') })).id
    await site.ask('POST', '/v3/registered_limits', {
      registered_limits: [{ service_id: service, resource_name: 'things', default_limit: 1 }],
    })
    await site.ask('POST', '/v3/limits', {
      limits: [{ service_id: service, project_id: top.id, resource_name: 'things', resource_limit: 7 }],
    })
    const token = await site.token(name, 'pw', { project: { id: leaf.id } })
    const above = async (query: string) => (await site.request(token, 'GET', `/v3/projects/${leaf.id}?${query}`)).body.project.parents
    expect((await above('parents_as_list')).map((p: any) => [p.project.id, 'limits' in p.project])).toEqual([[top.id, false]])
    expect((await above('parents_as_list&include_limits')).map((p: any) => p.project.limits)).toMatchObject([
      [{ project_id: top.id, domain_id: null, service_id: service, region_id: null, resource_name: 'things', resource_limit: 7 }],
    ])
    const all = (await get(`/v3/projects/${top.id}?subtree_as_list&include_limits`)).project.subtree
    expect(all.map((p: any) => [p.project.id, p.project.limits])).toEqual([
      [middle.id, []],
      [leaf.id, []],
    ])
  })
})

describe('the catalog', () => {
  it('takes no URL with a word in it that nobody can fill in', async () => {
    const service_id = (await site.make('service', { type: fresh('type') })).id
    const made = async (url: string) =>
      (await site.ask('POST', '/v3/endpoints', { endpoint: { interface: 'public', service_id, url } })).status
    expect(await made('http://h/%(project_id)s')).toBe(201)
    for (const url of ['http://h/%(nope)s', 'http://h/$(nope)s', 'http://h/%(project_id)', 'http://h/%(project_id)d'])
      expect(await made(url), url).toBe(400)
  })

  it('lets a service go with its limits, and a region not while something is limited there', async () => {
    const region = (await site.make('region', { id: fresh('region') })).id
    const [service, place] = [(await site.make('service', { type: fresh('type') })).id, await project()]
    const limits = await site.ask('POST', '/v3/registered_limits', {
      registered_limits: [{ service_id: service, region_id: region, resource_name: 'things', default_limit: 1 }],
    })
    const limit = await site.ask('POST', '/v3/limits', {
      limits: [{ service_id: service, region_id: region, project_id: place.id, resource_name: 'things', resource_limit: 2 }],
    })
    expect([limits.status, limit.status]).toEqual([201, 201])
    expect((await site.ask('DELETE', `/v3/regions/${region}`)).status).toBe(403)
    expect((await site.ask('DELETE', `/v3/services/${service}`)).status).toBe(204)
    expect((await site.ask('GET', `/v3/limits/${limit.body.limits[0].id}`)).status).toBe(404)
    expect((await site.ask('GET', `/v3/registered_limits/${limits.body.registered_limits[0].id}`)).status).toBe(404)
    expect((await site.ask('DELETE', `/v3/regions/${region}`)).status).toBe(204)
  })

  it('has no endpoint groups of a project that is not there', async () => {
    expect((await site.ask('GET', '/v3/OS-EP-FILTER/projects/none/endpoint_groups')).status).toBe(404)
  })
})

describe('a program', () => {
  it('gets no login that has ended already, nor one with rules of other words', async () => {
    const make = async (more: object) =>
      (
        await site.request(site.admin, 'POST', `/v3/users/${site.ids.user}/application_credentials`, {
          application_credential: { name: fresh('program'), ...more },
        })
      ).status
    expect(await make({ expires_at: '2029-12-31T23:59:59' })).toBe(400)
    expect(await make({ expires_at: clock.now() })).toBe(400)
    expect(await make({ expires_at: '2030-01-01T00:00:01' })).toBe(201)
    const rule = { service: 'identity', path: '/v3/users', method: 'GET' }
    expect(await make({ access_rules: [{ ...rule, verb: 'GET' }] })).toBe(400)
    expect(await make({ access_rules: [rule] })).toBe(201)
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ ...rule, path: `/v3/users/${i}` }))
    expect(await make({ access_rules: many(251) })).toBe(400)
    expect(await make({ access_rules: many(250) })).toBe(201)
  })
})

describe('federation', () => {
  it('has no change of a protocol that changes nothing', async () => {
    const [idp, mapping] = [fresh('idp'), fresh('mapping')]
    const rules = [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'sub' }] }]
    await put(`/v3/OS-FEDERATION/mappings/${mapping}`, { mapping: { rules } })
    await put(`/v3/OS-FEDERATION/identity_providers/${idp}`, { identity_provider: {} })
    const path = `/v3/OS-FEDERATION/identity_providers/${idp}/protocols/openid`
    expect(await put(path, { protocol: { mapping_id: mapping } })).toBe(201)
    expect(await patch(path, { protocol: {} })).toBe(400)
    expect(await patch(path, { protocol: { mapping_id: mapping } })).toBe(200)
  })

  it('makes a provider of nothing but nulls, and takes no clouds without a URL', async () => {
    const at = '/v3/OS-FEDERATION'
    const made = await site.ask('PUT', `${at}/identity_providers/${fresh('idp')}`, {
      identity_provider: { domain_id: null, remote_ids: null },
    })
    expect([made.status, made.body.identity_provider.remote_ids]).toEqual([201, []])
    expect(made.body.identity_provider.domain_id).toMatch(/^[0-9a-f]{32}$/)
    const cloud = { auth_url: 'https://a.test/x', sp_url: 'https://a.test/y' }
    expect(await put(`${at}/service_providers/${fresh('cloud')}`, { service_provider: { ...cloud, sp_url: 'y' } })).toBe(400)
  })

  it('is told of in tokens: the clouds that believe them, while they are enabled', async () => {
    const cloud = fresh('cloud')
    const path = `/v3/OS-FEDERATION/service_providers/${cloud}`
    const told = async () => (await site.login('admin', 'a password')).body.token.service_providers
    expect(await told()).toBeUndefined()
    await put(path, { service_provider: { auth_url: 'https://a.test/x', sp_url: 'https://a.test/y', enabled: true } })
    expect(await told()).toEqual([{ id: cloud, auth_url: 'https://a.test/x', sp_url: 'https://a.test/y' }])
    await patch(path, { service_provider: { enabled: false } })
    expect(await told()).toBeUndefined()
  })

  it('has the older names of where one may log in', async () => {
    for (const what of ['projects', 'domains']) {
      const [old, now] = [await get(`/v3/OS-FEDERATION/${what}`), await get(`/v3/auth/${what}`)]
      expect(old[what]).toEqual(now[what])
      expect(old.links.self).toMatch(new RegExp(`/v3/OS-FEDERATION/${what}$`))
    }
  })
})

it('tokens are no signed documents any more', async () => {
  const status = async (path: string) => (await site.request(undefined, 'GET', path)).status
  expect(await status('/v3/auth/tokens/OS-PKI/revoked')).toBe(403)
  expect(await status('/v3/OS-SIMPLE-CERT/ca')).toBe(410)
  expect(await status('/v3/OS-SIMPLE-CERT/certificates')).toBe(410)
})
