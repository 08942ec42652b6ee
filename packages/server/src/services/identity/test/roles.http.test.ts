import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, type Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.close())

const roleOf = async (name: string): Promise<string> => (await site.ask('GET', `/v3/roles?name=${name}`)).body.roles[0].id
const names = (answer: { body: any }) => answer.body.roles.map((r: any) => r.name)

describe('roles', () => {
  it('are there from the start, immutable, each with what it implies', async () => {
    const { body } = await site.ask('GET', '/v3/role_inferences')
    expect(body.role_inferences.map((r: any) => [r.prior_role.name, r.implies.map((i: any) => i.name)])).toEqual([
      ['admin', ['manager']],
      ['manager', ['member']],
      ['member', ['reader']],
    ])
    expect((await site.ask('DELETE', `/v3/roles/${await roleOf('member')}`)).status).toBe(403)
    expect((await site.ask('PATCH', `/v3/roles/${await roleOf('member')}`, { role: { name: 'x' } })).status).toBe(403)
  })

  it('are made, renamed and deleted, everybody’s and a domain’s own', async () => {
    const domain = await site.make('domain', { name: 'd' })
    const [own, all] = [await site.make('role', { name: 'cook', domain_id: domain.id }), await site.make('role', { name: 'cook' })]
    expect(all).toEqual({
      id: all.id,
      name: 'cook',
      domain_id: null,
      description: null,
      options: {},
      links: { self: `http://localhost:80/identity/v3/roles/${all.id}` },
    })
    expect((await site.ask('POST', '/v3/roles', { role: { name: 'cook' } })).status).toBe(409)
    expect((await site.ask('POST', '/v3/roles', { role: { name: 'x', domain_id: 'nowhere' } })).status).toBe(404)
    expect((await site.ask('GET', `/v3/roles?domain_id=${domain.id}`)).body.roles.map((r: any) => r.id)).toEqual([own.id])
    expect(names(await site.ask('GET', '/v3/roles'))).toContain('cook')
    expect((await site.ask('PATCH', `/v3/roles/${all.id}`, { role: { name: 'chef' } })).body.role.name).toBe('chef')
    expect((await site.ask('PATCH', `/v3/roles/${own.id}`, { role: { domain_id: null } })).status).toBe(400)
    for (const id of [own.id, all.id]) expect((await site.ask('DELETE', `/v3/roles/${id}`)).status).toBe(204)
  })

  it('imply others', async () => {
    const [a, b] = [(await site.make('role', { name: 'a' })).id, (await site.make('role', { name: 'b' })).id]
    const path = `/v3/roles/${a}/implies/${b}`
    expect((await site.ask('HEAD', path)).status).toBe(404)
    const put = await site.ask('PUT', path)
    expect(put.status).toBe(201)
    expect(put.body.role_inference).toMatchObject({ prior_role: { id: a, name: 'a' }, implies: { id: b, name: 'b' } })
    expect((await site.ask('HEAD', path)).status).toBe(204)
    expect((await site.ask('GET', path)).body).toEqual(put.body)
    expect((await site.ask('GET', `/v3/roles/${a}/implies`)).body.role_inference.implies.map((r: any) => r.id)).toEqual([b])
    expect((await site.ask('PUT', `/v3/roles/${a}/implies/${await roleOf('admin')}`)).status).toBe(403)
    // In a circle they come to an end.
    expect((await site.ask('PUT', `/v3/roles/${b}/implies/${a}`)).status).toBe(201)
    const user = await site.door.ensureUser('circle', 'x')
    await site.door.grant(user, 'a', { project: site.ids.project })
    const { token } = (await site.login('circle', 'x', { project: { id: site.ids.project } })).body
    expect(token.roles.map((r: any) => r.name)).toEqual(['a', 'b'])
    expect((await site.ask('DELETE', path)).status).toBe(204)
    expect((await site.ask('DELETE', path)).status).toBe(404)
  })
})

