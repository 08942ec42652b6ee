import { Refused } from '@esi/api/dialect'
import { tokenRoutes } from '@esi/api/identity/token'
import { instant, plus } from '@esi/api/time'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import { forbiddenAction, invalid, noToken } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { ownToken } from '../resources/own-token.ts'
import { forgetRevocations, listRevocations, revoke } from '../store/revocations.ts'
import { domainsOf, inSystem, projectsOf, type Somebody } from '../store/scopes.ts'
import { emit } from '../telling.ts'
import { renderReceipt } from '../tokens/receipts.ts'
import { readLogin } from '../tokens/request.ts'
import type { Token } from '../tokens/token.ts'
import { listLinks } from './links.ts'
import { oauthRequest } from './oauth1.ts'
import { tokenReply } from './token-reply.ts'

/** An expired token is still shown to services for so long when they ask for it. */
const LATE = 172_800_000

const RECEIPT = 'Openstack-Auth-Receipt'

const asked = (context: Context, key: string): boolean => {
  const value = context.wire.query.get(key)
  return value !== null && !['0', 'f', 'false', 'off', 'n', 'no'].includes(value.toLowerCase())
}

export const tokens = (house: House): Route[] => {
  const { database } = house

  /** Without a token to look at, its caller is judged first. */
  const subject = async (context: Context, rule: string): Promise<Token> => {
    const id = context.wire.headers['x-subject-token']
    const token = id ? await house.tokens.validate(id, asked(context, 'allow_expired') ? LATE : 0) : undefined
    if (!id) context.require(rule, {})
    if (!token) throw noToken()
    // A service that knows nothing of access rules would let the token do more than it may.
    if (token.credential?.rules && !(Number(context.wire.headers['openstack-identity-access-rules']) >= 1)) throw noToken()
    return token
  }

  const about = (token: Token) => ({ target: { token: { user_id: token.user.id } } })

  const somebody = async (context: Context): Promise<Somebody> => {
    const { claims } = await ownToken(house, context)
    return { user: context.who.user_id, now: context.at, groups: claims.federated?.groups }
  }

  const projects = async (context: Context): Promise<Reply> => {
    context.require('identity:get_auth_projects')
    const rows = await projectsOf(database.db, await somebody(context))
    const shown = rows.map(p => ({ ...p.extra, ...p, extra: undefined, links: { self: `${context.wire.base}/v3/projects/${p.id}` } }))
    return { body: { projects: shown, links: listLinks(context) } }
  }

  const domains = async (context: Context): Promise<Reply> => {
    context.require('identity:get_auth_domains')
    const rows = await domainsOf(database.db, await somebody(context))
    const shown = rows.map(d => ({ ...d.extra, ...d, extra: undefined, links: { self: `${context.wire.base}/v3/domains/${d.id}` } }))
    return { body: { domains: shown, links: listLinks(context) } }
  }

  const gone = async (): Promise<Reply> => {
    throw new Refused('gone', 'Tokens are no signed documents any more: there are no certificates for them.')
  }

  return [
    handle(tokenRoutes.issue, async (context, input) => {
      const receipt = context.wire.headers[RECEIPT.toLowerCase()]
      const made = await house.login(readLogin(input.raw), { address: context.address, receipt, signed: oauthRequest(context) })
      if ('claims' in made) return tokenReply(house, context, made)
      return { status: 401, headers: { [RECEIPT]: made.id, Vary: 'X-Auth-Token' }, body: renderReceipt(made) }
    }),

    handle(tokenRoutes.show, async context => {
      const rule = context.wire.method === 'HEAD' ? 'identity:check_token' : 'identity:validate_token'
      const token = await subject(context, rule)
      context.require(rule, about(token))
      return tokenReply(house, context, token)
    }),

    handle(tokenRoutes.revoke, async context => {
      const token = await subject(context, 'identity:revoke_token')
      context.require('identity:revoke_token', about(token))
      await database.transaction(context, async tx => {
        await revoke(tx, { audit_id: token.claims.audit[0]! }, token.issued)
        await forgetRevocations(tx.db, plus(tx.at, -2 * house.config.tokenLifetime))
        emit(
          tx,
          'token.revoked',
          { type: 'token', id: token.claims.audit[0]! },
          [token.claims.scope.is === 'project' ? token.place?.id : null],
          { user: token.user.id },
        )
      })
      house.forget()
      return {}
    }),

    handle(tokenRoutes.projects, projects),
    handle(tokenRoutes.federatedProjects, projects),
    handle(tokenRoutes.domains, domains),
    handle(tokenRoutes.federatedDomains, domains),

    handle(tokenRoutes.system, async context => {
      context.require('identity:get_auth_system')
      const there = await inSystem(database.db, await somebody(context))
      return { body: { system: there ? [{ all: true }] : [], links: { self: `${context.wire.base}/v3/auth/system` } } }
    }),

    handle(tokenRoutes.catalog, async context => {
      context.require('identity:get_auth_catalog')
      if (context.project === undefined) throw forbiddenAction('A project-scoped token is required to produce a service catalog')
      const token = await ownToken(house, context)
      return { body: { catalog: await house.catalog(context, token), links: { self: `${context.wire.base}/v3/auth/catalog` } } }
    }),

    // As in Keystone: there once was such a list, and nobody may see it.
    handle(tokenRoutes.revokedIds, async () => {
      throw new Refused('forbidden', 'You are not authorized to perform the requested action.')
    }),
    handle(tokenRoutes.signer, gone),
    handle(tokenRoutes.certificates, gone),

    handle(tokenRoutes.revocations, async context => {
      context.require('identity:list_revoke_events')
      const text = context.wire.query.get('since')
      const since = text === null ? undefined : instant(text)
      if (text !== null && since === undefined) throw invalid(`invalidate date format ${text.slice(0, 100)}`)
      const rows = await listRevocations(database.db, since)
      const events = rows.map(row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
      return { body: { events, links: { next: null, self: `${context.wire.base}/v3/OS-REVOKE/events`, previous: null } } }
    }),
  ]
}
