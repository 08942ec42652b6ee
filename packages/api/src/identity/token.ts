import type { RouteSpec } from '../define.ts'

/** Routes under `/v3/auth`, and the documents by which clients find them. */
export const tokenRoutes = {
  versions: { name: 'versions', method: 'GET', path: '/', open: true, status: 300 },
  version: { name: 'version', method: 'GET', path: '/v3', open: true, status: 200 },
  issue: { name: 'token.issue', method: 'POST', path: '/v3/auth/tokens', open: true, status: 201, bodyLimit: 114_688 },
  show: { name: 'token.show', method: 'GET', path: '/v3/auth/tokens', policies: ['identity:validate_token'], status: 200 },
  revoke: { name: 'token.revoke', method: 'DELETE', path: '/v3/auth/tokens', policies: ['identity:revoke_token'], status: 204 },
  projects: { name: 'token.projects', method: 'GET', path: '/v3/auth/projects', policies: ['identity:get_auth_projects'], status: 200 },
  domains: { name: 'token.domains', method: 'GET', path: '/v3/auth/domains', policies: ['identity:get_auth_domains'], status: 200 },
  system: { name: 'token.system', method: 'GET', path: '/v3/auth/system', policies: ['identity:get_auth_system'], status: 200 },
  catalog: { name: 'token.catalog', method: 'GET', path: '/v3/auth/catalog', policies: ['identity:get_auth_catalog'], status: 200 },
  /** The same under their older names. */
  federatedProjects: {
    name: 'token.projects.federated',
    method: 'GET',
    path: '/v3/OS-FEDERATION/projects',
    policies: ['identity:get_auth_projects'],
    status: 200,
  },
  federatedDomains: {
    name: 'token.domains.federated',
    method: 'GET',
    path: '/v3/OS-FEDERATION/domains',
    policies: ['identity:get_auth_domains'],
    status: 200,
  },
  /** What there was when tokens were signed documents. */
  revokedIds: { name: 'pki.revoked', method: 'GET', path: '/v3/auth/tokens/OS-PKI/revoked', open: true, status: 200 },
  signer: { name: 'pki.ca', method: 'GET', path: '/v3/OS-SIMPLE-CERT/ca', open: true, status: 200 },
  certificates: { name: 'pki.certificates', method: 'GET', path: '/v3/OS-SIMPLE-CERT/certificates', open: true, status: 200 },
  revocations: {
    name: 'revocation.list',
    method: 'GET',
    path: '/v3/OS-REVOKE/events',
    policies: ['identity:list_revoke_events'],
    status: 200,
  },
} as const satisfies Record<string, RouteSpec>
