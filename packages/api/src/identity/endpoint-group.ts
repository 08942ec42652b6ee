import { type RouteSpec, resource, ro, rw } from '../define.ts'
import { isObject, string, type Type, Unfit } from '../types.ts'
import { id, name } from './types.ts'

const FACES = ['admin', 'internal', 'public']

const KEYS: Readonly<Record<string, (value: unknown) => boolean>> = {
  interface: value => FACES.includes(value as string),
  service_id: value => typeof value === 'string',
  region_id: value => value === null || typeof value === 'string',
}

const filters = (): Type<Record<string, unknown>> => ({
  name: 'filters',
  schema: {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: {
      interface: { enum: FACES },
      service_id: { type: 'string' },
      region_id: { type: ['string', 'null'] },
    },
  },
  parse(value) {
    if (!isObject(value) || Object.keys(value).length === 0) throw new Unfit('must be an object that is not empty')
    for (const [key, item] of Object.entries(value)) {
      if (!Object.hasOwn(KEYS, key)) throw new Unfit('may have service_id, region_id and interface')
      if (!KEYS[key]!(item)) throw new Unfit(`has a wrong value for "${key}"`)
    }
    return value
  },
  query: () => ({}),
})

/** Endpoints that are alike in service, region or interface, to be shown to some projects only. */
export const endpointGroup = resource({
  service: 'identity',
  name: 'endpoint_group',
  plural: 'endpoint_groups',
  path: '/v3/OS-EP-FILTER/endpoint_groups',
  id: 'id',
  fields: {
    id: ro(id()),
    name: rw(name(255), { required: true, filter: true }),
    description: rw(string(65_535), { nullable: true }),
    filters: rw(filters(), { required: true }),
  },
  policy: {
    list: 'identity:list_endpoint_groups',
    show: 'identity:get_endpoint_group',
    create: 'identity:create_endpoint_group',
    update: 'identity:update_endpoint_group',
    delete: 'identity:delete_endpoint_group',
  },
  relations: {},
  columns: { list: ['id', 'name', 'description'] },
})

const base = '/v3/OS-EP-FILTER'
const endpoint = `${base}/projects/:project/endpoints/:endpoint`
const group = `${base}/endpoint_groups/:endpoint_group`
const member = `${group}/projects/:project`

/** Which endpoints the catalog of a project has. One that is named nowhere here has all of them. */
export const endpointFilterRoutes = {
  add: { name: 'project.endpoint.add', method: 'PUT', path: endpoint, policies: ['identity:add_endpoint_to_project'], status: 204 },
  check: { name: 'project.endpoint.check', method: 'GET', path: endpoint, policies: ['identity:check_endpoint_in_project'], status: 204 },
  remove: {
    name: 'project.endpoint.remove',
    method: 'DELETE',
    path: endpoint,
    policies: ['identity:remove_endpoint_from_project'],
    status: 204,
  },
  ofProject: {
    name: 'project.endpoints',
    method: 'GET',
    path: `${base}/projects/:project/endpoints`,
    policies: ['identity:list_endpoints_for_project'],
    status: 200,
  },
  ofEndpoint: {
    name: 'endpoint.projects',
    method: 'GET',
    path: `${base}/endpoints/:endpoint/projects`,
    policies: ['identity:list_projects_for_endpoint'],
    status: 200,
  },
  groupsOfProject: {
    name: 'project.endpoint_groups',
    method: 'GET',
    path: `${base}/projects/:project/endpoint_groups`,
    policies: ['identity:list_endpoint_groups_for_project'],
    status: 200,
  },
  groupEndpoints: {
    name: 'endpoint_group.endpoints',
    method: 'GET',
    path: `${group}/endpoints`,
    policies: ['identity:list_endpoints_associated_with_endpoint_group'],
    status: 200,
  },
  groupProjects: {
    name: 'endpoint_group.projects',
    method: 'GET',
    path: `${group}/projects`,
    policies: ['identity:list_projects_associated_with_endpoint_group'],
    status: 200,
  },
  addGroup: {
    name: 'endpoint_group.project.add',
    method: 'PUT',
    path: member,
    policies: ['identity:add_endpoint_group_to_project'],
    status: 204,
  },
  checkGroup: {
    name: 'endpoint_group.project.check',
    method: 'GET',
    path: member,
    policies: ['identity:get_endpoint_group_in_project'],
    status: 200,
  },
  removeGroup: {
    name: 'endpoint_group.project.remove',
    method: 'DELETE',
    path: member,
    policies: ['identity:remove_endpoint_group_from_project'],
    status: 204,
  },
} as const satisfies Record<string, RouteSpec>
