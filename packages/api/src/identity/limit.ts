import { once, type RouteSpec, resource, ro, rw } from '../define.ts'
import { int, string } from '../types.ts'
import { id, name } from './types.ts'

/** -1 is no limit. */
const amount = () => int(-1, 0x7fff_ffff)

/** How much of a thing of a service a project may have where nothing else is said. */
export const registeredLimit = resource({
  service: 'identity',
  name: 'registered_limit',
  plural: 'registered_limits',
  path: '/v3/registered_limits',
  id: 'id',
  fields: {
    id: ro(id()),
    service_id: rw(id(), { required: true, filter: true }),
    region_id: rw(string(255), { nullable: true, filter: true }),
    resource_name: rw(name(255), { required: true, filter: true }),
    default_limit: rw(amount(), { required: true }),
    description: rw(string(65_535), { nullable: true }),
  },
  policy: {
    list: 'identity:list_registered_limits',
    show: 'identity:get_registered_limit',
    create: 'identity:create_registered_limits',
    update: 'identity:update_registered_limit',
    delete: 'identity:delete_registered_limit',
  },
  relations: {},
  columns: { list: ['id', 'service_id', 'resource_name', 'default_limit', 'description', 'region_id'] },
})

/** The same for one project or one domain, instead of the default. */
export const limit = resource({
  service: 'identity',
  name: 'limit',
  plural: 'limits',
  path: '/v3/limits',
  id: 'id',
  fields: {
    id: ro(id()),
    project_id: once(id(), { nullable: true, filter: true }),
    domain_id: once(id(), { nullable: true, filter: true }),
    service_id: once(id(), { required: true, filter: true }),
    region_id: once(string(255), { nullable: true, filter: true }),
    resource_name: once(name(255), { required: true, filter: true }),
    resource_limit: rw(amount(), { required: true }),
    description: rw(string(65_535), { nullable: true }),
  },
  policy: {
    list: 'identity:list_limits',
    show: 'identity:get_limit',
    create: 'identity:create_limits',
    update: 'identity:update_limit',
    delete: 'identity:delete_limit',
  },
  relations: { project_id: 'project_id' },
  columns: { list: ['id', 'project_id', 'service_id', 'resource_name', 'resource_limit', 'description', 'region_id'] },
})

export const limitRoutes = {
  model: { name: 'limit.model', method: 'GET', path: '/v3/limits/model', policies: ['identity:get_limit_model'], status: 200 },
  registerMany: {
    name: 'registered_limit.create',
    method: 'POST',
    path: '/v3/registered_limits',
    policies: ['identity:create_registered_limits'],
    status: 201,
  },
  createMany: { name: 'limit.create', method: 'POST', path: '/v3/limits', policies: ['identity:create_limits'], status: 201 },
} as const satisfies Record<string, RouteSpec>
