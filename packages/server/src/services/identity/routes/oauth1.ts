import { randomInt } from 'node:crypto'
import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { oauthRoutes as specs } from '@esi/api/identity/oauth'
import { role as roleTable } from '@esi/api/identity/role'
import { plus } from '@esi/api/time'
import { isObject } from '@esi/api/types'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { invalid, missing, unauthenticated } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { ownToken } from '../resources/own-token.ts'
import * as store from '../store/oauth1.ts'
import { findProject } from '../store/subjects.ts'
import { rolesNamed, rolesToLend } from '../store/trusts.ts'
import { emit } from '../telling.ts'
import { same } from '../tokens/ec2.ts'
import type { OAuthRequest } from '../tokens/oauth1.ts'
import { isDelegated, type Token } from '../tokens/token.ts'
import { readForm } from './form.ts'
import type { Engines } from './grants.ts'
import { listLinks } from './links.ts'

/** Milliseconds for which a request waits for its user, and for which what was lent is good. As in Keystone. */
const REQUEST = 28_800_000
const ACCESS = 86_400_000

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** What was asked, as it was signed. */
export const oauthRequest = ({ wire }: Pick<Context, 'wire'>, form?: URLSearchParams): OAuthRequest => ({
  method: wire.method,
  url: `${wire.base}${wire.path}`,
  params: [...wire.query, ...(form ?? [])],
  authorization: wire.headers['authorization'],
})

