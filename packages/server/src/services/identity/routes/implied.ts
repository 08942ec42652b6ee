import { Refused } from '@esi/api/dialect'
import { impliedRoutes } from '@esi/api/identity/implied'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { addImplied, impliedBy, implies, removeImplied } from '../store/implied.ts'
import { emit } from '../telling.ts'
import type { Engines } from './grants.ts'

/** A role that nobody gets unawares. */
const PROHIBITED = 'admin'

/** Roles that come with other roles. */
export const implied = (house: House, { roles }: Engines): Route[] => {
  const { database } = house
  const { db } = database

  const two = async (context: Context, params: Readonly<Record<string, string>>, rule: string): Promise<{ prior: Item; other: Item }> => {
    context.require(rule)
    const [prior, other] = [await roles.read(db, params['role']!), await roles.read(db, params['implied']!)]
    if (!prior) throw missing('role', params['role']!)
    if (!other) throw missing('role', params['implied']!)
    return { prior, other }
  }

  const named = (context: Context, id: unknown, name: unknown) => ({
    id,
    links: { self: `${context.wire.base}/v3/roles/${String(id)}` },
    name,
  })

  const shown = (context: Context, prior: Item, other: Item) => ({
    role_inference: {
      prior_role: named(context, prior['id'], prior['name']),
      implies: named(context, other['id'], other['name']),
    },
    links: { self: `${context.wire.base}/v3/roles/${String(prior['id'])}/implies/${String(other['id'])}` },
  })

  const never = (prior: Item, other: Item): Refused =>
    new Refused('missing', `${String(prior['id'])} does not imply ${String(other['id'])}.`)

  const checked = async (context: Context, params: Readonly<Record<string, string>>, rule: string) => {
    const { prior, other } = await two(context, params, rule)
    if (!(await implies(db, String(prior['id']), String(other['id'])))) throw never(prior, other)
    return { prior, other }
  }

  return [
    handle(impliedRoutes.check, async (context, input) => {
      await checked(context, input.params, 'identity:check_implied_role')
      return {}
    }),
    handle(impliedRoutes.list, async (context, input) => {
      context.require('identity:list_implied_roles')
      const prior = await roles.read(db, input.params['role']!)
      if (!prior) throw missing('role', input.params['role']!)
      const rows = await impliedBy(db, String(prior['id']))
      return {
        body: {
          role_inference: {
            prior_role: named(context, prior['id'], prior['name']),
            implies: rows.map(row => named(context, row.implied, row.implied_name)),
          },
          links: { self: `${context.wire.base}/v3/roles/${String(prior['id'])}/implies` },
        },
      }
    }),
    handle(impliedRoutes.show, async (context, input) => {
      const { prior, other } = await checked(context, input.params, 'identity:get_implied_role')
      return { body: shown(context, prior, other) }
    }),
    handle(impliedRoutes.add, async (context, input) => {
      const { prior, other } = await two(context, input.params, 'identity:create_implied_role')
      if (other['name'] === PROHIBITED && other['domain_id'] === null)
        throw new Refused('forbidden', `${String(other['id'])} cannot be an implied roles.`)
      if (prior['domain_id'] === null && other['domain_id'] !== null)
        throw new Refused('forbidden', 'Global role cannot imply a domain-specific role')
      await database.transaction(context, async tx => {
        if (!(await addImplied(tx.db, String(prior['id']), String(other['id']))))
          throw new Refused('conflict', 'Conflict occurred attempting to store implied_role - Duplicate entry.')
        told(tx, 'created', prior, other)
      })
      return { body: shown(context, prior, other) }
    }),
    handle(impliedRoutes.remove, async (context, input) => {
      const { prior, other } = await two(context, input.params, 'identity:delete_implied_role')
      await database.transaction(context, async tx => {
        if (!(await removeImplied(tx.db, String(prior['id']), String(other['id'])))) throw never(prior, other)
        told(tx, 'deleted', prior, other)
      })
      return {}
    }),
    handle(impliedRoutes.all, async context => {
      context.require('identity:list_role_inference_rules')
      const byPrior = Map.groupBy(await impliedBy(db), row => row.prior)
      return {
        body: {
          role_inferences: [...byPrior.values()].map(rows => ({
            prior_role: named(context, rows[0]!.prior, rows[0]!.prior_name),
            implies: rows.map(row => named(context, row.implied, row.implied_name)),
          })),
        },
      }
    }),
  ]
}

const told = (tx: Parameters<typeof emit>[0], what: 'created' | 'deleted', prior: Item, other: Item): void =>
  emit(tx, `implied_role.${what}`, { type: 'role', id: String(prior['id']), name: String(prior['name']) }, [], {
    implies: other['id'],
    name: other['name'],
  })
