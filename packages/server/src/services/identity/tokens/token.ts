import type { Instant } from '@esi/api/time'
import type { Claims } from '../domain/payload.ts'
import type { CredentialInfo, LentInfo, Named, Place, TrustInfo } from '../store/subjects.ts'

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
  readonly trust: TrustInfo | null
  readonly lent: LentInfo | null
}

/**
 * Whether it came by something else than its user's own login: then it is good for its own project and for nothing that outlives it.
 * Methods that no token keeps were signatures with keys.
 */
export const isDelegated = ({ claims }: Token): boolean =>
  claims.applicationCredential !== undefined ||
  claims.trust !== undefined ||
  claims.accessToken !== undefined ||
  claims.methods.length === 0

/** The body of a token as Keystone prints it, without the catalog. */
export const renderToken = (token: Token): Record<string, unknown> => {
  const { claims, user, place, credential, trust, lent } = token
  const { federated } = claims
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
    user: {
      domain: user.domain,
      id: user.id,
      name: user.name,
      // A user whom somebody elsewhere knows has no password here.
      ...(federated
        ? {
            'OS-FEDERATION': {
              groups: federated.groups.map(id => ({ id })),
              identity_provider: { id: federated.provider },
              protocol: { id: federated.protocol },
            },
          }
        : { password_expires_at: user.passwordExpires }),
    },
    audit_ids: claims.audit,
    expires_at: token.expires,
    issued_at: token.issued,
    ...scope(),
    ...(trust
      ? {
          'OS-TRUST:trust': {
            id: trust.id,
            impersonation: trust.impersonation,
            trustor_user: { id: trust.trustor.id },
            trustee_user: { id: trust.trustee },
          },
        }
      : {}),
    ...(lent ? { 'OS-OAUTH1': { access_token_id: lent.id, consumer_id: lent.consumer } } : {}),
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
