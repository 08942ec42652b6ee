import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, PASSWORD, type Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.close())

const HEX = /^[0-9a-f]{32}$/

describe('a project', () => {
  it('is made, shown, changed and deleted as in Keystone', async () => {
    const made = await site.ask('POST', '/v3/projects', { project: { name: ' blue ', description: 'first', colour: 'blue' } })
    expect(made.status).toBe(201)
    const { project } = made.body
    expect(project).toEqual({
      id: expect.stringMatching(HEX),
      name: 'blue',
      domain_id: 'default',
      description: 'first',
      enabled: true,
      parent_id: 'default',
      is_domain: false,
      tags: [],
      options: {},
      colour: 'blue',
      links: { self: `http://localhost:80/identity/v3/projects/${project.id}` },
    })
    expect((await site.ask('GET', `/v3/projects/${project.id}`)).body).toEqual({ project })
    expect((await site.ask('HEAD', `/v3/projects/${project.id}`)).status).toBe(200)
    const changed = await site.ask('PATCH', `/v3/projects/${project.id}`, { project: { description: 'second', colour: 'green', size: 3 } })
    expect(changed.body.project).toEqual({ ...project, description: 'second', colour: 'green', size: 3 })
    const listed = await site.ask('GET', '/v3/projects?name=blue')
    expect(listed.body.projects).toEqual([changed.body.project])
    expect(listed.body.links).toEqual({ next: null, self: 'http://localhost:80/identity/v3/projects?name=blue', previous: null })
    expect((await site.ask('DELETE', `/v3/projects/${project.id}`)).status).toBe(204)
    expect((await site.ask('GET', `/v3/projects/${project.id}`)).body.error).toEqual({
      code: 404,
      message: `Could not find project: ${project.id}.`,
      title: 'Not Found',
    })
  })

  it('has a name of its own in its domain, kept by the database', async () => {
    const races = await Promise.all(Array.from({ length: 5 }, () => site.ask('POST', '/v3/projects', { project: { name: 'once' } })))
    expect(races.map(r => r.status).toSorted()).toEqual([201, 409, 409, 409, 409])
    expect(races.find(r => r.status === 409)!.body.error.message).toMatch(/^Conflict occurred attempting to store project - /)
    const other = await site.make('domain', { name: 'elsewhere' })
    expect((await site.ask('POST', '/v3/projects', { project: { name: 'once', domain_id: other.id } })).status).toBe(201)
  })

  it.each([
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a blank name', { name: '   ' }],
    ['a long name', { name: 'a'.repeat(65) }],
    ['a name that is a number', { name: 7 }],
    ['enabled as text', { name: 'x', enabled: 'false' }],
    ['an unknown domain', { name: 'x', domain_id: 'nowhere' }],
    ['an unknown parent', { name: 'x', parent_id: 'nowhere' }],
    ['a parent in another domain', { name: 'x', domain_id: 'ELSEWHERE', parent_id: 'default' }],
    ['two equal tags', { name: 'x', tags: ['a', 'a'] }],
    ['a tag with a comma', { name: 'x', tags: ['a,b'] }],
    ['an unknown option', { name: 'x', options: { colour: 'red' } }],
    ['a parent of a domain', { name: 'x', is_domain: true, parent_id: 'default' }],
  ])('with %s is refused', async (_, fields) => {
    expect((await site.ask('POST', '/v3/projects', { project: fields })).status).toBe(400)
  })

  it('is in a tree, as deep as allowed, and goes only as a leaf', async () => {
    const line = ['default']
    for (let depth = 1; depth <= 5; depth++) line.push((await site.make('project', { name: `deep${depth}`, parent_id: line.at(-1) })).id)
    expect((await site.ask('POST', '/v3/projects', { project: { name: 'deep6', parent_id: line.at(-1) } })).status).toBe(403)
    const [, top, second, third] = line
    const up = await site.ask('GET', `/v3/projects/${third}?parents_as_ids`)
    expect(up.body.project.parents).toEqual({ [second!]: { [top!]: { default: null } } })
    const upList = await site.ask('GET', `/v3/projects/${third}?parents_as_list`)
    expect(upList.body.project.parents.map((p: any) => p.project.id)).toEqual([second, top])
    const down = await site.ask('GET', `/v3/projects/${third}?subtree_as_ids`)
    expect(down.body.project.subtree).toEqual({ [line[4]!]: { [line[5]!]: null } })
    const downList = await site.ask('GET', `/v3/projects/${third}?subtree_as_list`)
    expect(downList.body.project.subtree.map((p: any) => p.project.name)).toEqual(['deep4', 'deep5'])
    expect((await site.ask('GET', `/v3/projects/${third}?subtree_as_ids&subtree_as_list`)).status).toBe(400)
    expect((await site.ask('DELETE', `/v3/projects/${third}`)).status).toBe(403)
    expect((await site.ask('PATCH', `/v3/projects/${third}`, { project: { enabled: false } })).status).toBe(403)
    for (const id of [line[5], line[4], third])
      expect((await site.ask('PATCH', `/v3/projects/${id}`, { project: { enabled: false } })).status).toBe(200)
    expect((await site.ask('PATCH', `/v3/projects/${line[5]}`, { project: { enabled: true } })).status).toBe(403)
    expect((await site.ask('POST', '/v3/projects', { project: { name: 'late', parent_id: third } })).status).toBe(400)
    expect(await site.door.projects.lineage(third!)).toEqual([third, second, top])
  })

  it('keeps its place: domain, parent and kind do not change', async () => {
    const project = await site.make('project', { name: 'fixed' })
    const patch = (fields: object) => site.ask('PATCH', `/v3/projects/${project.id}`, { project: fields })
    expect((await patch({ parent_id: site.ids.project })).status).toBe(403)
    expect((await patch({ domain_id: 'other' })).status).toBe(400)
    expect((await patch({ is_domain: true })).status).toBe(400)
    expect((await patch({ domain_id: 'default', parent_id: 'default', is_domain: false })).status).toBe(200)
  })

  it('that is immutable changes only by lifting that', async () => {
    const project = await site.make('project', { name: 'rock', options: { immutable: true } })
    const path = `/v3/projects/${project.id}`
    expect((await site.ask('PATCH', path, { project: { name: 'sand' } })).status).toBe(403)
    expect((await site.ask('DELETE', path)).status).toBe(403)
    const lifted = await site.ask('PATCH', path, { project: { options: { immutable: null } } })
    expect([lifted.status, lifted.body.project.options]).toEqual([200, {}])
    expect((await site.ask('DELETE', path)).status).toBe(204)
  })

  it('has tags, together and one by one, and is found by them', async () => {
    const [one, two] = [
      await site.make('project', { name: 'tag1', tags: ['a', 'b'] }),
      await site.make('project', { name: 'tag2', tags: ['b'] }),
    ]
    const path = `/v3/projects/${one.id}/tags`
    expect((await site.ask('GET', path)).body.tags).toEqual(['a', 'b'])
    expect((await site.ask('PUT', `${path}/c`)).status).toBe(201)
    expect((await site.ask('GET', `${path}/c`)).status).toBe(204)
    expect((await site.ask('DELETE', `${path}/c`)).status).toBe(204)
    expect((await site.ask('GET', `${path}/c`)).status).toBe(404)
    expect((await site.ask('DELETE', `${path}/c`)).status).toBe(404)
    expect((await site.ask('PUT', `${path}/a,b`)).status).toBe(400)
    const names = async (query: string) => (await site.ask('GET', `/v3/projects?${query}`)).body.projects.map((p: any) => p.name)
    expect(await names('tags=a,b')).toEqual(['tag1'])
    expect(await names('tags-any=a,b')).toEqual(['tag1', 'tag2'])
    expect(await names('not-tags=a,b&name__startswith=tag')).toEqual(['tag2'])
    expect(await names('not-tags-any=a,b&name__startswith=tag')).toEqual([])
    expect((await site.ask('PUT', path, { tags: ['z'] })).body.tags).toEqual(['z'])
    expect((await site.ask('PUT', path, { tags: 'z' })).status).toBe(400)
    expect((await site.ask('DELETE', path)).status).toBe(204)
    expect((await site.ask('GET', `/v3/projects/${two.id}`)).body.project.tags).toEqual(['b'])
  })

  it('is listed by filters, in pages', async () => {
    for (const name of ['page1', 'page2', 'page3']) await site.make('project', { name, enabled: name !== 'page2' })
    const names = async (query: string) => (await site.ask('GET', `/v3/projects?${query}`)).body.projects.map((p: any) => p.name)
    expect(await names('name__contains=age&enabled')).toEqual(['page1', 'page3'])
    expect(await names('name__contains=age&enabled=0')).toEqual(['page2'])
    expect(await names('name=page1&domain_id=nowhere')).toEqual([])
    expect(await names('name=page1&unknown=7')).toEqual(['page1'])
    const first = await site.ask('GET', '/v3/projects?name__startswith=page&limit=2')
    expect(first.body.projects.map((p: any) => p.name)).toEqual(['page1', 'page2'])
    const next = first.body.links.next.replace('http://localhost:80/identity', '')
    const second = await site.ask('GET', next)
    expect([second.body.projects.map((p: any) => p.name), second.body.links.next]).toEqual([['page3'], null])
    expect(await names('is_domain=true')).toContain('Default')
  })
})

