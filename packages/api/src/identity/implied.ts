import type { RouteSpec } from '../define.ts'

const all = '/v3/roles/:role/implies'
const one = `${all}/:implied`

/** Roles that come with other roles. HEAD comes first: it answers otherwise than GET. */
export const impliedRoutes = {
  check: { name: 'role.implies.check', method: 'HEAD', path: one, policies: ['identity:check_implied_role'], status: 204 },
  list: { name: 'role.implies', method: 'GET', path: all, policies: ['identity:list_implied_roles'], status: 200 },
  show: { name: 'role.implies.show', method: 'GET', path: one, policies: ['identity:get_implied_role'], status: 200 },
  add: { name: 'role.implies.add', method: 'PUT', path: one, policies: ['identity:create_implied_role'], status: 201 },
  remove: { name: 'role.implies.remove', method: 'DELETE', path: one, policies: ['identity:delete_implied_role'], status: 204 },
  all: {
    name: 'role.inferences',
    method: 'GET',
    path: '/v3/role_inferences',
    policies: ['identity:list_role_inference_rules'],
    status: 200,
  },
} as const satisfies Record<string, RouteSpec>
