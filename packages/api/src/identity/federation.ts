import { once, type RouteSpec, resource, rw } from '../define.ts'
import { int, list, string } from '../types.ts'
import { flag, id, url } from './types.ts'

/** Someone elsewhere who knows users: an OpenID Connect provider. Its users live in a domain of its own. */
export const identityProvider = resource({
  service: 'identity',
  name: 'identity_provider',
  plural: 'identity_providers',
  path: '/v3/OS-FEDERATION/identity_providers',
  id: 'id',
  fields: {
    id: once(id(), { filter: true }),
    /** Without one it gets a new one. */
    domain_id: once(id(), { nullable: true }),
    enabled: rw(flag(), { default: false, filter: true }),
    description: rw(string(65_535), { nullable: true }),
    /** What it calls itself: issuers. Empty: whatever the configuration says. */
    remote_ids: rw(list(string(255, 1)), { nullable: true, default: [] }),
    /** Minutes for which groups that a login gave are kept. Null: as long as its token. */
    authorization_ttl: rw(int(0), { nullable: true }),
  },
  policy: {
    list: 'identity:list_identity_providers',
    show: 'identity:get_identity_provider',
    create: 'identity:create_identity_provider',
    update: 'identity:update_identity_provider',
    delete: 'identity:delete_identity_provider',
  },
  relations: {},
  columns: { list: ['id', 'enabled', 'domain_id', 'description'] },
})

/** Another cloud that believes our users. */
export const serviceProvider = resource({
  service: 'identity',
  name: 'service_provider',
  plural: 'service_providers',
  path: '/v3/OS-FEDERATION/service_providers',
  id: 'id',
  fields: {
    id: once(id(), { filter: true }),
    auth_url: rw(url(225), { required: true }),
    sp_url: rw(url(225), { required: true }),
    enabled: rw(flag(), { default: false, filter: true }),
    description: rw(string(65_535), { nullable: true }),
    relay_state_prefix: rw(string(255), { default: 'ss:mem:' }),
  },
  policy: {
    list: 'identity:list_service_providers',
    show: 'identity:get_service_provider',
    create: 'identity:create_service_provider',
    update: 'identity:update_service_provider',
    delete: 'identity:delete_service_provider',
  },
  relations: {},
  columns: { list: ['id', 'enabled', 'description', 'auth_url'] },
})

/** What claims of an identity provider make of somebody here. The rules are Keystone's mapping language. */
export const mapping = resource({
  service: 'identity',
  name: 'mapping',
  plural: 'mappings',
  path: '/v3/OS-FEDERATION/mappings',
  id: 'id',
  fields: {
    id: once(id()),
    rules: rw(list(), { required: true }),
    schema_version: rw(string(5)),
  },
  policy: {
    list: 'identity:list_mappings',
    show: 'identity:get_mapping',
    create: 'identity:create_mapping',
    update: 'identity:update_mapping',
    delete: 'identity:delete_mapping',
  },
  relations: {},
  columns: { list: ['id'] },
})

/** How an identity provider is spoken to, and by which mapping what it says is read. */
export const protocol = resource({
  service: 'identity',
  name: 'protocol',
  plural: 'protocols',
  path: '/v3/OS-FEDERATION/identity_providers/:identity_provider/protocols',
  id: 'id',
  fields: {
    id: once(id()),
    mapping_id: rw(id(), { required: true }),
    remote_id_attribute: rw(string(64), { nullable: true }),
  },
  policy: {
    list: 'identity:list_protocols',
    show: 'identity:get_protocol',
    update: 'identity:update_protocol',
    delete: 'identity:delete_protocol',
  },
  relations: {},
  columns: { list: ['id', 'mapping_id'] },
})

const provider = '/v3/OS-FEDERATION/identity_providers/:identity_provider'
const protocols = `${provider}/protocols`
const one = `${protocols}/:protocol`

/** What is made has its identifier in the path. */
export const federationRoutes = {
  putProvider: {
    name: 'identity_provider.create',
    method: 'PUT',
    path: provider,
    policies: ['identity:create_identity_provider'],
    status: 201,
  },
  putServiceProvider: {
    name: 'service_provider.create',
    method: 'PUT',
    path: '/v3/OS-FEDERATION/service_providers/:service_provider',
    policies: ['identity:create_service_provider'],
    status: 201,
  },
  putMapping: {
    name: 'mapping.create',
    method: 'PUT',
    path: '/v3/OS-FEDERATION/mappings/:mapping',
    policies: ['identity:create_mapping'],
    status: 201,
  },
  protocols: { name: 'protocol.list', method: 'GET', path: protocols, policies: ['identity:list_protocols'], status: 200 },
  protocol: { name: 'protocol.show', method: 'GET', path: one, policies: ['identity:get_protocol'], status: 200 },
  putProtocol: { name: 'protocol.create', method: 'PUT', path: one, policies: ['identity:create_protocol'], status: 201 },
  patchProtocol: { name: 'protocol.update', method: 'PATCH', path: one, policies: ['identity:update_protocol'], status: 200 },
  deleteProtocol: { name: 'protocol.delete', method: 'DELETE', path: one, policies: ['identity:delete_protocol'], status: 204 },
  /** `Authorization: Bearer`: a token of the provider's becomes one of ours. */
  login: { name: 'federation.login', method: 'GET', path: `${one}/auth`, open: true, status: 201 },
  loginByPost: { name: 'federation.login.post', method: 'POST', path: `${one}/auth`, open: true, status: 201 },
  /** A browser is sent to the provider, and comes back to `origin` with a token. */
  web: { name: 'federation.web', method: 'GET', path: '/v3/auth/OS-FEDERATION/websso/:protocol', open: true, status: 302 },
  webOf: {
    name: 'federation.web.provider',
    method: 'GET',
    path: '/v3/auth/OS-FEDERATION/identity_providers/:identity_provider/protocols/:protocol/websso',
    open: true,
    status: 302,
  },
  /** Where the provider sends browsers back: what is to be registered there as redirect URI. */
  callback: { name: 'federation.web.callback', method: 'GET', path: '/v3/OS-FEDERATION/oidc/callback', open: true, status: 200 },
} as const satisfies Record<string, RouteSpec>
