import type { RouteSpec } from '../define.ts'

export type GrantDeed = 'list' | 'check' | 'add' | 'remove'

export interface GrantRoute {
  readonly spec: RouteSpec
  readonly deed: GrantDeed
  readonly scope: 'project' | 'domain' | 'system'
  readonly actor: 'user' | 'group'
  readonly inherited: boolean
}

const METHODS = { list: 'GET', check: 'GET', add: 'PUT', remove: 'DELETE' } as const
const RULES = { list: 'list_grants', check: 'check_grant', add: 'create_grant', remove: 'revoke_grant' } as const
const SYSTEM_RULES = {
  list: 'list_system_grants_for',
  check: 'check_system_grant_for',
  add: 'create_system_grant_for',
  remove: 'revoke_system_grant_for',
} as const

/** Every form of `/v3/{projects,domains}/{id}/{users,groups}/{id}/roles/{id}`, the system's, and the inherited ones. */
export const grantRoutes: readonly GrantRoute[] = (['project', 'domain', 'system'] as const).flatMap(scope =>
  (['user', 'group'] as const).flatMap(actor =>
    (scope === 'system' ? [false] : [false, true]).flatMap(inherited =>
      (['list', 'check', 'add', 'remove'] as const).map(deed => {
        const place = scope === 'system' ? 'system' : `${scope}s/:${scope}`
        const path = `/v3/${inherited ? 'OS-INHERIT/' : ''}${place}/${actor}s/:${actor}/roles${deed === 'list' ? '' : '/:role'}${inherited ? '/inherited_to_projects' : ''}`
        const rule = scope === 'system' ? `${SYSTEM_RULES[deed]}_${actor}` : RULES[deed]
        const spec: RouteSpec = {
          name: `${scope}.${actor}.grant.${deed}${inherited ? '.inherited' : ''}`,
          method: METHODS[deed],
          path,
          policies: [`identity:${rule}`],
          status: deed === 'list' ? 200 : 204,
        }
        return { spec, deed, scope, actor, inherited }
      }),
    ),
  ),
)

export const assignmentRoute = {
  name: 'role_assignment.list',
  method: 'GET',
  path: '/v3/role_assignments',
  policies: ['identity:list_role_assignments', 'identity:list_role_assignments_for_tree'],
  status: 200,
} as const satisfies RouteSpec
