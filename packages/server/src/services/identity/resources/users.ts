import { dialect } from '@esi/api/identity/dialect'
import { user } from '@esi/api/identity/user'
import { instant } from '@esi/api/time'
import { type Type, Unfit } from '@esi/api/types'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { mergeOptions } from '../domain/options.ts'
import { readOrigins, renderOrigins } from '../domain/origins.ts'
import { fitting, goodUntil } from '../domain/passwords.ts'
import { invalid, refuse } from '../errors.ts'
import { isDomain } from '../store/accounts.ts'
import { linkUser, originsOf, unknownWay } from '../store/federated-users.ts'
import { knownAs, usersIn } from '../store/narrow.ts'
import { keepOld } from '../store/passwords.ts'
import { removeCredentials } from '../store/removal.ts'
import { revoke } from '../store/revocations.ts'
import { users } from '../store/views.ts'
import { emit } from '../telling.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'
import { domainOfToken } from './projects.ts'

/** Programs that log in as the user lose their logins with it. */
export const dropCredentials = async (tx: Tx, id: string, domain: string, project?: string): Promise<void> => {
  for (const gone of await removeCredentials(tx.db, id, project))
    emit(tx, 'application_credential.deleted', { type: 'application_credential', ...gone }, [project ?? domain])
}

/** As whom providers know a user. Whoever says that can let others in as them: it is for those who say who the providers are. */
const link = async (id: string, values: Readonly<Item>, context: Context, tx: Tx): Promise<void> => {
  const origins = readOrigins(values['federated'])
  if (origins.length === 0) return
  context.require('identity:update_identity_provider')
  const unknown = await unknownWay(tx.db, origins)
  if (unknown) throw invalid(`Could not find federated protocol ${unknown.protocol} for Identity Provider: ${unknown.provider}.`)
  try {
    for (const origin of origins) await linkUser(tx.db, id, origin)
  } catch (e) {
    throw refuse(e, values) ?? e
  }
}

const behaviour = (house: House): Behaviour => {
  const { rules } = house.config
  const password = async (values: Item, options: Item, tx: Tx): Promise<void> => {
    const given = values['password']
    if (given === undefined) return
    if (given !== null) fitting(rules, String(given))
    values['password_hash'] = given === null ? null : await house.passwords.hash(String(given))
    values['password_at'] = tx.at
    values['password_expires_at'] = given === null ? null : goodUntil(rules, options, tx.at, false)
    unlock(values)
  }
  // Whom an administrator lets in again is let in.
  const unlock = (values: Item): void => {
    values['failed_logins'] = 0
    values['failed_at'] = null
  }
  const home = async (values: Item, tx: Tx): Promise<void> => {
    const id = values['default_project_id']
    if (typeof id === 'string' && (await isDomain(tx.db, id))) throw invalid(`User's default project ID cannot be a domain ID: ${id}`)
  }
  return {
    async compute(rows) {
      const origins = await originsOf(
        house.database.db,
        rows.map(row => String(row['id'])),
      )
      for (const row of rows) {
        const from = origins.get(String(row['id']))
        if (from) row['federated'] = renderOrigins(from)
      }
    },

    async prepare(draft, context, tx) {
      draft['name'] = String(draft['name']).trim()
      draft['domain_id'] ??= domainOfToken(context)
      draft['options'] = mergeOptions({}, (draft['options'] ?? {}) as Item)
      await home(draft, tx)
      if (draft['federated'] !== undefined) await link(String(draft['id']), draft, context, tx)
      draft['active_at'] = tx.at
      await password(draft, draft['options'] as Item, tx)
    },

    async beforeUpdate(current, values, context, tx) {
      const id = String(current['id'])
      if ('federated' in values) {
        await link(id, values, context, tx)
        delete values['federated']
      }
      const domain = String(current['domain_id'])
      if ('domain_id' in values) {
        if (values['domain_id'] !== domain) throw invalid('Cannot change Domain ID')
        delete values['domain_id']
      }
      const options = current['options'] as Item
      if (values['options']) values['options'] = mergeOptions(options, values['options'] as Item)
      await home(values, tx)
      if ('password' in values) await keepOld(tx.db, id, rules.history - 1, tx.at)
      await password(values, (values['options'] ?? options) as Item, tx)
      if (values['enabled'] === true) {
        unlock(values)
        values['active_at'] = tx.at
      }
      const off = values['enabled'] === false && current['enabled'] === true
      if (off) await dropCredentials(tx, id, domain)
      if (off || 'password' in values) await revoke(tx, { user_id: id })
      if ('password' in values) emit(tx, 'user.password_changed', { type: 'user', id, name: String(current['name']) }, [domain])
    },
  }
}

interface Comparison {
  readonly operator: string
  readonly at: string
}

/** `lt:2016-12-08T22:02:00Z`; without an operator it is equality. */
const comparison = (): Type<Comparison> => {
  const query = (text: string): Comparison => {
    const [, operator = 'eq', time = text] = /^(lt|lte|gt|gte|eq|neq):(.*)$/.exec(text) ?? []
    const at = instant(time)
    if (!at) throw new Unfit('must be an operator and a time, such as lt:2030-01-01T00:00:00Z')
    return { operator, at }
  }
  return { name: 'comparison', schema: { type: 'string' }, parse: value => query(String(value)), query }
}

export const userResource = (house: House): Keystone =>
  new Keystone({
    resource: { ...user, queries: { ...user.queries, password_expires_at: { type: comparison() } } },
    dialect,
    database: house.database,
    store: users,
    behaviour: behaviour(house),
    sparse: ['default_project_id', 'federated'],
    unseen: ['password'],
    concerns: row => (typeof row['domain_id'] === 'string' ? [row['domain_id']] : []),
    narrow: context => [...usersIn(context.who.domain_id), ...knownAs(context.wire.query)],
  })
