import type { PolicyDefault } from '../../kit/policy/types.ts'
import { catalog } from './policies/catalog.ts'
import { delegation } from './policies/delegation.ts'
import { federation } from './policies/federation.ts'
import { ADMIN, READERS, rule } from './policies/rule.ts'

/** Somebody with that role in a domain, about its own users and groups in its own projects or in itself. */
const within = (role: string): string =>
  ['user', 'group']
    .flatMap(actor =>
      ['target.project.domain_id', 'target.domain.id'].map(
        place => `(role:${role} and domain_id:%(target.${actor}.domain_id)s and domain_id:%(${place})s)`,
      ),
    )
    .join(' or ')

const OWN_ROLE = '(domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s)'
const CHANGE_GRANT = `${ADMIN} or ((${within('admin')}) and ${OWN_ROLE}) or ((${within('manager')}) and rule:domain_managed_target_role)`

const grantPaths = (method: string, tail: string): string[] =>
  ['projects/:project', 'domains/:domain'].flatMap(place =>
    ['users/:user', 'groups/:group'].flatMap(actor => [
      `${method} /v3/${place}/${actor}/roles${tail}`,
      `${method} /v3/OS-INHERIT/${place}/${actor}/roles${tail}/inherited_to_projects`,
    ]),
  )