describe('a domain', () => {
  it('is made, renamed, disabled, and takes with it all that is in it', async () => {
    const domain = await site.make('domain', { name: 'land', description: 'x' })
    expect(domain).toMatchObject({ id: expect.stringMatching(HEX), name: 'land', enabled: true, tags: [], options: {} })
    expect((await site.ask('POST', '/v3/domains', { domain: { name: 'land' } })).status).toBe(409)
    const [project, user, group] = [
      await site.make('project', { name: 'p', domain_id: domain.id }),
      await site.make('user', { name: 'u', domain_id: domain.id }),
      await site.make('group', { name: 'g', domain_id: domain.id }),
    ]
    await site.make('role', { name: 'r', domain_id: domain.id })
    expect((await site.ask('DELETE', `/v3/domains/${domain.id}`)).status).toBe(403)
    expect((await site.ask('PATCH', `/v3/domains/${domain.id}`, { domain: { enabled: false, name: 'sea' } })).body.domain.name).toBe('sea')
    expect((await site.ask('DELETE', `/v3/domains/${domain.id}`)).status).toBe(204)
    for (const path of [`domains/${domain.id}`, `projects/${project.id}`, `users/${user.id}`, `groups/${group.id}`])
      expect((await site.ask('GET', `/v3/${path}`)).status).toBe(404)
  })

  it('may have an identifier of one’s choice, in Keystone’s form', async () => {
    const id = '0123456789abcdef0123456789abcdef'
    expect((await site.make('domain', { name: 'chosen', explicit_domain_id: id })).id).toBe(id)
    expect((await site.ask('POST', '/v3/domains', { domain: { name: 'bad', explicit_domain_id: 'short' } })).status).toBe(400)
    expect((await site.ask('POST', '/v3/domains', { domain: { name: 'again', explicit_domain_id: id } })).status).toBe(409)
  })
})

