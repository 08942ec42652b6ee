import type { RouteSpec } from '../define.ts'

/** Logins in the forms of OAuth: of programs with an application credential as their client (RFC 6749, 4.4). */
export const oauthRoutes = {
  token: { name: 'oauth2.token', method: 'POST', path: '/v3/OS-OAUTH2/token', open: true, text: true, bodyLimit: 16_384, status: 200 },
} as const satisfies Record<string, RouteSpec>
