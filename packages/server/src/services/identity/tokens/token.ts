import type { Instant } from '@esi/api/time'
import type { Claims } from '../domain/payload.ts'
import type { CredentialInfo, Named, Place } from '../store/subjects.ts'

/** A token that is good at this moment: what it says, and what stands behind it. */
export interface Token {
  readonly id: string
  readonly claims: Claims
  readonly issued: Instant
  readonly expires: Instant
  readonly user: { readonly id: string; readonly name: string; readonly domain: Named; readonly passwordExpires: Instant | null }
  readonly place: Place | null
  readonly roles: readonly Named[]
  readonly credential: CredentialInfo | null
}

/** The body of a token as Keystone prints it, without the catalog. */
export const renderToken = (token: Token): Record<string, unknown> => {
  const { claims, user, place, credential } = token
  const roles = token.roles.map(({ id, name }) => ({ id, name }))
  const scope = (): Record<string, unknown> => {
    switch (claims.scope.is) {
      case 'system':
        return { roles, system: { all: true } }
      case 'domain':
        return { domain: { id: place!.id, name: place!.name }, roles }
      case 'project':
        return {
          project: { domain: place!.domain ?? { id: place!.id, name: place!.name }, id: place!.id, name: place!.name },
          is_domain: place!.domain === null,
          roles,
        }
      case 'unscoped':
        return {}
    }
  }
  return {
    methods: claims.methods,
    user: { domain: user.domain, id: user.id, name: user.name, password_expires_at: user.passwordExpires },
    audit_ids: claims.audit,
    expires_at: token.expires,
    issued_at: token.issued,
    ...scope(),
    ...(credential
      ? {
          application_credential: {
            id: credential.id,
            name: credential.name,
            restricted: !credential.unrestricted,
            ...(credential.rules ? { access_rules: credential.rules } : {}),
          },
        }
      : {}),
  }
}