describe('who has no right', () => {
  it('learns nothing of what exists', async () => {
    await site.door.ensureUser('outsider', PASSWORD)
    const outsider = await site.token('outsider', PASSWORD)
    for (const [path, rule] of [
      ['projects', 'get_project'],
      ['users', 'get_user'],
      ['groups', 'get_group'],
      ['roles', 'get_role'],
      ['domains', 'get_domain'],
      ['services', 'get_service'],
      ['endpoints', 'get_endpoint'],
    ]) {
      const there = path === 'projects' ? site.ids.project : path === 'users' ? site.ids.user : path === 'domains' ? 'default' : 'x'
      const replies = await Promise.all([there, 'f'.repeat(32)].map(id => site.request(outsider, 'GET', `/v3/${path}/${id}`)))
      for (const reply of replies) {
        expect(reply.status, path).toBe(403)
        expect(reply.body.error.message).toBe(`You are not authorized to perform the requested action: identity:${rule}.`)
      }
      expect((await site.request(outsider, 'GET', `/v3/${path}`)).status, path).toBe(403)
      expect((await site.request(outsider, 'DELETE', `/v3/${path}/${there}`)).status, path).toBe(403)
    }
    expect((await site.request(outsider, 'POST', '/v3/projects', { project: { name: 'mine' } })).status).toBe(403)
  })

  it('sees its own project, and its own user', async () => {
    const project = await site.make('project', { name: 'own' })
    const user = await site.door.ensureUser('owner', PASSWORD, { defaultProject: project.id })
    await site.door.grant(user, 'reader', { project: project.id })
    const token = await site.token('owner', PASSWORD)
    expect((await site.request(token, 'GET', `/v3/projects/${project.id}`)).status).toBe(200)
    expect((await site.request(token, 'GET', `/v3/users/${user}`)).body.user).toMatchObject({ id: user, default_project_id: project.id })
    expect((await site.request(token, 'GET', `/v3/users/${user}/projects`)).body.projects.map((p: any) => p.name)).toEqual(['own'])
    expect((await site.request(token, 'GET', `/v3/users/${site.ids.user}/projects`)).status).toBe(403)
    expect((await site.request(token, 'PATCH', `/v3/projects/${project.id}`, { project: { name: 'stolen' } })).status).toBe(403)
  })

  it('a domain’s manager rules the domain and nothing else', async () => {
    const domain = await site.make('domain', { name: 'realm' })
    const manager = await site.make('user', { name: 'm', domain_id: domain.id, password: 'm' })
    const role = (await site.ask('GET', '/v3/roles?name=manager')).body.roles[0]
    await site.ask('PUT', `/v3/domains/${domain.id}/users/${manager.id}/roles/${role.id}`)
    const login = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user: { id: manager.id, password: 'm' } } },
        scope: { domain: { id: domain.id } },
      },
    })
    const token = login.headers['x-subject-token']!
    const made = await site.request(token, 'POST', '/v3/projects', { project: { name: 'in', domain_id: domain.id } })
    expect(made.status).toBe(201)
    expect((await site.request(token, 'POST', '/v3/projects', { project: { name: 'out', domain_id: 'default' } })).status).toBe(403)
    expect((await site.request(token, 'GET', '/v3/projects')).body.projects.map((p: any) => p.name)).toEqual(['in'])
    expect((await site.request(token, 'GET', '/v3/users')).body.users.map((u: any) => u.name)).toEqual(['m'])
    expect((await site.request(token, 'GET', '/v3/domains')).body.domains.map((d: any) => d.name)).toEqual(['realm'])
    const user = (await site.request(token, 'POST', '/v3/users', { user: { name: 'n', domain_id: domain.id } })).body.user
    const grant = (name: string) =>
      site
        .ask('GET', `/v3/roles?name=${name}`)
        .then(r => site.request(token, 'PUT', `/v3/projects/${made.body.project.id}/users/${user.id}/roles/${r.body.roles[0].id}`))
    expect((await grant('member')).status).toBe(204)
    expect((await grant('admin')).status).toBe(403)
    expect((await site.request(token, 'GET', `/v3/users/${site.ids.user}`)).status).toBe(403)
  })
})

describe('every change', () => {
  it('is an event of the project that it concerns, without secrets', async () => {
    const project = await site.make('project', { name: 'told' })
    await site.make('user', { name: 'told', password: 'very secret' })
    await site.ask('PATCH', `/v3/projects/${project.id}`, { project: { enabled: false } })
    await site.ask('DELETE', `/v3/projects/${project.id}`)
    const { rows } = await site.connections.pool.query(
      `select type, projects, data, origin from kit.event where object_name = 'told' order by id`,
    )
    expect(rows.map((r: any) => r.type)).toEqual([
      'identity.project.created',
      'identity.user.created',
      'identity.project.updated',
      'identity.project.deleted',
    ])
    expect(rows[0].projects).toContain(project.id)
    expect(rows[2].data).toMatchObject({ fields: ['enabled'], before: { enabled: true }, after: { enabled: false } })
    expect(rows[0].origin.user).toBe(site.ids.user)
    expect(JSON.stringify(rows)).not.toContain('very secret')
  })
})
