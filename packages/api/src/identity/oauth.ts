import type { RouteSpec } from '../define.ts'

const lent = '/v3/users/:user/OS-OAUTH1/access_tokens'
const one = `${lent}/:access_token`
const signed = { method: 'POST', open: true, text: true, bodyLimit: 16_384 } as const

/**
 * Logins in the forms of OAuth: of programs with an application credential as their client (2.0, RFC 6749, 4.4), and of programs that
 * a user lends some roles in a project to (1.0a, RFC 5849).
 */
export const oauthRoutes = {
  token: { name: 'oauth2.token', path: '/v3/OS-OAUTH2/token', status: 200, ...signed },
  request: { name: 'request_token.create', path: '/v3/OS-OAUTH1/request_token', status: 201, ...signed },
  access: { name: 'access_token.create', path: '/v3/OS-OAUTH1/access_token', status: 201, ...signed },
  authorize: {
    name: 'request_token.authorize',
    method: 'PUT',
    path: '/v3/OS-OAUTH1/authorize/:request_token',
    policies: ['identity:authorize_request_token'],
    status: 200,
  },
  list: { name: 'access_token.list', method: 'GET', path: lent, policies: ['identity:list_access_tokens'], status: 200 },
  show: { name: 'access_token.show', method: 'GET', path: one, policies: ['identity:get_access_token'], status: 200 },
  delete: { name: 'access_token.delete', method: 'DELETE', path: one, policies: ['identity:delete_access_token'], status: 204 },
  roles: { name: 'access_token.roles', method: 'GET', path: `${one}/roles`, policies: ['identity:list_access_token_roles'], status: 200 },
  role: { name: 'access_token.role', method: 'GET', path: `${one}/roles/:role`, policies: ['identity:get_access_token_role'], status: 200 },
} as const satisfies Record<string, RouteSpec>
