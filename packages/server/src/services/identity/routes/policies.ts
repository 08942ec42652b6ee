import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { type AssociationRoute, associationRoutes, policyRoutes as specs } from '@esi/api/identity/policy'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import * as store from '../store/policies.ts'
import { emit } from '../telling.ts'
import type { CatalogEngines } from './endpoint-filter.ts'

/** Which policy document is for which endpoints. */
export const policyAssociations = (house: House, engines: CatalogEngines): Route[] => {
  const { database } = house
  const { db } = database

  const there = async (what: 'policy' | 'endpoint' | 'service' | 'region', id: string): Promise<Item> => {
    const row = await engines[what].read(db, id)
    if (!row) throw missing(what, id)
    return row
  }

  const run = async ({ spec, deed, to }: AssociationRoute, context: Context, params: Readonly<Record<string, string>>): Promise<Reply> => {
    context.require(spec.policies![0]!)
    const policy = params['policy']!
    await there('policy', policy)
    for (const what of to) await there(what, params[what]!)
    const place: store.Place = Object.fromEntries(to.map(what => [what, params[what]!]))
    if (deed === 'check') {
      if (!(await store.isAssociated(db, policy, place))) throw new Refused('missing', 'Could not find policy association.')
      return {}
    }
    await database.transaction(context, async tx => {
      await (deed === 'add' ? store.associate(tx.db, policy, place) : store.dissociate(tx.db, policy, place))
      emit(tx, `policy_association.${deed === 'add' ? 'created' : 'deleted'}`, { type: 'policy', id: policy }, [], { ...place })
    })
    return {}
  }

  return [
    ...associationRoutes.map((route): Route => ({ spec: route.spec, handle: (context, input) => run(route, context, input.params) })),

    handle(specs.endpoints, async (context, input) => {
      context.require('identity:list_endpoints_for_policy')
      await there('policy', input.params['policy']!)
      const rows = await Promise.all((await store.endpointsOfPolicy(db, input.params['policy']!)).map(id => there('endpoint', id)))
      const { endpoint } = engines
      return { body: dialect.many(endpoint.r, endpoint.present(context, rows), context.wire, undefined) }
    }),

    handle(specs.ofEndpoint, async (context, input) => {
      context.require('identity:get_policy_for_endpoint')
      const id = input.params['endpoint']!
      await there('endpoint', id)
      const policy = await store.policyOfEndpoint(db, id)
      if (policy === undefined) throw new Refused('missing', `No policy is associated with endpoint ${id}.`)
      return { body: await engines.policy.reply(context, await there('policy', policy)) }
    }),
  ]
}
