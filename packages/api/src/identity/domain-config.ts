import type { RouteSpec } from '../define.ts'

const all = '/v3/domains/:domain/config'
const group = `${all}/:group`
const option = `${group}/:option`
const defaults = '/v3/domains/config'

/** Settings that a domain has of its own: whole, one group of them, or one. The fixed paths come before those with parameters. */
export const domainConfigRoutes = {
  default: {
    name: 'domain_config.default',
    method: 'GET',
    path: `${defaults}/default`,
    policies: ['identity:get_domain_config_default'],
    status: 200,
  },
  defaultGroup: {
    name: 'domain_config.default.group',
    method: 'GET',
    path: `${defaults}/:group/default`,
    policies: ['identity:get_domain_config_default'],
    status: 200,
  },
  defaultOption: {
    name: 'domain_config.default.option',
    method: 'GET',
    path: `${defaults}/:group/:option/default`,
    policies: ['identity:get_domain_config_default'],
    status: 200,
  },
  create: { name: 'domain_config.create', method: 'PUT', path: all, policies: ['identity:create_domain_config'], status: 201 },
  show: { name: 'domain_config.show', method: 'GET', path: all, policies: ['identity:get_domain_config'], status: 200 },
  update: { name: 'domain_config.update', method: 'PATCH', path: all, policies: ['identity:update_domain_config'], status: 200 },
  delete: { name: 'domain_config.delete', method: 'DELETE', path: all, policies: ['identity:delete_domain_config'], status: 204 },
  showGroup: {
    name: 'domain_config.group.show',
    method: 'GET',
    path: group,
    policies: ['identity:get_domain_config', 'identity:get_security_compliance_domain_config'],
    status: 200,
  },
  updateGroup: {
    name: 'domain_config.group.update',
    method: 'PATCH',
    path: group,
    policies: ['identity:update_domain_config'],
    status: 200,
  },
  deleteGroup: {
    name: 'domain_config.group.delete',
    method: 'DELETE',
    path: group,
    policies: ['identity:delete_domain_config'],
    status: 204,
  },
  showOption: {
    name: 'domain_config.option.show',
    method: 'GET',
    path: option,
    policies: ['identity:get_domain_config', 'identity:get_security_compliance_domain_config'],
    status: 200,
  },
  updateOption: {
    name: 'domain_config.option.update',
    method: 'PATCH',
    path: option,
    policies: ['identity:update_domain_config'],
    status: 200,
  },
  deleteOption: {
    name: 'domain_config.option.delete',
    method: 'DELETE',
    path: option,
    policies: ['identity:delete_domain_config'],
    status: 204,
  },
} as const satisfies Record<string, RouteSpec>
