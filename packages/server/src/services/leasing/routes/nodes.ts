import { nodes as spec } from '@esi/api/leasing/documents'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { findProject, withLineage } from '../resources/find.ts'
import { shownOn } from '../store/nodes.ts'
import { projectNames } from '../store/projects.ts'
import type { World } from '../world.ts'

/** Machines that the caller may see, with those of their offers and leases that the caller may see too. */
export const nodeRoutes = (world: World): readonly Route[] => [
  handle(spec, async (plain, input) => {
    plain.require('esi_leap:node:get_all')
    const context = await withLineage(world, plain)
    const { resource_class: cls, owner, lessee } = input.query
    const ownerId = owner === undefined ? undefined : await findProject(world, context, owner, 'esi_leap:node:node_admin')
    const lesseeId = lessee === undefined ? undefined : await findProject(world, context, lessee, 'esi_leap:node:node_admin')
    const things = (await world.needs.things?.list(scope(context))) ?? []
    const wanted = things.filter(
      t =>
        (cls === undefined || t.class === cls) &&
        (ownerId === undefined || t.owner === ownerId) &&
        (lesseeId === undefined || t.lessee === lesseeId),
    )
    const names = await namesOf(
      world,
      wanted.flatMap(t => [t.owner, t.lessee]).filter(id => id !== null),
    )
    const shown = await shownOn(
      world.kit.database.db,
      'ironic_node',
      wanted.map(t => t.id),
      context.at,
      scope(context),
    )
    return {
      body: {
        nodes: wanted.map(t => {
          const here = shown.get(t.id)
          const { lease_uuid: _lease, capabilities: _capabilities, ...properties } = t.properties
          return {
            uuid: t.id,
            name: t.name,
            owner: t.owner === null ? '' : (names.get(t.owner) ?? t.owner),
            lessee: t.lessee === null ? '' : (names.get(t.lessee) ?? t.lessee),
            resource_class: t.class,
            provision_state: t.state.provision,
            target_provision_state: t.state.targetProvision,
            power_state: t.state.power,
            target_power_state: t.state.targetPower,
            maintenance: t.state.maintenance ? 'True' : 'False',
            properties,
            ...(here?.offer ? { offer_uuid: here.offer } : {}),
            ...(here?.lease ? { lease_uuid: here.lease } : {}),
            future_offers: here?.offers ?? [],
            future_leases: here?.leases ?? [],
          }
        }),
      },
    }
  }),
]

/** Undefined: everybody's. */
const scope = (context: Context) => (context.may('esi_leap:node:node_admin') ? undefined : context.who)

const namesOf = async (world: World, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const distinct = [...new Set(ids)]
  if (distinct.length === 0) return new Map()
  return world.needs.projects ? world.needs.projects.names(distinct) : projectNames(world.kit.database.db, distinct)
}
