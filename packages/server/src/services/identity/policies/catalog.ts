import type { PolicyDefault } from '../../../kit/policy/types.ts'
import { ADMIN, READERS, rule } from './rule.ts'

/** What projects see of the catalog, and what is kept for services: policies, limits, settings of domains. */
export const catalog: readonly PolicyDefault[] = [
  // policy
  rule('identity:get_policy', READERS, 'Show policy details.', ['GET /v3/policies/:policy']),
  rule('identity:list_policies', READERS, 'List policies.', ['GET /v3/policies']),
  rule('identity:create_policy', ADMIN, 'Create policy.', ['POST /v3/policies']),
  rule('identity:update_policy', ADMIN, 'Update policy.', ['PATCH /v3/policies/:policy']),
  rule('identity:delete_policy', ADMIN, 'Delete policy.', ['DELETE /v3/policies/:policy']),
  // policy_association
  rule('identity:create_policy_association_for_endpoint', ADMIN, 'Associate a policy to a specific endpoint.', [
    'PUT /v3/policies/:policy/OS-ENDPOINT-POLICY/endpoints/:endpoint',
  ]),
  rule('identity:check_policy_association_for_endpoint', READERS, 'Check policy association for endpoint.', [
    'GET /v3/policies/:policy/OS-ENDPOINT-POLICY/endpoints/:endpoint',
  ]),
  rule('identity:delete_policy_association_for_endpoint', ADMIN, 'Delete policy association for endpoint.', [
    'DELETE /v3/policies/:policy/OS-ENDPOINT-POLICY/endpoints/:endpoint',
  ]),
  rule('identity:create_policy_association_for_service', ADMIN, 'Associate a policy to a specific service.', [
    'PUT /v3/policies/:policy/OS-ENDPOINT-POLICY/services/:service',
  ]),
  rule('identity:check_policy_association_for_service', READERS, 'Check policy association for service.', [
    'GET /v3/policies/:policy/OS-ENDPOINT-POLICY/services/:service',
  ]),
  rule('identity:delete_policy_association_for_service', ADMIN, 'Delete policy association for service.', [
    'DELETE /v3/policies/:policy/OS-ENDPOINT-POLICY/services/:service',
  ]),
  rule(
    'identity:create_policy_association_for_region_and_service',
    ADMIN,
    'Associate a policy to a specific region and service combination.',
    ['PUT /v3/policies/:policy/OS-ENDPOINT-POLICY/services/:service/regions/:region'],
  ),
  rule('identity:check_policy_association_for_region_and_service', READERS, 'Check policy association for region and service.', [
    'GET /v3/policies/:policy/OS-ENDPOINT-POLICY/services/:service/regions/:region',
  ]),
  rule('identity:delete_policy_association_for_region_and_service', ADMIN, 'Delete policy association for region and service.', [
    'DELETE /v3/policies/:policy/OS-ENDPOINT-POLICY/services/:service/regions/:region',
  ]),
  rule('identity:get_policy_for_endpoint', READERS, 'Get policy for endpoint.', ['GET /v3/endpoints/:endpoint/OS-ENDPOINT-POLICY/policy']),
  rule('identity:list_endpoints_for_policy', READERS, 'List endpoints for policy.', [
    'GET /v3/policies/:policy/OS-ENDPOINT-POLICY/endpoints',
  ]),
  // domain_config
  rule('identity:create_domain_config', ADMIN, 'Create domain configuration.', ['PUT /v3/domains/:domain/config']),
  rule(
    'identity:get_domain_config',
    READERS,
    'Get the entire domain configuration for a domain, an option group within a domain, or a specific configuration option within a group for a domain.',
    ['GET /v3/domains/:domain/config', 'GET /v3/domains/:domain/config/:group', 'GET /v3/domains/:domain/config/:group/:option'],
  ),
  rule(
    'identity:get_security_compliance_domain_config',
    '',
    'Get security compliance domain configuration for either a domain or a specific option in a domain.',
    ['GET /v3/domains/:domain/config/security_compliance', 'GET /v3/domains/:domain/config/security_compliance/:option'],
  ),
  rule(
    'identity:update_domain_config',
    ADMIN,
    'Update domain configuration for either a domain, specific group or a specific option in a group.',
    ['PATCH /v3/domains/:domain/config', 'PATCH /v3/domains/:domain/config/:group', 'PATCH /v3/domains/:domain/config/:group/:option'],
  ),
  rule(
    'identity:delete_domain_config',
    ADMIN,
    'Delete domain configuration for either a domain, specific group or a specific option in a group.',
    ['DELETE /v3/domains/:domain/config', 'DELETE /v3/domains/:domain/config/:group', 'DELETE /v3/domains/:domain/config/:group/:option'],
  ),
  rule(
    'identity:get_domain_config_default',
    READERS,
    'Get domain configuration default for either a domain, specific group or a specific option in a group.',
    ['GET /v3/domains/config/default', 'GET /v3/domains/config/:group/default', 'GET /v3/domains/config/:group/:option/default'],
  ),
  // endpoint_group
  rule('identity:create_endpoint_group', ADMIN, 'Create endpoint group.', ['POST /v3/OS-EP-FILTER/endpoint_groups']),
  rule('identity:list_endpoint_groups', READERS, 'List endpoint groups.', ['GET /v3/OS-EP-FILTER/endpoint_groups']),
  rule('identity:get_endpoint_group', READERS, 'Get endpoint group.', ['GET /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group']),
  rule('identity:update_endpoint_group', ADMIN, 'Update endpoint group.', ['PATCH /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group']),
  rule('identity:delete_endpoint_group', ADMIN, 'Delete endpoint group.', ['DELETE /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group']),
  rule('identity:list_projects_associated_with_endpoint_group', READERS, 'List all projects associated with a specific endpoint group.', [
    'GET /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group/projects',
  ]),
  rule('identity:list_endpoints_associated_with_endpoint_group', READERS, 'List all endpoints associated with an endpoint group.', [
    'GET /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group/endpoints',
  ]),
  rule('identity:get_endpoint_group_in_project', READERS, 'Check if an endpoint group is associated with a project.', [
    'GET /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group/projects/:project',
  ]),
  rule('identity:list_endpoint_groups_for_project', READERS, 'List endpoint groups associated with a specific project.', [
    'GET /v3/OS-EP-FILTER/projects/:project/endpoint_groups',
  ]),
  rule('identity:add_endpoint_group_to_project', ADMIN, 'Allow a project to access an endpoint group.', [
    'PUT /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group/projects/:project',
  ]),
  rule('identity:remove_endpoint_group_from_project', ADMIN, 'Remove endpoint group from project.', [
    'DELETE /v3/OS-EP-FILTER/endpoint_groups/:endpoint_group/projects/:project',
  ]),
  // project_endpoint
  rule('identity:list_projects_for_endpoint', READERS, 'List projects allowed to access an endpoint.', [
    'GET /v3/OS-EP-FILTER/endpoints/:endpoint/projects',
  ]),
  rule('identity:add_endpoint_to_project', ADMIN, 'Allow project to access an endpoint.', [
    'PUT /v3/OS-EP-FILTER/projects/:project/endpoints/:endpoint',
  ]),
  rule('identity:check_endpoint_in_project', READERS, 'Check if a project is allowed to access an endpoint.', [
    'GET /v3/OS-EP-FILTER/projects/:project/endpoints/:endpoint',
  ]),
  rule('identity:list_endpoints_for_project', READERS, 'List the endpoints a project is allowed to access.', [
    'GET /v3/OS-EP-FILTER/projects/:project/endpoints',
  ]),
  rule(
    'identity:remove_endpoint_from_project',
    ADMIN,
    'Remove access to an endpoint from a project that has previously been given explicit access.',
    ['DELETE /v3/OS-EP-FILTER/projects/:project/endpoints/:endpoint'],
  ),
  // registered_limit
  rule('identity:get_registered_limit', '', 'Show registered limit details.', ['GET /v3/registered_limits/:registered_limit']),
  rule('identity:list_registered_limits', '', 'List registered limits.', ['GET /v3/registered_limits']),
  rule('identity:create_registered_limits', ADMIN, 'Create registered limits.', ['POST /v3/registered_limits']),
  rule('identity:update_registered_limit', ADMIN, 'Update registered limit.', ['PATCH /v3/registered_limits/:registered_limit']),
  rule('identity:delete_registered_limit', ADMIN, 'Delete registered limit.', ['DELETE /v3/registered_limits/:registered_limit']),
  // limit
  rule('identity:get_limit_model', '', 'Get limit enforcement model.', ['GET /v3/limits/model']),
  rule(
    'identity:get_limit',
    `${READERS} or (domain_id:%(target.limit.domain.id)s or domain_id:%(target.limit.project.domain_id)s) or (project_id:%(target.limit.project_id)s and not None:%(target.limit.project_id)s)`,
    'Show limit details.',
    ['GET /v3/limits/:limit'],
  ),
  rule('identity:list_limits', '', 'List limits.', ['GET /v3/limits']),
  rule('identity:create_limits', ADMIN, 'Create limits.', ['POST /v3/limits']),
  rule('identity:update_limit', ADMIN, 'Update limit.', ['PATCH /v3/limits/:limit']),
  rule('identity:delete_limit', ADMIN, 'Delete limit.', ['DELETE /v3/limits/:limit']),
]
