import { nodeVolume, nodeVolumes, volumeRoot } from '@esi/api/baremetal/routes'
import { handle, type Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import { links } from '../links.ts'
import { powered } from '../powered.ts'
import { ofNode } from '../store/ports.ts'
import type { Engines, World } from '../world.ts'

/** Remote storage: of all nodes, and of one. */
export const volumeRoutes = (world: World, engines: Engines): Route[] => {
  const { node, connector, target } = engines

  /** A list may be of one node; a change waits until what was asked of the node's power is done, as for the original's lock. */
  const routesOf = (engine: Engine): Route[] =>
    engine.routes.map(route => ({
      ...route,
      handle: async (context, input) => {
        const { operation } = route.of!
        if (operation === 'list') {
          const ident = context.wire.query.get('node')
          return engine.list(context, ident === null ? [] : [ofNode(String((await node.find(context, ident))['uuid']))])
        }
        if (operation === 'update' || operation === 'delete') {
          const row = await engine.find(context, input.params[engine.r.name]!, engine.r.policy[operation])
          await powered(world, row['node_uuid'] as string, context)
        }
        return route.handle(context, input)
      },
    }))

  return [
    ...routesOf(connector),
    ...routesOf(target),
    handle(volumeRoot, async context => {
      context.require('baremetal:volume:list')
      return {
        status: 200,
        body: {
          links: links(context, 'volume/'),
          connectors: links(context, 'volume/connectors'),
          targets: links(context, 'volume/targets'),
        },
      }
    }),
    node.on(nodeVolume, async (row, context) => {
      const path = `nodes/${row['uuid']}/volume`
      return {
        status: 200,
        body: {
          links: links(context, `${path}/`),
          connectors: links(context, `${path}/connectors`),
          targets: links(context, `${path}/targets`),
        },
      }
    }),
    ...[connector, target].map((engine, i) =>
      handle(nodeVolumes[i]!, async (context, { params }) => {
        const row = await node.find(context, params['node']!)
        context.require('baremetal:volume:get', targetOf(node.r, row))
        return engine.list(context, [ofNode(String(row['uuid']))])
      }),
    ),
  ]
}
