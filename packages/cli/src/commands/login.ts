import { dialect } from '@esi/api/identity/dialect'
import { type Command, UsageError } from '../command.ts'
import { oneOf } from '../show.ts'

const NEEDED = `The cloud is not set up for that. In clouds.yaml it needs
  auth_type: v3oidcdeviceauthz
  identity_provider: <the provider's id here>
  protocol: openid
  auth:
    auth_url: ...
    client_id: <the id of this program at the provider>
    discovery_endpoint: https://<provider>/.well-known/openid-configuration
    project_name: ...`

export const login: Command = {
  brief: 'log in; at an identity provider once for the commands that follow',
  doc: 'What was got at an identity provider is kept for the user who runs this, until it ends or "esi logout".',
  options: { oidc: { doc: 'insist on an identity provider (OpenID Connect, device flow)' } },
  prints: 'one',
  async run(face, given) {
    const session = await face.session()
    if (given.has('oidc') && session.cloud.auth.kind !== 'oidc') throw new UsageError(NEEDED)
    const token = await session.token()
    return oneOf(['user', 'project', 'roles', 'expires'], {
      user: token.user.name,
      project: token.project?.name ?? null,
      roles: token.roles.map(role => role.name).join(', '),
      expires: token.expires,
    })
  },
}

export const logout: Command = {
  brief: 'end the login at an identity provider',
  async run(face) {
    const session = await face.session()
    const kept = session.help?.kept
    const token = kept?.read()
    if (!token) return { text: 'No login at an identity provider is kept.' }
    await session.call('identity', dialect, { method: 'DELETE', path: '/v3/auth/tokens', headers: { 'X-Subject-Token': token.text } })
    kept?.forget()
    return undefined
  },
}