export const policies: readonly PolicyDefault[] = [
  // A token for one domain is no administrator's, whatever its role there.
  rule('admin_required', 'role:admin and not scope:domain', 'Administrators.'),
  rule('service_role', 'role:service', 'Services.'),
  rule('service_or_admin', 'rule:admin_required or rule:service_role', 'Services and administrators.'),
  rule('owner', 'user_id:%(user_id)s', 'Whose it is.'),
  rule('admin_or_owner', 'rule:admin_required or rule:owner', 'Administrators, and whose it is.'),
  rule('token_subject', 'user_id:%(target.token.user_id)s', 'Whose token it is.'),
  rule('admin_or_token_subject', 'rule:admin_required or rule:token_subject', 'Administrators, and whose token it is.'),
  rule(
    'domain_managed_target_role',
    "'manager':%(target.role.name)s or 'member':%(target.role.name)s or 'reader':%(target.role.name)s",
    'Roles that a domain manager may give and take.',
  ),
  rule('identity:check_grant', `${READERS} or ((${within('reader')}) and ${OWN_ROLE})`, 'Check grant.', grantPaths('GET', '/:role')),
  rule('identity:list_grants', `${READERS} or ${within('reader')}`, 'List grants.', grantPaths('GET', '')),
  rule('identity:create_grant', CHANGE_GRANT, 'Create grant.', grantPaths('PUT', '/:role')),
  rule('identity:revoke_grant', CHANGE_GRANT, 'Revoke grant.', grantPaths('DELETE', '/:role')),
  // access_rule
  rule('identity:get_access_rule', '(role:reader and system_scope:all) or user_id:%(target.user.id)s', 'Get access rule.', [
    'GET /v3/users/:user/access_rules/:access_rule',
  ]),
  rule('identity:list_access_rules', '(role:reader and system_scope:all) or user_id:%(target.user.id)s', 'List access rules.', [
    'GET /v3/users/:user/access_rules',
  ]),
  rule('identity:delete_access_rule', '(role:admin and system_scope:all) or user_id:%(target.user.id)s', 'Delete access rule.', [
    'DELETE /v3/users/:user/access_rules/:access_rule',
  ]),
  // application_credential
  rule('identity:get_application_credential', `${READERS} or rule:owner`, 'Get application credential.', [
    'GET /v3/users/:user/application_credentials/:application_credential',
  ]),
  rule('identity:list_application_credentials', `${READERS} or rule:owner`, 'List application credentials.', [
    'GET /v3/users/:user/application_credentials',
  ]),
  rule('identity:create_application_credential', 'user_id:%(user_id)s', 'Create application credential.', [
    'POST /v3/users/:user/application_credentials',
  ]),
  rule('identity:delete_application_credential', 'rule:admin_or_owner', 'Delete application credential.', [
    'DELETE /v3/users/:user/application_credentials/:application_credential',
  ]),
  // auth
  rule('identity:get_auth_catalog', '', 'Get auth catalog.', ['GET /v3/auth/catalog']),
  rule('identity:get_auth_projects', '', 'Get auth projects.', ['GET /v3/auth/projects']),
  rule('identity:get_auth_domains', '', 'Get auth domains.', ['GET /v3/auth/domains']),
  rule('identity:get_auth_system', '', 'Get auth system.', ['GET /v3/auth/system']),
  // domain
  rule('identity:get_domain', `${READERS} or domain_id:%(target.domain.id)s or project_domain_id:%(target.domain.id)s`, 'Get domain.', [
    'GET /v3/domains/:domain',
  ]),
  rule('identity:list_domains', `${READERS} or (role:reader and domain_id:%(target.domain.id)s)`, 'List domains.', ['GET /v3/domains']),
  rule('identity:create_domain', ADMIN, 'Create domain.', ['POST /v3/domains']),
  rule('identity:update_domain', ADMIN, 'Update domain.', ['PATCH /v3/domains/:domain']),
  rule('identity:delete_domain', ADMIN, 'Delete domain.', ['DELETE /v3/domains/:domain']),
  // endpoint
  rule('identity:get_endpoint', READERS, 'Get endpoint.', ['GET /v3/endpoints/:endpoint']),
  rule('identity:list_endpoints', READERS, 'List endpoints.', ['GET /v3/endpoints']),
  rule('identity:create_endpoint', ADMIN, 'Create endpoint.', ['POST /v3/endpoints']),
  rule('identity:update_endpoint', ADMIN, 'Update endpoint.', ['PATCH /v3/endpoints/:endpoint']),
  rule('identity:delete_endpoint', ADMIN, 'Delete endpoint.', ['DELETE /v3/endpoints/:endpoint']),
  // grant
  rule('identity:list_system_grants_for_user', READERS, 'List system grants for user.', ['GET /v3/system/users/:user/roles']),
  rule('identity:check_system_grant_for_user', READERS, 'Check system grant for user.', ['GET /v3/system/users/:user/roles/:role']),
  rule('identity:create_system_grant_for_user', ADMIN, 'Create system grant for user.', ['PUT /v3/system/users/:user/roles/:role']),
  rule('identity:revoke_system_grant_for_user', ADMIN, 'Revoke system grant for user.', ['DELETE /v3/system/users/:user/roles/:role']),
  rule('identity:list_system_grants_for_group', READERS, 'List system grants for group.', ['GET /v3/system/groups/:group/roles']),
  rule('identity:check_system_grant_for_group', READERS, 'Check system grant for group.', ['GET /v3/system/groups/:group/roles/:role']),
  rule('identity:create_system_grant_for_group', ADMIN, 'Create system grant for group.', ['PUT /v3/system/groups/:group/roles/:role']),
  rule('identity:revoke_system_grant_for_group', ADMIN, 'Revoke system grant for group.', ['DELETE /v3/system/groups/:group/roles/:role']),
  // group
  rule('identity:get_group', `${READERS} or (role:reader and domain_id:%(target.group.domain_id)s)`, 'Get group.', [
    'GET /v3/groups/:group',
  ]),
  rule('identity:list_groups', `${READERS} or (role:reader and domain_id:%(target.group.domain_id)s)`, 'List groups.', ['GET /v3/groups']),
  rule(
    'identity:list_groups_for_user',
    `${READERS} or (role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s`,
    'List groups for user.',
    ['GET /v3/users/:user/groups'],
  ),
  rule('identity:create_group', `${ADMIN} or (role:manager and domain_id:%(target.group.domain_id)s)`, 'Create group.', [
    'POST /v3/groups',
  ]),
  rule('identity:update_group', `${ADMIN} or (role:manager and domain_id:%(target.group.domain_id)s)`, 'Update group.', [
    'PATCH /v3/groups/:group',
  ]),
  rule('identity:delete_group', `${ADMIN} or (role:manager and domain_id:%(target.group.domain_id)s)`, 'Delete group.', [
    'DELETE /v3/groups/:group',
  ]),
  rule('identity:list_users_in_group', `${READERS} or (role:reader and domain_id:%(target.group.domain_id)s)`, 'List users in group.', [
    'GET /v3/groups/:group/users',
  ]),
  rule(
    'identity:remove_user_from_group',
    `${ADMIN} or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)`,
    'Remove user from group.',
    ['DELETE /v3/groups/:group/users/:user'],
  ),
  rule(
    'identity:check_user_in_group',
    `${READERS} or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)`,
    'Check user in group.',
    ['GET /v3/groups/:group/users/:user'],
  ),
  rule(
    'identity:add_user_to_group',
    `${ADMIN} or (role:manager and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)`,
    'Add user to group.',
    ['PUT /v3/groups/:group/users/:user'],
  ),
  // implied_role
  rule('identity:get_implied_role', READERS, 'Get implied role.', ['GET /v3/roles/:prior_role/implies/:implied_role']),
  rule('identity:list_implied_roles', READERS, 'List implied roles.', ['GET /v3/roles/:prior_role/implies']),
  rule('identity:create_implied_role', ADMIN, 'Create implied role.', ['PUT /v3/roles/:prior_role/implies/:implied_role']),
  rule('identity:delete_implied_role', ADMIN, 'Delete implied role.', ['DELETE /v3/roles/:prior_role/implies/:implied_role']),
  rule('identity:list_role_inference_rules', READERS, 'List role inference rules.', ['GET /v3/role_inferences']),
  rule('identity:check_implied_role', READERS, 'Check implied role.', ['HEAD /v3/roles/:prior_role/implies/:implied_role']),
  // project
  rule(
    'identity:get_project',
    `${READERS} or (role:reader and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or project_id:%(target.project.id)s`,
    'Get project.',
    ['GET /v3/projects/:project'],
  ),
  rule('identity:list_projects', `${READERS} or (role:reader and domain_id:%(target.domain_id)s)`, 'List projects.', ['GET /v3/projects']),
  rule(
    'identity:list_user_projects',
    `${READERS} or (role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s`,
    'List user projects.',
    ['GET /v3/users/:user/projects'],
  ),
  rule(
    'identity:create_project',
    `${ADMIN} or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)`,
    'Create project.',
    ['POST /v3/projects'],
  ),
  rule(
    'identity:update_project',
    `${ADMIN} or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)`,
    'Update project.',
    ['PATCH /v3/projects/:project'],
  ),
  rule(
    'identity:delete_project',
    `${ADMIN} or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)`,
    'Delete project.',
    ['DELETE /v3/projects/:project'],
  ),
  rule(
    'identity:list_project_tags',
    `${READERS} or (role:reader and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or project_id:%(target.project.id)s`,
    'List project tags.',
    ['GET /v3/projects/:project/tags'],
  ),
  rule(
    'identity:get_project_tag',
    `${READERS} or (role:reader and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or project_id:%(target.project.id)s`,
    'Get project tag.',
    ['GET /v3/projects/:project/tags/:value'],
  ),
  rule(
    'identity:update_project_tags',
    `${ADMIN} or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)`,
    'Update project tags.',
    ['PUT /v3/projects/:project/tags'],
  ),
  rule(
    'identity:create_project_tag',
    `${ADMIN} or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)`,
    'Create project tag.',
    ['PUT /v3/projects/:project/tags/:value'],
  ),
  rule(
    'identity:delete_project_tags',
    `${ADMIN} or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)`,
    'Delete project tags.',
    ['DELETE /v3/projects/:project/tags'],
  ),
  rule(
    'identity:delete_project_tag',
    `${ADMIN} or (role:manager and domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s)`,
    'Delete project tag.',
    ['DELETE /v3/projects/:project/tags/:value'],
  ),
  // region
  rule('identity:get_region', '', 'Get region.', ['GET /v3/regions/:region']),
  rule('identity:list_regions', '', 'List regions.', ['GET /v3/regions']),
  rule('identity:create_region', ADMIN, 'Create region.', ['POST /v3/regions', 'PUT /v3/regions/:region']),
  rule('identity:update_region', ADMIN, 'Update region.', ['PATCH /v3/regions/:region']),
  rule('identity:delete_region', ADMIN, 'Delete region.', ['DELETE /v3/regions/:region']),
  // revoke_event
  rule('identity:list_revoke_events', 'rule:service_or_admin', 'List revoke events.', ['GET /v3/OS-REVOKE/events']),
  // role
  rule('identity:get_role', `${READERS} or (role:manager and rule:domain_managed_target_role)`, 'Get role.', ['GET /v3/roles/:role']),
  rule('identity:list_roles', `${READERS} or (role:manager and domain_id:%(target.domain_id)s)`, 'List roles.', ['GET /v3/roles']),
  rule('identity:create_role', ADMIN, 'Create role.', ['POST /v3/roles']),
  rule('identity:update_role', ADMIN, 'Update role.', ['PATCH /v3/roles/:role']),
  rule('identity:delete_role', ADMIN, 'Delete role.', ['DELETE /v3/roles/:role']),
  rule('identity:get_domain_role', READERS, 'Get domain role.', ['GET /v3/roles/:role']),
  rule('identity:list_domain_roles', READERS, 'List domain roles.', ['GET /v3/roles?domain_id=:domain']),
  rule('identity:create_domain_role', ADMIN, 'Create domain role.', ['POST /v3/roles']),
  rule('identity:update_domain_role', ADMIN, 'Update domain role.', ['PATCH /v3/roles/:role']),
  rule('identity:delete_domain_role', ADMIN, 'Delete domain role.', ['DELETE /v3/roles/:role']),
  // role_assignment
  rule('identity:list_role_assignments', `${READERS} or (role:reader and domain_id:%(target.domain_id)s)`, 'List role assignments.', [
    'GET /v3/role_assignments',
  ]),
  rule(
    'identity:list_role_assignments_for_tree',
    `${READERS} or (role:reader and domain_id:%(target.domain_id)s)`,
    'List role assignments for tree.',
    ['GET /v3/role_assignments?include_subtree'],
  ),
  // service
  rule('identity:get_service', READERS, 'Get service.', ['GET /v3/services/:service']),
  rule('identity:list_services', READERS, 'List services.', ['GET /v3/services']),
  rule('identity:create_service', ADMIN, 'Create service.', ['POST /v3/services']),
  rule('identity:update_service', ADMIN, 'Update service.', ['PATCH /v3/services/:service']),
  rule('identity:delete_service', ADMIN, 'Delete service.', ['DELETE /v3/services/:service']),
  // token
  rule('identity:check_token', `${READERS} or rule:token_subject`, 'Check token.', ['HEAD /v3/auth/tokens']),
  rule('identity:validate_token', `${READERS} or rule:service_role or rule:token_subject`, 'Validate token.', ['GET /v3/auth/tokens']),
  rule('identity:revoke_token', `${ADMIN} or rule:token_subject`, 'Revoke token.', ['DELETE /v3/auth/tokens']),
  // user
  rule(
    'identity:get_user',
    `${READERS} or (role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s`,
    'Get user.',
    ['GET /v3/users/:user'],
  ),
  rule('identity:list_users', `${READERS} or (role:reader and domain_id:%(target.domain_id)s)`, 'List users.', ['GET /v3/users']),
  rule('identity:create_user', `${ADMIN} or (role:manager and domain_id:%(target.user.domain_id)s)`, 'Create user.', ['POST /v3/users']),
  rule('identity:update_user', `${ADMIN} or (role:manager and domain_id:%(target.user.domain_id)s)`, 'Update user.', [
    'PATCH /v3/users/:user',
  ]),
  rule('identity:delete_user', `${ADMIN} or (role:manager and domain_id:%(target.user.domain_id)s)`, 'Delete user.', [
    'DELETE /v3/users/:user',
  ]),
  ...delegation,
  ...catalog,
  ...federation,
]
