import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, type Site } from './site.ts'

let site: Site
let project: string
let other: string
let theirs: string
beforeAll(async () => {
  site = await openSite({ config: { rules: { pattern: '^.{3,}$', patternInWords: 'three characters' } } })
  project = await site.door.ensureProject('work')
  other = await site.door.ensureProject('other')
  const user = await site.door.ensureUser('worker', 'xyz', { defaultProject: project })
  await site.door.grant(user, 'member', { project })
  theirs = await site.token('worker', 'xyz')
}, 60_000)
afterAll(() => site.close())

describe('a consumer', () => {
  it('tells its secret once, and has none that can be set', async () => {
    const made = await site.ask('POST', '/v3/OS-OAUTH1/consumers', { consumer: { description: 'd', note: 1 } })
    expect(made.status).toBe(201)
    const { id, secret } = made.body.consumer
    expect(made.body.consumer).toMatchObject({ description: 'd', note: 1, secret: expect.stringMatching(/^\w{32}$/) })
    const path = `/v3/OS-OAUTH1/consumers/${id}`
    const shown = await site.ask('GET', path)
    expect(JSON.stringify(shown.body)).not.toContain(secret)
    expect((await site.ask('PATCH', path, { consumer: { description: 'e' } })).body.consumer.description).toBe('e')
    expect((await site.ask('PATCH', path, { consumer: { secret: 'mine' } })).status).toBe(400)
    expect((await site.ask('POST', '/v3/OS-OAUTH1/consumers', { consumer: { secret: 'mine' } })).status).toBe(400)
    expect((await site.request(theirs, 'GET', path)).status).toBe(403)
    expect((await site.ask('GET', '/v3/OS-OAUTH1/consumers')).body.consumers.map((c: any) => c.id)).toEqual([id])
    expect((await site.ask('DELETE', path)).status).toBe(204)
    expect((await site.ask('GET', path)).status).toBe(404)
  })
})

describe('the configuration of a domain', () => {
  const whole = { identity: { driver: 'ldap' }, ldap: { url: 'ldap://host', user_tree_dn: 'ou=Users', password: 'bind secret' } }
  const visible = { identity: { driver: 'ldap' }, ldap: { url: 'ldap://host', user_tree_dn: 'ou=Users' } }
  it('is kept whole, by group and by option; secrets are sealed and never shown', async () => {
    const domain = (await site.make('domain', { name: 'd1' })).id
    const path = `/v3/domains/${domain}/config`
    expect((await site.ask('GET', path)).status).toBe(404)
    const made = await site.ask('PUT', path, { config: whole })
    expect([made.status, made.body]).toEqual([201, { config: visible }])
    expect((await site.ask('PUT', path, { config: whole })).status).toBe(200)
    expect((await site.ask('GET', path)).body.config).toEqual(visible)
    expect((await site.ask('GET', `${path}/ldap`)).body.config).toEqual({ ldap: visible.ldap })
    expect((await site.ask('GET', `${path}/ldap/url`)).body.config).toEqual({ url: 'ldap://host' })
    expect((await site.ask('GET', `${path}/ldap/password`)).status).toBe(404)
    const stored = await site.connections.pool.query('select value, sealed from identity.domain_config where option_name = $1', [
      'password',
    ])
    expect(stored.rows).toEqual([{ value: null, sealed: expect.stringMatching(/^esi1:/) }])

    const group = await site.ask('PATCH', `${path}/identity`, { config: { identity: { driver: 'x', list_limit: 5 } } })
    expect(group.body.config.identity).toEqual({ driver: 'x', list_limit: 5 })
    expect((await site.ask('PATCH', `${path}/identity/driver`, { config: { driver: 'y' } })).body.config.identity.driver).toBe('y')
    expect((await site.ask('PATCH', `${path}/identity/driver`, { config: { list_limit: 1 } })).status).toBe(403)
    expect((await site.ask('PATCH', `${path}/identity`, { config: { ldap: { url: 'x' } } })).status).toBe(403)
    expect((await site.ask('PATCH', `${path}/ldap/suffix`, { config: { suffix: 'x' } })).status).toBe(404)
    expect((await site.ask('DELETE', `${path}/identity/driver`)).status).toBe(204)
    expect((await site.ask('GET', `${path}/identity/driver`)).status).toBe(404)
    expect((await site.ask('DELETE', `${path}/identity`)).status).toBe(204)
    expect((await site.ask('DELETE', `${path}/identity`)).status).toBe(404)
    expect((await site.ask('DELETE', path)).status).toBe(204)
    expect((await site.ask('GET', path)).status).toBe(404)
    expect((await site.ask('PUT', '/v3/domains/none/config', { config: whole })).status).toBe(404)
    for (const bad of [{}, { nova: { a: 1 } }, { ldap: { shoe: 1 } }, { ldap: {} }, { ldap: 'x' }])
      expect((await site.ask('PUT', path, { config: bad })).status).toBe(403)
  })

  it('has defaults', async () => {
    const all = (await site.ask('GET', '/v3/domains/config/default')).body.config
    expect(all.identity).toEqual({ driver: 'sql', list_limit: null })
    expect((await site.ask('GET', '/v3/domains/config/ldap/default')).body.config.ldap).toEqual(all.ldap)
    expect((await site.ask('GET', '/v3/domains/config/ldap/url/default')).body.config).toEqual({ url: 'ldap://localhost' })
    expect((await site.ask('GET', '/v3/domains/config/ldap/password/default')).status).toBe(403)
    expect((await site.request(theirs, 'GET', '/v3/domains/config/default')).status).toBe(403)
  })

  it('tells everybody what passwords must look like', async () => {
    const path = '/v3/domains/default/config/security_compliance'
    expect((await site.request(theirs, 'GET', path)).body.config).toEqual({
      security_compliance: { password_regex: '^.{3,}$', password_regex_description: 'three characters' },
    })
    expect((await site.request(theirs, 'GET', `${path}/password_regex`)).body.config).toEqual({ password_regex: '^.{3,}$' })
    expect((await site.request(theirs, 'GET', `${path}/lockout_duration`)).status).toBe(403)
  })
})

