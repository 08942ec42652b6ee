import { type RouteSpec, resource, ro, rw } from '../define.ts'
import { list, string, time } from '../types.ts'
import { flag, id, name } from './types.ts'

/** A login of its own for a program, with some of its user's roles in one project. Its secret is shown once. */
export const applicationCredential = resource({
  service: 'identity',
  name: 'application_credential',
  plural: 'application_credentials',
  path: '/v3/users/:user/application_credentials',
  id: 'id',
  fields: {
    id: ro(id()),
    name: rw(name(255), { required: true, filter: true }),
    description: rw(string(65_535), { nullable: true }),
    secret: rw(string(255, 1), { nullable: true, secret: true }),
    expires_at: rw(time(), { nullable: true }),
    roles: rw(list()),
    unrestricted: rw(flag(), { default: false }),
    access_rules: rw(list(), { nullable: true }),
    project_id: ro(id()),
  },
  policy: {
    list: 'identity:list_application_credentials',
    show: 'identity:get_application_credential',
    create: 'identity:create_application_credential',
    delete: 'identity:delete_application_credential',
  },
  relations: {},
  columns: { list: ['id', 'name', 'description', 'project_id', 'expires_at'] },
})

const under = '/v3/users/:user'
const one = `${under}/application_credentials/:application_credential`

export const applicationCredentialRoutes = {
  list: {
    name: 'application_credential.list',
    method: 'GET',
    path: `${under}/application_credentials`,
    policies: ['identity:list_application_credentials'],
    status: 200,
  },
  create: {
    name: 'application_credential.create',
    method: 'POST',
    path: `${under}/application_credentials`,
    policies: ['identity:create_application_credential'],
    status: 201,
  },
  show: { name: 'application_credential.show', method: 'GET', path: one, policies: ['identity:get_application_credential'], status: 200 },
  delete: {
    name: 'application_credential.delete',
    method: 'DELETE',
    path: one,
    policies: ['identity:delete_application_credential'],
    status: 204,
  },
  listRules: {
    name: 'access_rule.list',
    method: 'GET',
    path: `${under}/access_rules`,
    policies: ['identity:list_access_rules'],
    status: 200,
  },
  showRule: {
    name: 'access_rule.show',
    method: 'GET',
    path: `${under}/access_rules/:access_rule`,
    policies: ['identity:get_access_rule'],
    status: 200,
  },
  deleteRule: {
    name: 'access_rule.delete',
    method: 'DELETE',
    path: `${under}/access_rules/:access_rule`,
    policies: ['identity:delete_access_rule'],
    status: 204,
  },
} as const satisfies Record<string, RouteSpec>
