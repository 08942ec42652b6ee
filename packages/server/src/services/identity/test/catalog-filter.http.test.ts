import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, PASSWORD, type Site } from './site.ts'

let site: Site
let member: string
let count = 0
beforeAll(async () => {
  site = await openSite()
  member = await site.door.ensureUser('member', 'x')
}, 60_000)
afterAll(() => site.close())

const status = async (method: string, path: string, by = site.admin) => (await site.request(by, method, path)).status

const endpointIn = async (region: string, service: string, face = 'public') =>
  (await site.make('endpoint', { interface: face, service_id: service, region_id: region, url: `http://${++count}.test` })).id as string

describe('a policy document', () => {
  it('is kept as it is, for administrators', async () => {
    const made = await site.ask('POST', '/v3/policies', { policy: { blob: '{"a": "b"}', type: 'application/json', note: 'x' } })
    expect(made.status).toBe(201)
    const { id } = made.body.policy
    expect(made.body.policy).toMatchObject({ blob: '{"a": "b"}', type: 'application/json', note: 'x' })
    expect((await site.ask('PATCH', `/v3/policies/${id}`, { policy: { type: 'text/plain' } })).body.policy.type).toBe('text/plain')
    expect((await site.ask('GET', '/v3/policies?type=text/plain')).body.policies.map((p: any) => p.id)).toEqual([id])
    expect((await site.ask('POST', '/v3/policies', { policy: { blob: 'x' } })).status).toBe(400)
    const project = await site.door.ensureProject('p')
    await site.door.grant(member, 'member', { project })
    const theirs = await site.token('member', 'x', { project: { id: project } })
    for (const [method, path] of [
      ['GET', '/v3/policies'],
      ['GET', `/v3/policies/${id}`],
      ['DELETE', `/v3/policies/${id}`],
    ] as const)
      expect(await status(method, path, theirs)).toBe(403)
    expect(await status('DELETE', `/v3/policies/${id}`)).toBe(204)
    expect(await status('GET', `/v3/policies/${id}`)).toBe(404)
  })

  it('is for an endpoint, a service, or a service in a region and below; the nearest counts', async () => {
    const policy = async () =>
      (await site.ask('POST', '/v3/policies', { policy: { blob: 'x', type: `t${++count}` } })).body.policy.id as string
    const [own, regional, general] = [await policy(), await policy(), await policy()]
    await site.make('region', { id: 'outer' })
    await site.make('region', { id: 'inner', parent_region_id: 'outer' })
    const service = (await site.make('service', { type: 'thing', name: 'thing' })).id
    const inner = await endpointIn('inner', service)
    const elsewhere = await endpointIn('RegionOne', service)
    const on = (p: string, tail: string) => `/v3/policies/${p}/OS-ENDPOINT-POLICY/${tail}`
    const of = async (endpoint: string) => {
      const answer = await site.ask('GET', `/v3/endpoints/${endpoint}/OS-ENDPOINT-POLICY/policy`)
      return answer.status === 200 ? answer.body.policy.id : answer.status
    }
    expect(await of(inner)).toBe(404)
    for (const [p, tail, expected] of [
      [general, `services/${service}`, general],
      [regional, `services/${service}/regions/outer`, regional],
      [own, `endpoints/${inner}`, own],
    ] as const) {
      expect(await status('GET', on(p, tail))).toBe(404)
      expect(await status('PUT', on(p, tail))).toBe(204)
      expect(await status('HEAD', on(p, tail))).toBe(204)
      expect(await of(inner)).toBe(expected)
    }
    expect(await of(elsewhere)).toBe(general)
    const endpoints = async (p: string) => (await site.ask('GET', on(p, 'endpoints'))).body.endpoints.map((e: any) => e.id).sort()
    expect(await endpoints(general)).toEqual([inner, elsewhere].sort())
    expect(await endpoints(regional)).toEqual([inner])
    // A place has one policy.
    expect(await status('PUT', on(regional, `endpoints/${inner}`))).toBe(204)
    expect(await status('GET', on(own, `endpoints/${inner}`))).toBe(404)
    expect(await status('DELETE', on(regional, `endpoints/${inner}`))).toBe(204)
    expect(await status('DELETE', on(regional, `services/${service}/regions/outer`))).toBe(204)
    expect(await of(inner)).toBe(general)
    for (const tail of ['endpoints/none', 'services/none', `services/${service}/regions/none`])
      expect(await status('PUT', on(own, tail))).toBe(404)
    expect(await status('PUT', on('none', `endpoints/${inner}`))).toBe(404)
  })
})

