import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, type Site } from './site.ts'

let site: Site
let plain: string
beforeAll(async () => {
  site = await openSite()
  await site.make('user', { name: 'plain', password: 'a password' })
  plain = await site.token('plain', 'a password')
}, 60_000)
afterAll(() => site.close())

describe('what is sent in a wrong form', () => {
  it.each(['user', 'group', 'project', 'domain', 'role', 'service'])('is no matter where its sender may make no %s', async what => {
    for (const body of [{}, { [what]: {} }, { [what]: 'text' }]) {
      expect((await site.request(plain, 'POST', `/v3/${what}s`, body)).status).toBe(403)
      expect((await site.ask('POST', `/v3/${what}s`, body)).status).toBe(400)
    }
  })

  it('is a description that is no text', async () => {
    const user = await site.make('user', { name: 'described', description: null })
    expect((await site.ask('POST', '/v3/users', { user: { name: 'odd', description: 5 } })).status).toBe(400)
    expect((await site.ask('PATCH', `/v3/users/${user.id}`, { user: { description: ['x'] } })).status).toBe(400)
  })

  it('is a password with something beside it', async () => {
    const user = await site.make('user', { name: 'changing', password: 'one' })
    const change = (more: object) =>
      site.request(undefined, 'POST', `/v3/users/${user.id}/password`, { user: { original_password: 'one', password: 'two', ...more } })
    expect((await change({ more: 1 })).status).toBe(400)
    expect((await change({})).status).toBe(204)
  })
})

describe('a list', () => {
  it('links to itself as it was asked for', async () => {
    const self = async (path: string) => (await site.ask('GET', path)).body.links.self
    for (const path of [
      '/v3/projects?tags=a,b',
      '/v3/users?password_expires_at=lt:2030-01-01T00:00:00Z',
      '/v3/role_assignments?effective&include_names',
    ])
      expect(await self(path)).toBe(`http://localhost:80/identity${path}`)
  })

  it('of assignments knows one word for the system, and passes others over', async () => {
    const user = await site.make('user', { name: 'assigned' })
    const [role] = (await site.ask('GET', '/v3/roles?name=reader')).body.roles
    for (const place of ['system', 'domains/default']) await site.ask('PUT', `/v3/${place}/users/${user.id}/roles/${role.id}`)
    const count = async (query: string) =>
      (await site.ask('GET', `/v3/role_assignments?user.id=${user.id}&scope.system=${query}`)).body.role_assignments.length
    expect([await count('all'), await count('other')]).toEqual([1, 2])
  })
})

describe('the catalog', () => {
  it('shows whatever else was said of an endpoint', async () => {
    const { body } = await site.ask('POST', '/v3/services', { service: { type: 'extra', name: 'extra' } })
    expect(body.service).not.toHaveProperty('description')
    const endpoint = await site.make('endpoint', {
      service_id: body.service.id,
      interface: 'public',
      url: 'http://10.0.0.1/',
      zone: 'north',
    })
    const { catalog } = (await site.ask('GET', '/v3/auth/catalog')).body
    const shown = catalog.find((each: any) => each.id === body.service.id)
    expect(shown.endpoints).toEqual([
      { id: endpoint.id, interface: 'public', region: null, region_id: null, url: 'http://10.0.0.1/', zone: 'north' },
    ])
  })

  it('has services with a name, or without one', async () => {
    expect((await site.ask('POST', '/v3/services', { service: { type: 'nameless', name: '' } })).status).toBe(400)
    expect((await site.ask('POST', '/v3/services', { service: { type: 'nameless' } })).body.service.name).toBe('')
  })

  it('is not changed by whoever may only see it, be something there or not', async () => {
    const change = { region: { description: 'x' } }
    expect((await site.request(plain, 'PATCH', '/v3/regions/nowhere', change)).status).toBe(403)
    expect((await site.ask('PATCH', '/v3/regions/nowhere', change)).status).toBe(404)
  })
})
