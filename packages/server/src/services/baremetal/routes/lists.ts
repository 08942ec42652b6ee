import { listChildren, nodePortgroups, nodePorts } from '@esi/api/baremetal/node-routes'
import { chassisNodes, portgroupPorts } from '@esi/api/baremetal/routes'
import { isProvisionState } from '@esi/api/baremetal/states'
import { isUuid } from '@esi/api/types'
import type { RawBuilder } from 'kysely'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import { errors } from '../errors.ts'
import { childrenOf, childUuids, inChassis, noChildren } from '../store/nodes.ts'
import { ofNode, ofPortgroup } from '../store/ports.ts'
import type { Engines, World } from '../world.ts'
import { judged, withBody } from './act.ts'

/** Faults that a node can be said to have. */
const FAULTS = new Set(['power failure', 'clean failure', 'rescue abort failure', 'service failure'])

/** Lists whose condition names another thing: the ports of a node, the nodes of a chassis, child nodes. */
export const listRoutes = (world: World, engines: Engines): Route[] => {
  const { node, port, portgroup, chassis } = engines

  /** A route of an engine's own, but for its list: it lists what the request's other things allow. */
  const listing = (engine: Engine, where: (context: Context) => Promise<RawBuilder<unknown>[]>): Route[] =>
    engine.routes.map(route =>
      route.of?.operation === 'list' ? { ...route, handle: async context => engine.list(context, await where(context)) } : route,
    )
  /** A parameter, unless it is newer than the client: then the engine refuses it. */
  const asked = (context: Context, engine: Engine, name: string): string | undefined => {
    const since = engine.r.queries?.[name]?.since ?? engine.r.fields[name]?.since ?? 0
    return since > context.version ? undefined : context.wire.query.getAll(name).at(-1)
  }

  const nodeWhere = async (context: Context): Promise<RawBuilder<unknown>[]> => {
    const parent = asked(context, node, 'parent_node')
    const state = asked(context, node, 'provision_state')
    if (state !== undefined && !isProvisionState(state))
      throw errors.invalid(`Provision state "${state.slice(0, 60)}" is not a valid state to filter by.`)
    const fault = asked(context, node, 'fault')
    if (fault !== undefined && !FAULTS.has(fault))
      throw errors.invalid(`Unrecognized fault "${fault.slice(0, 60)}" is specified, allowed faults are ${[...FAULTS].join(', ')}`)
    const holder = asked(context, node, 'chassis_uuid')
    if (holder !== undefined && isUuid(holder) && context.may('baremetal:chassis:get')) await chassis.find(context, holder)
    const all = asked(context, node, 'include_children')
    if (all !== undefined && ['true', '1', 't', 'yes', 'on'].includes(all.toLowerCase())) return []
    if (parent === undefined) return [noChildren]
    return [childrenOf(String((await node.find(context, parent))['uuid']))]
  }
  const portWhere = async (context: Context): Promise<RawBuilder<unknown>[]> => {
    const [ofN, ofG, shard] = [
      asked(context, port, 'node_uuid') ?? asked(context, port, 'node'),
      asked(context, port, 'portgroup'),
      asked(context, port, 'shard'),
    ]
    if ([ofN, ofG, shard].filter(each => each !== undefined).length > 1) throw errors.notPermitted()
    if (asked(context, port, 'conductor_groups') !== undefined && (ofN ?? ofG ?? asked(context, port, 'address')) !== undefined)
      throw errors.invalid('Filtering by conductor_groups cannot be combined with node_ident, portgroup_ident, or node address filters.')
    const uuid = asked(context, port, 'node_uuid')
    if (uuid !== undefined && !isUuid(uuid)) throw errors.invalid(`node_uuid: "${String(uuid).slice(0, 100)}" must be a UUID`)
    const where: RawBuilder<unknown>[] = []
    if (ofN !== undefined) where.push(ofNode(String((await node.find(context, ofN))['uuid'])))
    if (ofG !== undefined) where.push(ofPortgroup(String((await portgroup.find(context, ofG))['uuid'])))
    return where
  }
  const portgroupWhere = async (context: Context): Promise<RawBuilder<unknown>[]> => {
    const ofN = asked(context, portgroup, 'node')
    return ofN === undefined ? [] : [ofNode(String((await node.find(context, ofN))['uuid']))]
  }

  /** A create that takes its node by name as well, from 1.94 on. */
  const byIdent = (route: Route): Route =>
    route.of?.operation !== 'create'
      ? route
      : {
          ...route,
          handle: (context, input) => {
            const body = context.wire.body as Record<string, unknown> | null | undefined
            const ident = body?.['node_ident']
            if (ident === undefined) return route.handle(context, input)
            if (context.version < 94) throw errors.notAcceptable()
            if (typeof ident !== 'string') throw errors.invalid('"node_ident" must be a string.')
            if (body!['node_uuid'] !== undefined) throw errors.invalid('Only one of node_uuid and node_ident can be given.')
            const { node_ident, ...rest } = body!
            return node.find(context, ident).then(
              found => route.handle(withBody(context, { ...rest, node_uuid: found['uuid'] }), input),
              () => {
                context.require(port.r.policy.create!, { 'node.owner': context.project ?? null })
                throw errors.nodeUnusable(ident)
              },
            )
          },
        }

  /** Ports have had names since 1.88; before, and when one is deleted, only a UUID will do. */
  const byUuid = (route: Route): Route => ({
    ...route,
    handle: async (context, input) => {
      const ident = input.params['port']
      if (ident !== undefined && !isUuid(ident) && (context.version < 88 || route.of?.operation === 'delete'))
        throw errors.invalid(`Expected a UUID but received ${String(ident).slice(0, 100)}.`)
      return route.handle(context, input)
    },
  })
  /** Up to 1.90 a node's identifier may have `.json` behind it, which says nothing. */
  const withExtension = (route: Route): Route => ({
    ...route,
    handle: async (context, input) => {
      const ident = input.params['node']
      if (context.version > 90 || !ident?.endsWith('.json')) return route.handle(context, input)
      const named = await node.find(context, ident).catch(() => undefined)
      return route.handle(context, named ? input : { ...input, params: { ...input.params, node: ident.slice(0, -5) } })
    },
  })

  const below = async (context: Context, engine: Engine, where: RawBuilder<unknown>): Promise<Reply> => engine.list(context, [where])
  const ofOne = (specs: typeof nodePorts | typeof nodePortgroups, engine: Engine): Route[] =>
    specs.map(spec =>
      handle(spec, async (context, { params }) => {
        const row = await node.find(context, params['node']!)
        context.require(spec.policies[0]!, targetOf(node.r, row))
        return below(context, engine, ofNode(String(row['uuid'])))
      }),
    )

  return [
    ...listing(node, nodeWhere).map(withExtension),
    ...listing(port, portWhere).map(byIdent).map(byUuid),
    ...listing(portgroup, portgroupWhere),
    ...chassis.routes.map(judged),
    ...ofOne(nodePorts, port),
    ...ofOne(nodePortgroups, portgroup),
    ...portgroupPorts.map(spec =>
      handle(spec, async (context, { params }) => {
        const row = await portgroup.find(context, params['portgroup']!, 'baremetal:port:get')
        return below(context, port, ofPortgroup(String(row['uuid'])))
      }),
    ),
    ...chassisNodes.map(spec =>
      handle(spec, async (context, { params }) => {
        context.require(spec.policies[0]!)
        const row = await chassis.find(context, params['chassis']!)
        return below(context, node, inChassis(String(row['uuid'])))
      }),
    ),
    node.on(listChildren, async (row, context) => ({
      status: 200,
      body: {
        children: await childUuids(
          world.database.db,
          String(row['uuid']),
          context.may('baremetal:node:list_all') ? undefined : context.who,
        ),
      },
    })),
  ]
}
