import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { trustRoutes as specs, trust as table } from '@esi/api/identity/trust'
import type { Instant } from '@esi/api/time'
import { isObject } from '@esi/api/types'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import { draftOf } from '../../../kit/resource/accept.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { type Depth, type Link, mayRedelegate, redelegationOf } from '../domain/trusts.ts'
import { forbiddenAction, invalid, missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { ownToken } from '../resources/own-token.ts'
import { findUser } from '../store/accounts.ts'
import * as store from '../store/trusts.ts'
import { emit } from '../telling.ts'
import type { Token } from '../tokens/token.ts'
import type { Engines } from './grants.ts'
import { listLinks } from './links.ts'

/** Trusts: who may act for whom, where, and how long. Source: Keystone's OS-TRUST. */
export const trusts = (house: House, { roles, projects }: Engines): Route[] => {
  const { database, clock } = house
  const { db } = database

  const plain = (row: store.TrustRow, context: Context): Item => ({
    id: row.id,
    trustor_user_id: row.trustor_user_id,
    trustee_user_id: row.trustee_user_id,
    project_id: row.project_id,
    impersonation: row.impersonation,
    expires_at: row.expires_at,
    remaining_uses: row.remaining_uses,
    redelegation_count: row.redelegation_count,
    redelegated_trust_id: row.redelegated_trust_id,
    deleted_at: null,
    links: { self: `${context.wire.base}${table.path}/${row.id}` },
  })

  const shownRoles = async (row: store.TrustRow, context: Context): Promise<Item[]> => {
    const rows = await Promise.all(row.roles.map(id => roles.read(db, id)))
    const there = rows.filter(role => role !== undefined)
    return roles.present(context, there).map(role => ({ ...role, links: { self: `${context.wire.base}/v3/roles/${String(role['id'])}` } }))
  }

  const rolesLinks = (row: store.TrustRow, context: Context) => ({
    self: `${context.wire.base}${table.path}/${row.id}/roles`,
    next: null,
    previous: null,
  })

  const whole = async (row: store.TrustRow, context: Context): Promise<Item> => ({
    ...plain(row, context),
    roles: await shownRoles(row, context),
    roles_links: rolesLinks(row, context),
  })

  /** A program's login is for one project; it neither sees nor makes ways into others. */
  const person = async (context: Context): Promise<Token> => {
    const token = await ownToken(house, context)
    if (token.credential) throw forbiddenAction("Using method 'application_credential' is not allowed for managing trusts.")
    if (token.claims.accessToken !== undefined) throw new Refused('forbidden', 'Cannot manage trusts with a token issued via delegation.')
    return token
  }

  // That there is none is told before rights are asked, as in the original; so what is others' is not there either.
  const find = async (context: Context, id: string, rule: string): Promise<store.TrustRow> => {
    const row = await store.readTrust(db, id, clock.now())
    const target = row && { target: { trust: { trustor_user_id: row.trustor_user_id, trustee_user_id: row.trustee_user_id } } }
    if (!row || !context.may('identity:get_trust', target)) throw missing('trust', id)
    context.require(rule, target)
    await person(context)
    return row
  }

  const asked = async (given: readonly unknown[]): Promise<string[]> => {
    const ids: string[] = []
    for (const role of given) {
      if (!isObject(role) || Object.keys(role).length !== 1) throw invalid('A role of a trust is an object with an "id" or a "name".')
      const { id, name } = role
      if (typeof id === 'string') ids.push(id)
      else if (typeof name === 'string') {
        const named = await store.rolesNamed(db, name)
        if (named.length === 0) throw missing('role', name)
        if (named.length > 1) throw new Refused('conflict', `More than one role is called "${name}": use the id.`)
        ids.push(named[0]!)
      } else throw invalid('A role of a trust is an object with an "id" or a "name".')
    }
    return [...new Set(ids)]
  }

  /** The trust that the token itself came by, and all it came by in turn. */
  const chain = async (token: Token): Promise<store.TrustRow[]> => {
    const line: store.TrustRow[] = []
    for (let id = token.claims.trust ?? null; id !== null; ) {
      const row = await store.readTrust(db, id, clock.now())
      if (!row) throw missing('trust', id)
      line.push(row)
      id = row.redelegated_trust_id
    }
    return line
  }

  return [
    handle(specs.list, async context => {
      const { query } = context.wire
      const trustor = query.get('trustor_user_id') || undefined
      const trustee = query.get('trustee_user_id') || undefined
      if (trustor !== undefined) context.require('identity:list_trusts_for_trustor', { target: { trust: { trustor_user_id: trustor } } })
      else if (trustee !== undefined)
        context.require('identity:list_trusts_for_trustee', { target: { trust: { trustee_user_id: trustee } } })
      else context.require('identity:list_trusts')
      await person(context)
      const rows = await store.listTrusts(db, trustor !== undefined ? { trustor } : { trustee })
      return { body: { trusts: rows.map(row => plain(row, context)), links: listLinks(context) } }
    }),

    handle(specs.create, async context => {
      const { draft } = draftOf(table, dialect.created(context.wire, table), 0)
      const trustor = String(draft['trustor_user_id'])
      context.require('identity:create_trust', { target: { trust: { trustor_user_id: trustor } } })
      const token = await person(context)
      const project = (draft['project_id'] ?? null) as string | null
      const given = (draft['roles'] ?? []) as unknown[]
      if (project !== null && given.length === 0) throw forbiddenAction('At least one role should be specified')
      if (token.user.id !== trustor) throw forbiddenAction('The authenticated user should match the trustor')
      const trustee = String(draft['trustee_user_id'])
      if (!(await findUser(db, trustee))) throw missing('user', trustee)
      if (project !== null && !(await projects.read(db, project))) throw missing('project', project)

      const wanted = await asked(given)
      const line = await chain(token)
      const origin = line.at(-1)?.origin_user_id ?? trustor
      const has = project === null ? [] : await store.rolesToLend(db, origin, project, context.at)
      for (const role of wanted) if (!has.includes(role)) throw missing('role', role)

      const expires = (draft['expires_at'] ?? null) as Instant | null
      if (expires !== null && expires < context.at)
        throw invalid(
          "The 'expires_at' must not be before now. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.",
        )
      const link: Link = {
        roles: wanted,
        impersonation: draft['impersonation'] === true,
        expires,
        uses: (draft['remaining_uses'] ?? null) as number | null,
        project,
      }
      const above = line.map(row => ({ ...linkOf(row), id: row.id, depth: row.redelegation_count }))
      const depth: Depth = {
        allowed: draft['allow_redelegation'] === true,
        count: (draft['redelegation_count'] ?? null) as number | null,
        most: house.config.trustDepth,
      }
      const count = redelegationOf(depth, link, above[0])
      for (const one of above) mayRedelegate(one, { ...link, expires: link.expires ?? above[0]!.expires }, house.config.trustDepth)

      const row: store.NewTrust = {
        id: hex(),
        trustor_user_id: trustor,
        trustee_user_id: trustee,
        origin_user_id: origin,
        project_id: project,
        impersonation: link.impersonation,
        expires_at: expires ?? above[0]?.expires ?? null,
        remaining_uses: link.uses,
        redelegation_count: count,
        redelegated_trust_id: above[0]?.id ?? null,
        roles: wanted,
      }
      await database.transaction(context, async tx => {
        await store.insertTrust(tx.db, row, tx.at)
        emit(tx, 'trust.created', { type: 'trust', id: row.id }, [project], { trustor, trustee, impersonation: row.impersonation })
      })
      return { body: { trust: await whole((await store.readTrust(db, row.id, context.at))!, context) } }
    }),

    handle(specs.show, async (context, input) => ({
      body: { trust: await whole(await find(context, input.params['trust']!, 'identity:get_trust'), context) },
    })),

    handle(specs.delete, async (context, input) => {
      const row = await find(context, input.params['trust']!, 'identity:delete_trust')
      await database.transaction(context, async tx => {
        for (const id of await store.deleteTrust(tx.db, row.id))
          emit(tx, 'trust.deleted', { type: 'trust', id }, [row.project_id], {
            trustor: row.trustor_user_id,
            trustee: row.trustee_user_id,
          })
      })
      return {}
    }),

    handle(specs.roles, async (context, input) => {
      const row = await find(context, input.params['trust']!, 'identity:list_roles_for_trust')
      return { body: { roles: await shownRoles(row, context), links: rolesLinks(row, context) } }
    }),

    handle(specs.role, async (context, input) => {
      const row = await find(context, input.params['trust']!, 'identity:get_role_for_trust')
      const id = input.params['role']!
      const role = (await shownRoles(row, context)).find(each => each['id'] === id)
      if (!role) throw missing('role', id)
      return { body: { role } }
    }),
  ]
}

const linkOf = (row: store.TrustRow): Link => ({
  roles: row.roles,
  impersonation: row.impersonation,
  expires: row.expires_at,
  uses: row.remaining_uses,
  project: row.project_id,
})
