import type { RouteSpec } from '../define.ts'

const membership = '/v3/groups/:group/users/:user'

/** What is below users and groups: who is in which group, where somebody may log in, one's own password. */
export const memberRoutes = {
  password: { name: 'user.password', method: 'POST', path: '/v3/users/:user/password', open: true, status: 204 },
  userProjects: {
    name: 'user.projects',
    method: 'GET',
    path: '/v3/users/:user/projects',
    policies: ['identity:list_user_projects'],
    status: 200,
  },
  userGroups: {
    name: 'user.groups',
    method: 'GET',
    path: '/v3/users/:user/groups',
    policies: ['identity:list_groups_for_user'],
    status: 200,
  },
  groupUsers: {
    name: 'group.users',
    method: 'GET',
    path: '/v3/groups/:group/users',
    policies: ['identity:list_users_in_group'],
    status: 200,
  },
  add: { name: 'membership.add', method: 'PUT', path: membership, policies: ['identity:add_user_to_group'], status: 204 },
  check: { name: 'membership.check', method: 'GET', path: membership, policies: ['identity:check_user_in_group'], status: 204 },
  remove: { name: 'membership.remove', method: 'DELETE', path: membership, policies: ['identity:remove_user_from_group'], status: 204 },
} as const satisfies Record<string, RouteSpec>