describe('grants', () => {
  it('are given, looked at and taken, in a project, a domain and the system, to users and groups', async () => {
    const [user, group] = [await site.make('user', { name: 'gu' }), await site.make('group', { name: 'gg' })]
    const role = await roleOf('member')
    for (const place of [`projects/${site.ids.project}`, 'domains/default', 'system'])
      for (const actor of [`users/${user.id}`, `groups/${group.id}`]) {
        const path = `/v3/${place}/${actor}/roles`
        expect((await site.ask('HEAD', `${path}/${role}`)).status, path).toBe(404)
        expect((await site.ask('PUT', `${path}/${role}`)).status, path).toBe(204)
        expect((await site.ask('PUT', `${path}/${role}`)).status, path).toBe(204)
        expect((await site.ask('HEAD', `${path}/${role}`)).status, path).toBe(204)
        expect((await site.ask('GET', `${path}/${role}`)).status, path).toBe(204)
        expect(names(await site.ask('GET', path)), path).toEqual(['member'])
        expect((await site.ask('DELETE', `${path}/${role}`)).status, path).toBe(204)
        expect((await site.ask('DELETE', `${path}/${role}`)).status, path).toBe(404)
        expect(names(await site.ask('GET', path)), path).toEqual([])
      }
    const nowhere = '0'.repeat(32)
    for (const path of [
      `projects/${nowhere}/users/${user.id}/roles/${role}`,
      `projects/${site.ids.project}/users/${nowhere}/roles/${role}`,
      `projects/${site.ids.project}/users/${user.id}/roles/${nowhere}`,
      `domains/${site.ids.project}/users/${user.id}/roles/${role}`,
    ])
      expect((await site.ask('PUT', `/v3/${path}`)).status, path).toBe(404)
  })

  it('that are inherited count below, not where they are given', async () => {
    const top = await site.make('project', { name: 'top' })
    const below = await site.make('project', { name: 'below', parent_id: top.id })
    const deep = await site.make('project', { name: 'deep', parent_id: below.id })
    const user = await site.make('user', { name: 'heir', password: 'x' })
    const path = `/v3/OS-INHERIT/projects/${top.id}/users/${user.id}/roles/${await roleOf('reader')}/inherited_to_projects`
    expect((await site.ask('PUT', path)).status).toBe(204)
    expect((await site.ask('HEAD', path)).status).toBe(204)
    const login = async (project: string) => (await site.login('heir', 'x', { project: { id: project } })).status
    expect([await login(top.id), await login(below.id), await login(deep.id)]).toEqual([401, 201, 201])
    const token = await site.token('heir', 'x', { project: { id: deep.id } })
    expect((await site.request(token, 'GET', '/v3/auth/projects')).body.projects.map((p: any) => p.name)).toEqual(['below', 'deep'])
    const effective = await site.ask('GET', `/v3/role_assignments?effective&user.id=${user.id}`)
    expect(effective.body.role_assignments.map((a: any) => [a.scope.project.id, a.scope['OS-INHERIT:inherited_to']]).toSorted()).toEqual(
      [below.id, deep.id].map(id => [id, 'projects']).toSorted(),
    )
    expect(effective.body.role_assignments[0].links.assignment).toBe(`http://localhost:80/identity${path}`)
    expect((await site.ask('DELETE', path)).status).toBe(204)
    expect(await login(deep.id)).toBe(401)
  })

  it('of a whole domain reach all its projects', async () => {
    const domain = await site.make('domain', { name: 'inherits' })
    const project = await site.make('project', { name: 'p', domain_id: domain.id })
    const user = await site.make('user', { name: 'heir2', password: 'x' })
    const base = `/v3/OS-INHERIT/domains/${domain.id}/users/${user.id}/roles`
    await site.ask('PUT', `${base}/${await roleOf('reader')}/inherited_to_projects`)
    expect(names(await site.ask('GET', `${base}/inherited_to_projects`))).toEqual(['reader'])
    expect((await site.login('heir2', 'x', { project: { id: project.id } })).status).toBe(201)
    expect((await site.login('heir2', 'x', { domain: { id: domain.id } })).status).toBe(401)
  })
})

describe('role assignments', () => {
  it('are listed by what they are about', async () => {
    const project = await site.make('project', { name: 'listed' })
    const child = await site.make('project', { name: 'child', parent_id: project.id })
    const [user, group] = [await site.make('user', { name: 'lu' }), await site.make('group', { name: 'lg' })]
    const [member, reader] = [await roleOf('member'), await roleOf('reader')]
    await site.ask('PUT', `/v3/groups/${group.id}/users/${user.id}`)
    await site.ask('PUT', `/v3/projects/${project.id}/users/${user.id}/roles/${member}`)
    await site.ask('PUT', `/v3/projects/${child.id}/groups/${group.id}/roles/${reader}`)
    await site.ask('PUT', `/v3/system/users/${user.id}/roles/${reader}`)
    const list = async (query: string) => {
      const answer = await site.ask('GET', `/v3/role_assignments?${query}`)
      expect(answer.status, query).toBe(200)
      return answer.body.role_assignments.map(
        (a: any) =>
          `${a.user ? 'user' : 'group'} ${a.role.id === member ? 'member' : 'reader'} ${a.scope.system ? 'system' : a.scope.project.id === project.id ? 'project' : 'child'}`,
      )
    }
    expect(await list(`scope.project.id=${project.id}`)).toEqual(['user member project'])
    expect(await list(`scope.project.id=${project.id}&include_subtree`)).toEqual(
      expect.arrayContaining(['user member project', 'group reader child']),
    )
    expect(await list(`group.id=${group.id}`)).toEqual(['group reader child'])
    expect(await list(`user.id=${user.id}&scope.system=all`)).toEqual(['user reader system'])
    expect(await list(`user.id=${user.id}&role.id=${member}`)).toEqual(['user member project'])
    expect((await list(`user.id=${user.id}&effective`)).toSorted()).toEqual([
      'user member project',
      'user reader child',
      'user reader project',
      'user reader system',
    ])
    expect(await list(`user.id=${user.id}&effective=0`)).toHaveLength(2)
    const named = await site.ask('GET', `/v3/role_assignments?scope.project.id=${child.id}&include_names=True&effective`)
    expect(named.body.role_assignments[0]).toEqual({
      links: {
        assignment: `http://localhost:80/identity/v3/projects/${child.id}/groups/${group.id}/roles/${reader}`,
        membership: `http://localhost:80/identity/v3/groups/${group.id}/users/${user.id}`,
      },
      scope: { project: { id: child.id, name: 'child', domain: { id: 'default', name: 'Default' } } },
      user: { id: user.id, name: 'lu', domain: { id: 'default', name: 'Default' } },
      role: { id: reader, name: 'reader' },
    })
    const implied = await site.ask('GET', `/v3/role_assignments?scope.project.id=${project.id}&role.id=${reader}&effective`)
    expect(implied.body.role_assignments[0].links.prior_role).toBe(`http://localhost:80/identity/v3/prior_role/${reader}/implies/${member}`)
  })

  it.each([
    'user.id=a&group.id=b',
    'scope.project.id=a&scope.domain.id=b',
    'scope.system=all&scope.domain.id=b',
    'effective&group.id=a',
    'effective&scope.domain.id=a&scope.OS-INHERIT:inherited_to=projects',
    'include_subtree',
  ])('asked for by %s are refused', async query => {
    expect((await site.ask('GET', `/v3/role_assignments?${query}`)).status).toBe(400)
  })

  it('are not everybody’s to see', async () => {
    await site.door.ensureUser('curious', 'x')
    const token = await site.token('curious', 'x')
    expect((await site.request(token, 'GET', '/v3/role_assignments')).status).toBe(403)
  })
})