describe('limits', () => {
  const register = (...limits: object[]) => site.ask('POST', '/v3/registered_limits', { registered_limits: limits })
  const limit = (...limits: object[]) => site.ask('POST', '/v3/limits', { limits })

  it('are registered for a service, and set for projects and domains', async () => {
    const service = (await site.make('service', { type: 'compute', name: 'nova' })).id
    const one = { service_id: service, resource_name: 'cores', default_limit: 10 }
    const made = await register(one, { ...one, resource_name: 'ram', region_id: 'RegionOne', description: 'MiB' })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    expect(made.body.links).toBeUndefined()
    const [cores, ram] = made.body.registered_limits
    expect(cores).toMatchObject({
      ...one,
      region_id: null,
      description: null,
      links: { self: expect.stringMatching('/v3/registered_limits/') },
    })
    expect((await register(one)).status).toBe(409)
    // All or none.
    expect((await register({ ...one, resource_name: 'disk' }, one)).status).toBe(409)
    expect((await site.ask('GET', '/v3/registered_limits?resource_name=disk')).body.registered_limits).toEqual([])
    for (const bad of [{ default_limit: -2 }, { default_limit: '5' }, { service_id: 'none' }, { region_id: 'none' }, { shoe: 1 }])
      expect((await register({ ...one, resource_name: 'bad', ...bad })).status).toBe(400)
    expect((await register()).status).toBe(400)

    const own = { service_id: service, resource_name: 'cores', resource_limit: 5 }
    const set = await limit({ ...own, project_id: project }, { ...own, project_id: other }, { ...own, domain_id: 'default' })
    expect(set.status, JSON.stringify(set.body)).toBe(201)
    const [mine] = set.body.limits
    expect(mine).toMatchObject({ ...own, project_id: project, domain_id: null, region_id: null })
    expect((await limit({ ...own, project_id: project })).status).toBe(409)
    expect((await limit({ ...own, resource_name: 'gpus', project_id: project })).status).toBe(403)
    expect((await limit({ ...own, project_id: project, region_id: 'RegionOne' })).status).toBe(403)
    expect((await limit({ ...own })).status).toBe(400)
    expect((await limit({ ...own, project_id: project, domain_id: 'default' })).status).toBe(400)

    // A project sees its own.
    const seen = await site.request(theirs, 'GET', '/v3/limits')
    expect(seen.body.limits.map((l: any) => l.id)).toEqual([mine.id])
    expect((await site.ask('GET', '/v3/limits')).body.limits.length).toBe(3)
    expect((await site.ask('GET', `/v3/limits?project_id=${other}`)).body.limits.length).toBe(1)
    expect((await site.request(theirs, 'GET', `/v3/limits/${mine.id}`)).status).toBe(200)
    expect((await site.request(theirs, 'GET', `/v3/limits/${set.body.limits[1].id}`)).status).toBe(403)
    expect((await site.request(theirs, 'GET', `/v3/registered_limits/${ram.id}`)).body.registered_limit.description).toBe('MiB')
    expect((await site.request(theirs, 'PATCH', `/v3/limits/${mine.id}`, { limit: { resource_limit: 99 } })).status).toBe(403)
    expect((await site.request(theirs, 'GET', '/v3/limits/model')).body.model.name).toBe('flat')

    expect((await site.ask('PATCH', `/v3/limits/${mine.id}`, { limit: { resource_limit: 6 } })).body.limit.resource_limit).toBe(6)
    expect((await site.ask('PATCH', `/v3/limits/${mine.id}`, { limit: { project_id: other } })).status).toBe(400)
    const path = `/v3/registered_limits/${cores.id}`
    expect((await site.ask('PATCH', path, { registered_limit: { default_limit: 11 } })).body.registered_limit.default_limit).toBe(11)
    expect((await site.ask('PATCH', path, { registered_limit: { resource_name: 'cpus' } })).status).toBe(403)
    expect((await site.ask('DELETE', path)).status).toBe(403)
    for (const l of set.body.limits) expect((await site.ask('DELETE', `/v3/limits/${l.id}`)).status).toBe(204)
    expect((await site.ask('DELETE', path)).status).toBe(204)
    expect((await site.ask('GET', path)).status).toBe(404)
  })
})