/** Programs that users lend some of their roles in a project to, by OAuth 1.0a. Source: Keystone's OS-OAUTH1. */
export const oauth1 = (house: House, { roles }: Engines): Route[] => {
  const { database, secrets, clock, lending } = house
  const { db } = database

  const made = (id: string, secret: string, expires: string): Reply => ({
    status: 201,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ oauth_token: id, oauth_token_secret: secret, oauth_expires_at: expires }).toString(),
  })

  /** Whoever was lent something lends nothing on, and sees no other loans. */
  const person = async (context: Context): Promise<Token> => {
    const token = await ownToken(house, context)
    if (isDelegated(token)) throw new Refused('forbidden', 'This is not for a token that was issued via delegation.')
    return token
  }

  const shown = (row: store.AccessTokenRow, context: Context): Item => {
    const self = `${context.wire.base}/v3/users/${row.user_id}/OS-OAUTH1/access_tokens/${row.id}`
    const { id, consumer_id, project_id, expires_at } = row
    return { id, consumer_id, project_id, authorizing_user_id: row.user_id, expires_at, links: { self, roles: `${self}/roles` } }
  }

  /** Another's is answered as what is not there. */
  const find = async (context: Context, params: Readonly<Record<string, string>>, rule: string): Promise<store.AccessTokenRow> => {
    context.require(rule, { target: { credential: { user_id: params['user'] } } })
    await person(context)
    const row = await store.readAccess(db, params['access_token']!)
    if (row?.user_id !== params['user']) throw missing('access token', params['access_token']!)
    return row!
  }

  const shownRoles = async (row: store.AccessTokenRow, context: Context): Promise<Item[]> => {
    const rows = await Promise.all(row.roles.map(id => roles.read(db, id)))
    const there = rows.filter(role => role !== undefined)
    return roles.present(context, there)
  }

  const asked = async (given: unknown): Promise<string[]> => {
    if (!Array.isArray(given) || given.length === 0) throw invalid('"roles" must be a list of roles with at least one in it.')
    const ids = new Set<string>()
    for (const role of given) {
      const { id, name, ...others } = isObject(role) ? role : {}
      if ((typeof id === 'string') === (typeof name === 'string') || Object.keys(others).length > 0)
        throw invalid('A role is an object with an "id" or a "name".')
      if (typeof id === 'string') ids.add(id)
      else {
        const named = await rolesNamed(db, String(name))
        if (named.length !== 1) throw missing('role', String(name))
        ids.add(named[0]!)
      }
    }
    return [...ids]
  }

  return [
    handle(specs.request, async (context, input) => {
      const signed = oauthRequest(context, readForm(input.raw, context.wire.headers['content-type']))
      const oauth = lending.params(signed, ['oauth_consumer_key'])
      const project = context.wire.headers['requested-project-id']
      if (!project) throw invalid('Expecting to find Requested-Project-Id in request. The client is assumed to be in error.')
      const consumer_id = await lending.consumer(signed, oauth)
      if (!(await findProject(db, { id: project }))) throw missing('project', project)
      const [id, secret] = [hex(), hex()]
      const expires_at = plus(context.at, REQUEST)
      await database.transaction(context, async tx => {
        await store.insertRequest(tx.db, { id, sealed: secrets.seal(secret), consumer_id, project_id: project, expires_at }, tx.at)
        emit(tx, 'request_token.created', { type: 'request_token', id }, [project], { consumer: consumer_id })
      })
      return made(id, secret, expires_at)
    }),

    handle(specs.authorize, async (context, input) => {
      context.require('identity:authorize_request_token')
      const token = await person(context)
      const wanted = await asked(isObject(input.raw) ? input.raw['roles'] : undefined)
      const id = input.params['request_token']!
      const request = await store.readRequest(db, id, clock.now())
      if (!request) throw missing('request token', id)
      const user = token.claims.user
      const has = await rolesToLend(db, user, request.project_id, clock.now())
      if (!wanted.every(role => has.includes(role)))
        throw new Refused('unauthenticated', 'The authorizing user does not have a role that is to be lent.')
      const verifier = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
      await database.transaction(context, async tx => {
        if (!(await store.agree(tx.db, id, { user, verifier, roles: wanted }))) throw missing('request token', id)
        emit(tx, 'request_token.authorized', { type: 'request_token', id }, [request.project_id], { user, consumer: request.consumer_id })
      })
      return { body: { token: { oauth_verifier: verifier } } }
    }),

    handle(specs.access, async (context, input) => {
      const signed = oauthRequest(context, readForm(input.raw, context.wire.headers['content-type']))
      const oauth = lending.params(signed, ['oauth_consumer_key', 'oauth_token', 'oauth_verifier'])
      const attempt = house.check.attempts.begin(oauth['oauth_token']!, context.address)
      const request = await lending.request(signed, oauth)
      if (request.verifier === null || !same(request.verifier, oauth['oauth_verifier']!)) {
        await attempt.failed()
        throw unauthenticated()
      }
      attempt.passed()
      const [id, secret] = [hex(), hex()]
      const expires_at = plus(context.at, ACCESS)
      const by = { at: context.at, by: { ...context.by, user: request.user_id! } }
      await database.transaction(by, async tx => {
        await store.dropExpired(tx.db, request.consumer_id, tx.at)
        const fresh = await store.exchangeRequest(tx.db, request.id, { id, sealed: secrets.seal(secret), expires_at }, tx.at)
        if (!fresh) throw unauthenticated()
        emit(tx, 'access_token.created', { type: 'access_token', id }, [request.project_id], {
          user: request.user_id,
          consumer: request.consumer_id,
        })
      })
      return made(id, secret, expires_at)
    }),

    handle(specs.list, async (context, input) => {
      const user = input.params['user']!
      context.require('identity:list_access_tokens', { target: { credential: { user_id: user } } })
      await person(context)
      const rows = await store.listAccess(db, user)
      return { body: { access_tokens: rows.map(row => shown(row, context)), links: listLinks(context) } }
    }),

    handle(specs.show, async (context, input) => ({
      body: { access_token: shown(await find(context, input.params, 'identity:get_access_token'), context) },
    })),

    handle(specs.delete, async (context, input) => {
      const row = await find(context, input.params, 'identity:delete_access_token')
      await database.transaction(context, async tx => {
        if (!(await store.deleteAccess(tx.db, row.id))) throw missing('access token', row.id)
        emit(tx, 'access_token.deleted', { type: 'access_token', id: row.id }, [row.project_id], {
          user: row.user_id,
          consumer: row.consumer_id,
        })
      })
      return {}
    }),

    handle(specs.roles, async (context, input) => {
      const row = await find(context, input.params, 'identity:list_access_token_roles')
      return { body: dialect.many(roleTable, await shownRoles(row, context), context.wire, undefined) }
    }),

    handle(specs.role, async (context, input) => {
      const row = await find(context, input.params, 'identity:get_access_token_role')
      const role = (await shownRoles(row, context)).find(each => each['id'] === input.params['role'])
      if (!role) throw missing('role', input.params['role']!)
      return { body: dialect.one(roleTable, role, context.wire) }
    }),
  ]
}
