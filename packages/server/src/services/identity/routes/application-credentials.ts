import { randomBytes } from 'node:crypto'
import { Refused } from '@esi/api/dialect'
import { applicationCredential, applicationCredentialRoutes as specs } from '@esi/api/identity/application-credential'
import { dialect } from '@esi/api/identity/dialect'
import { type Instant, naive } from '@esi/api/time'
import { isObject } from '@esi/api/types'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import { draftOf } from '../../../kit/resource/accept.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { forbiddenAction, invalid, missing, refuse } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { ownToken } from '../resources/own-token.ts'
import { findUser } from '../store/accounts.ts'
import * as store from '../store/application-credentials.ts'
import { emit } from '../telling.ts'
import type { Token } from '../tokens/token.ts'
import { listLinks } from './links.ts'

/** Each is looked at with every request of the program. */
const MOST_RULES = 250

const METHODS = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']

/** Logins for programs. One that is restricted cannot make or end others. */
export const applicationCredentials = (house: House): Route[] => {
  const { database, passwords } = house
  const { db } = database

  const shown = (row: store.CredentialRow, context: Context, secret?: string): Item => {
    const { access_rules: rules, ...rest } = row
    const path = `${context.wire.base}/v3/users/${row.user_id}`
    return {
      ...rest,
      system: null,
      expires_at: row.expires_at === null ? null : naive(row.expires_at),
      ...(rules.length > 0 ? { access_rules: rules } : {}),
      ...(secret === undefined ? {} : { secret }),
      links: { self: `${path}/application_credentials/${row.id}` },
    }
  }

  /** A credential that may not make others may not make itself immortal through one. */
  const unrestricted = async (context: Context): Promise<Token> => {
    const token = await ownToken(house, context)
    if (token.credential && !token.credential.unrestricted)
      throw forbiddenAction("Using method 'application_credential' is not allowed for managing additional application credentials")
    return token
  }

  /** Whoever was lent a role keeps nothing of it that would outlive the loan. */
  const lender = async (context: Context): Promise<void> => {
    const { claims } = await ownToken(house, context)
    if (claims.trust !== undefined || claims.accessToken !== undefined)
      throw new Refused('forbidden', 'Cannot manage application credentials with a token issued via delegation.')
  }

  /** Whose it is counts, not whose path names it; another's is answered as what is not there. */
  const find = async (context: Context, params: Readonly<Record<string, string>>, rule: string): Promise<store.CredentialRow> => {
    const id = params['application_credential']!
    const found = await store.readCredential(db, id)
    const row = found && context.may(rule, { user_id: found.user_id }) ? found : undefined
    if (!row) context.require(rule, { user_id: params['user'] })
    await lender(context)
    if (!row) throw missing('application credential', id)
    return row
  }

  const ruleTarget = async (context: Context, user: string, rule: string): Promise<void> => {
    const row = await findUser(db, user)
    context.require(rule, { target: row ? { user: row } : {} })
    await lender(context)
    if (!row) throw missing('user', user)
  }

  return [
    handle(specs.list, async (context, input) => {
      const user = input.params['user']!
      context.require('identity:list_application_credentials', { user_id: user })
      await lender(context)
      const rows = await store.listCredentials(db, user, context.wire.query.get('name') ?? undefined)
      return { body: { application_credentials: rows.map(row => shown(row, context)), links: listLinks(context) } }
    }),

    handle(specs.create, async (context, input) => {
      const user = input.params['user']!
      context.require('identity:create_application_credential', { user_id: user })
      await lender(context)
      const token = await unrestricted(context)
      if (token.user.id !== user) throw forbiddenAction('Cannot create an application credential for another user.')
      if (token.claims.scope.is !== 'project') throw forbiddenAction('Application credentials are made with a token for a project')
      const { draft } = draftOf(applicationCredential, dialect.created(context.wire, applicationCredential), 0)
      const ends = draft['expires_at'] as Instant | null
      if (ends !== null && ends <= context.at) throw invalid("The 'expires_at' must not be before now.")
      const secret = (draft['secret'] as string | null) ?? randomBytes(64).toString('base64url')
      const roles = await rolesFor(draft['roles'] as unknown[] | undefined, token, given => store.withImplied(db, given))
      const rules = await rulesFor((draft['access_rules'] as unknown[] | null) ?? [], id => store.readRule(db, user, id))
      const id = hex()
      const hash = await passwords.hash(secret)
      const project = token.claims.scope.project
      await database.transaction(context, async tx => {
        try {
          await store.insertCredential(
            tx.db,
            {
              id,
              name: String(draft['name']),
              description: (draft['description'] as string | null) ?? null,
              user,
              project,
              hash,
              expires: ends,
              unrestricted: draft['unrestricted'] === true,
              roles,
              rules,
            },
            tx.at,
          )
        } catch (e) {
          throw refuse(e, draft) ?? e
        }
        emit(tx, 'application_credential.created', { type: 'application_credential', id, name: String(draft['name']) }, [project], { user })
      })
      const row = (await store.readCredential(db, id))!
      return { body: { application_credential: shown(row, context, secret) } }
    }),

    handle(specs.show, async (context, input) => ({
      body: { application_credential: shown(await find(context, input.params, 'identity:get_application_credential'), context) },
    })),

    handle(specs.delete, async (context, input) => {
      const row = await find(context, input.params, 'identity:delete_application_credential')
      await unrestricted(context)
      await database.transaction(context, async tx => {
        if (!(await store.deleteCredential(tx.db, row.id))) throw missing('application credential', row.id)
        emit(tx, 'application_credential.deleted', { type: 'application_credential', id: row.id, name: row.name }, [row.project_id], {
          user: row.user_id,
        })
      })
      return {}
    }),

    handle(specs.listRules, async (context, input) => {
      const user = input.params['user']!
      await ruleTarget(context, user, 'identity:list_access_rules')
      const { query } = context.wire
      const rules = (await store.listRules(db, user)).filter(rule =>
        (['service', 'path', 'method'] as const).every(key => !query.get(key) || rule[key] === query.get(key)),
      )
      return { body: { access_rules: rules.map(rule => linked(rule, context, user)), links: listLinks(context) } }
    }),

    handle(specs.showRule, async (context, input) => {
      const user = input.params['user']!
      await ruleTarget(context, user, 'identity:get_access_rule')
      const rule = await store.readRule(db, user, input.params['access_rule']!)
      if (!rule) throw missing('Access Rule', input.params['access_rule']!)
      return { body: { access_rule: linked(rule, context, user) } }
    }),

    handle(specs.deleteRule, async (context, input) => {
      const user = input.params['user']!
      await ruleTarget(context, user, 'identity:delete_access_rule')
      const id = input.params['access_rule']!
      if (!(await store.readRule(db, user, id))) throw missing('Access Rule', id)
      await database.transaction(context, async tx => {
        if (!(await store.deleteRule(tx.db, id)))
          throw new Refused('forbidden', 'Unable to delete access rule because it is in use by an application credential.')
        emit(tx, 'access_rule.deleted', { type: 'access_rule', id }, [], { user })
      })
      return {}
    }),
  ]
}

