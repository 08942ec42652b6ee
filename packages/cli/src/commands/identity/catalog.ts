import { endpointGroup } from '@esi/api/identity/endpoint-group'
import { ApiError } from '@esi/client'
import { type Command, type Face, UsageError } from '../../command.ts'
import { listCommand } from '../../crud.ts'
import { anyResource } from '../../entries/entry.ts'
import { callIdentity, identityClient } from '../../services.ts'
import { listOf, oneOf } from '../../show.ts'
import { endpoint as endpointCrud, endpointGroup as groupCrud } from './catalog-cruds.ts'
import { toEndpoint, toProject } from './refers.ts'

/** Which endpoints whose catalog has. */

const FILTER = '/v3/OS-EP-FILTER'

const groupId = async (face: Face, text: string): Promise<string> =>
  String((await (await identityClient(anyResource(endpointGroup))(face)).find(text))['id'])

const project = { name: 'project', doc: 'the project, by id or name' }
const domain = { 'project-domain': { doc: 'the domain of the project, by id or name', values: ['domain'] } }

const ofEndpoint = (method: 'PUT' | 'DELETE', brief: string): Command => ({
  brief,
  args: [{ name: 'endpoint', doc: 'the endpoint, by id' }, project],
  options: domain,
  changes: true,
  async run(face, given) {
    const [endpoint, owner] = [
      await toEndpoint(face, given.arg('endpoint')),
      await toProject(face, given.arg('project'), given.one('project-domain')),
    ]
    await callIdentity(face, method, `${FILTER}/projects/${owner}/endpoints/${endpoint}`)
    return undefined
  },
})
export const addProject = ofEndpoint('PUT', 'put an endpoint into the catalog of a project')
export const removeProject = ofEndpoint('DELETE', 'take an endpoint out of the catalog of a project')

const ofGroup = (method: 'PUT' | 'DELETE', brief: string): Command => ({
  brief,
  args: [{ name: 'endpointgroup', doc: 'the endpoint group, by id or name' }, project],
  options: domain,
  changes: true,
  async run(face, given) {
    const [group, owner] = [
      await groupId(face, given.arg('endpointgroup')),
      await toProject(face, given.arg('project'), given.one('project-domain')),
    ]
    await callIdentity(face, method, `${FILTER}/endpoint_groups/${group}/projects/${owner}`)
    return undefined
  },
})
export const addGroupProject = ofGroup('PUT', 'put a group of endpoints into the catalog of a project')
export const removeGroupProject = ofGroup('DELETE', 'take a group of endpoints out of the catalog of a project')

const PROJECTS = [
  ['ID', 'id'],
  ['Name', 'name'],
  ['Description', 'description'],
] as const

export const listEndpoints = (brief: string): Command => {
  const plain = listCommand(endpointCrud, brief)
  return {
    ...plain,
    options: {
      ...plain.options,
      endpoint: { doc: 'instead: the projects whose catalog has this endpoint', values: ['endpoint'] },
      project: { doc: 'only what is in the catalog of this project', values: ['project'] },
      ...domain,
    },
    async run(face, given) {
      const [endpoint, owner] = [given.one('endpoint'), given.one('project')]
      if (endpoint !== undefined && owner !== undefined) throw new UsageError('--endpoint and --project do not go together.')
      if (endpoint !== undefined)
        return listOf(
          PROJECTS,
          (await callIdentity(face, 'GET', `${FILTER}/endpoints/${await toEndpoint(face, endpoint)}/projects`)).projects,
        )
      if (owner === undefined) return plain.run(face, given)
      const { endpoints } = await callIdentity(
        face,
        'GET',
        `${FILTER}/projects/${await toProject(face, owner, given.one('project-domain'))}/endpoints`,
      )
      return listOf(
        endpointCrud.resource.columns.list.map(field => [field === 'id' ? 'ID' : field.replaceAll('_', ' '), field] as const),
        endpoints,
      )
    },
  }
}

export const listGroups = (brief: string): Command => {
  const plain = listCommand(groupCrud, brief)
  return {
    ...plain,
    options: {
      ...plain.options,
      endpointgroup: { doc: 'instead: the projects whose catalog has this group', values: ['endpoint-group'] },
      project: { doc: 'only those in the catalog of this project', values: ['project'] },
      domain: { doc: 'the domain of the project, by id or name', values: ['domain'] },
    },
    async run(face, given) {
      const [group, owner] = [given.one('endpointgroup'), given.one('project')]
      if (group !== undefined && owner !== undefined) throw new UsageError('--endpointgroup and --project do not go together.')
      if (group !== undefined)
        return listOf(
          PROJECTS,
          (await callIdentity(face, 'GET', `${FILTER}/endpoint_groups/${await groupId(face, group)}/projects`)).projects,
        )
      if (owner === undefined) return plain.run(face, given)
      return listOf(
        PROJECTS,
        (await callIdentity(face, 'GET', `${FILTER}/projects/${await toProject(face, owner, given.one('domain'))}/endpoint_groups`))
          .endpoint_groups,
      )
    },
  }
}

export const showCatalog: Command = {
  brief: 'show where a service is',
  args: [{ name: 'service', doc: 'the service, by type or name' }],
  prints: 'one',
  async run(face, given) {
    const wanted = given.arg('service')
    const { catalog } = await (await face.session()).token()
    const found = catalog.find(({ type, name }) => type === wanted || name === wanted) as
      | ((typeof catalog)[number] & { readonly id?: string })
      | undefined
    if (!found) throw new ApiError(404, `There is no service "${wanted}" in your catalog.`, undefined, undefined)
    const endpoints = found.endpoints.map(e => `${e.region ?? '-'} ${e.interface}: ${e.url}`).join('\n')
    return oneOf(['endpoints', 'id', 'name', 'type'], { endpoints, id: found.id ?? null, name: found.name, type: found.type })
  },
}

const listed = (brief: string, path: string, key: string, columns: readonly (readonly [string, string])[]): Command => ({
  brief,
  prints: 'list',
  run: async face => listOf(columns, (await callIdentity(face, 'GET', path))[key]),
})

export const federationDomains = listed('list the domains that you may log in to', '/v3/auth/domains', 'domains', [
  ['ID', 'id'],
  ['Enabled', 'enabled'],
  ['Name', 'name'],
  ['Description', 'description'],
])
export const federationProjects = listed('list the projects that you may log in to', '/v3/auth/projects', 'projects', [
  ['ID', 'id'],
  ['Domain ID', 'domain_id'],
  ['Enabled', 'enabled'],
  ['Name', 'name'],
])