describe('the catalog', () => {
  it('takes services, endpoints and regions of an administrator', async () => {
    const service = await site.make('service', { type: 'object-store', name: 'swift', note: 'x' })
    expect(service).toMatchObject({ type: 'object-store', name: 'swift', enabled: true, note: 'x' })
    const endpoint = await site.make('endpoint', {
      service_id: service.id,
      interface: 'public',
      url: 'https://swift.test/v1/AUTH_$(project_id)s',
      region: 'North',
    })
    expect(endpoint).toMatchObject({ region: 'North', region_id: 'North', enabled: true })
    expect((await site.ask('GET', '/v3/regions/North')).status).toBe(200)
    const shown = async () => {
      const { body } = await site.ask('GET', '/v3/auth/catalog')
      return body.catalog.find((s: any) => s.type === 'object-store')?.endpoints.map((e: any) => [e.url, e.region])
    }
    expect(await shown()).toEqual([[`https://swift.test/v1/AUTH_${site.ids.project}`, 'North']])
    await site.ask('PATCH', `/v3/endpoints/${endpoint.id}`, { endpoint: { enabled: false } })
    expect(await shown()).toEqual([])
    await site.ask('PATCH', `/v3/services/${service.id}`, { service: { enabled: false } })
    expect(await shown()).toBeUndefined()
    expect((await site.ask('GET', `/v3/endpoints?service_id=${service.id}`)).body.endpoints).toHaveLength(1)
    expect((await site.ask('DELETE', '/v3/regions/North')).status).toBe(403)
    expect((await site.ask('DELETE', `/v3/services/${service.id}`)).status).toBe(204)
    expect((await site.ask('GET', `/v3/endpoints/${endpoint.id}`)).status).toBe(404)
    expect((await site.ask('DELETE', '/v3/regions/North')).status).toBe(204)
  })

  it.each([
    ['an unknown service', { service_id: 'x', interface: 'public', url: 'http://x' }],
    ['an unknown interface', { service_id: 'x', interface: 'secret', url: 'http://x' }],
    ['a URL that is none', { service_id: 'x', interface: 'public', url: 'x' }],
    ['an unknown region', { service_id: 'x', interface: 'public', url: 'http://x', region_id: 'nowhere' }],
  ])('refuses an endpoint with %s', async (_, fields) => {
    expect((await site.ask('POST', '/v3/endpoints', { endpoint: fields })).status).toBe(400)
  })

  it('has regions within regions, by identifiers of one’s choice', async () => {
    expect((await site.ask('PUT', '/v3/regions/R1', { region: { description: 'one' } })).status).toBe(201)
    expect((await site.ask('PUT', '/v3/regions/R1', { region: {} })).status).toBe(409)
    expect((await site.ask('PUT', '/v3/regions/R2', { region: { id: 'R3' } })).status).toBe(400)
    await site.make('region', { id: 'R2', parent_region_id: 'R1' })
    expect((await site.make('region', { description: null })).id).toMatch(/^[0-9a-f]{32}$/)
    expect((await site.ask('GET', '/v3/regions?parent_region_id=R1')).body.regions.map((r: any) => r.id)).toEqual(['R2'])
    expect((await site.ask('PATCH', '/v3/regions/R1', { region: { parent_region_id: 'R2' } })).status).toBe(400)
    expect((await site.ask('POST', '/v3/regions', { region: { parent_region_id: 'nowhere' } })).status).toBe(404)
    expect((await site.ask('DELETE', '/v3/regions/R1')).status).toBe(204)
    expect((await site.ask('GET', '/v3/regions/R2')).status).toBe(404)
  })
})