const linked = (rule: store.RuleRow, context: Context, user: string) => ({
  ...rule,
  links: { self: `${context.wire.base}/v3/users/${user}/access_rules/${rule.id}` },
})

/** The roles that were asked for and all that they imply; only what the token itself has. Without any: all of the token's. */
const rolesFor = async (
  given: readonly unknown[] | undefined,
  token: Token,
  whole: (ids: readonly string[]) => Promise<string[]>,
): Promise<readonly string[]> => {
  if (!given || given.length === 0) return token.roles.map(role => role.id)
  const mine = (role: unknown) =>
    isObject(role) ? token.roles.find(r => (typeof role['id'] === 'string' ? r.id === role['id'] : r.name === role['name'])) : undefined
  const unassigned = () => invalid('Invalid application credential: Cannot create an application credential with unassigned role')
  const asked = given.map(role => {
    const known = mine(role)
    if (!known) throw unassigned()
    return known.id
  })
  const roles = await whole(asked)
  if (!roles.every(id => token.roles.some(role => role.id === id))) throw unassigned()
  return roles
}

const rulesFor = async (
  given: readonly unknown[],
  find: (id: string) => Promise<store.RuleRow | undefined>,
): Promise<readonly store.RuleRow[]> => {
  if (given.length > MOST_RULES) throw invalid(`There are ${given.length} access rules; at most ${MOST_RULES} are kept.`)
  const rules: store.RuleRow[] = []
  for (const rule of given) {
    if (!isObject(rule)) throw invalid('An access rule is an object with "service", "path" and "method", or with the "id" of one.')
    const { id, service, path, method, ...others } = rule
    const other = Object.keys(others)[0]
    if (other !== undefined) throw invalid(`Additional properties are not allowed ('${other.slice(0, 100)}' was unexpected)`)
    if (typeof id === 'string' && service === undefined) {
      const known = await find(id)
      if (!known) throw invalid(`Could not find Access Rule: ${id.slice(0, 64)}.`)
      rules.push(known)
      continue
    }
    if (typeof service !== 'string' || typeof path !== 'string' || typeof method !== 'string' || !METHODS.includes(method))
      throw invalid(`An access rule has a "service", a "path" and a "method", one of ${METHODS.join(', ')}.`)
    if (!path.startsWith('/') || path.length > 225)
      throw invalid('The "path" of an access rule begins with / and has at most 225 characters.')
    rules.push({ id: hex(), service, path, method })
  }
  return rules
}