describe('a project', () => {
  const catalogOf = async (project: string) => {
    const answer = await site.login('admin', PASSWORD, { project: { id: project } })
    return answer.body.token.catalog.flatMap((s: any) => s.endpoints.map((e: any) => e.id)) as string[]
  }
  const project = async () => {
    const id = await site.door.ensureProject(`filtered${++count}`)
    await site.door.grant(site.ids.user, 'admin', { project: id })
    return id
  }

  it('sees all endpoints until it is given some, then those', async () => {
    const id = await project()
    const all = await catalogOf(id)
    expect(all.length).toBeGreaterThan(3)
    const path = `/v3/OS-EP-FILTER/projects/${id}/endpoints/${all[0]}`
    expect(await status('GET', path)).toBe(404)
    expect(await status('PUT', path)).toBe(204)
    expect(await status('PUT', path)).toBe(409)
    expect(await status('HEAD', path)).toBe(204)
    expect(await catalogOf(id)).toEqual([all[0]])
    expect((await site.ask('GET', `/v3/OS-EP-FILTER/projects/${id}/endpoints`)).body.endpoints.map((e: any) => e.id)).toEqual([all[0]])
    expect((await site.ask('GET', `/v3/OS-EP-FILTER/endpoints/${all[0]}/projects`)).body.projects.map((p: any) => p.id)).toEqual([id])
    expect(await status('DELETE', path)).toBe(204)
    expect(await status('DELETE', path)).toBe(404)
    expect(await catalogOf(id)).toEqual(all)
    for (const bad of [`projects/none/endpoints/${all[0]}`, `projects/${id}/endpoints/none`])
      expect(await status('PUT', `/v3/OS-EP-FILTER/${bad}`)).toBe(404)
  })

  it('can be given a group of endpoints, whatever comes into it later', async () => {
    const id = await project()
    const service = (await site.make('service', { type: 'grouped', name: 'g' })).id
    const first = await endpointIn('RegionOne', service, 'internal')
    await endpointIn('RegionOne', service, 'public')
    const make = (filters: unknown) =>
      site.ask('POST', '/v3/OS-EP-FILTER/endpoint_groups', { endpoint_group: { name: 'g', description: 'd', filters } })
    for (const bad of [{}, undefined, { enabled: true }, { interface: 'secret' }, []]) expect((await make(bad)).status).toBe(400)
    const made = await make({ service_id: service, interface: 'internal' })
    expect(made.status).toBe(201)
    const group = made.body.endpoint_group.id
    expect(made.body.endpoint_group.links.self).toMatch(`/identity/v3/OS-EP-FILTER/endpoint_groups/${group}`)
    const path = `/v3/OS-EP-FILTER/endpoint_groups/${group}/projects/${id}`
    expect(await status('PUT', path)).toBe(204)
    expect((await site.ask('GET', path)).body.project_endpoint_group).toMatchObject({ endpoint_group_id: group, project_id: id })
    expect(await catalogOf(id)).toEqual([first])
    const second = await endpointIn('RegionOne', service, 'internal')
    expect((await catalogOf(id)).sort()).toEqual([first, second].sort())
    expect((await site.ask('GET', `/v3/OS-EP-FILTER/endpoint_groups/${group}/endpoints`)).body.endpoints.length).toBe(2)
    expect((await site.ask('GET', `/v3/OS-EP-FILTER/endpoint_groups/${group}/projects`)).body.projects.map((p: any) => p.id)).toEqual([id])
    expect((await site.ask('GET', `/v3/OS-EP-FILTER/projects/${id}/endpoint_groups`)).body.endpoint_groups[0].id).toBe(group)
    expect(await status('DELETE', path)).toBe(204)
    expect(await status('GET', path)).toBe(404)
    const change = { endpoint_group: { filters: { region_id: 'nowhere' } } }
    expect((await site.ask('PATCH', `/v3/OS-EP-FILTER/endpoint_groups/${group}`, change)).body.endpoint_group.filters).toEqual({
      region_id: 'nowhere',
    })
    expect(await status('DELETE', `/v3/OS-EP-FILTER/endpoint_groups/${group}`)).toBe(204)
  })
})
