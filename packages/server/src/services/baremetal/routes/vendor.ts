import { driverVendor, nodeVendor } from '@esi/api/baremetal/agent-routes'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { errors } from '../errors.ts'
import type { World } from '../world.ts'

/** Calls that only one vendor has. No driver has any: the lists are empty, and a call is told that there is none of that name. */
export const vendorRoutes = (world: World, nodes: Engine): Route[] => {
  const none = (context: Context, params: Readonly<Record<string, string>>): Promise<Reply> => {
    const method = params['method'] ?? context.wire.query.get('method')
    if (!method) throw errors.invalid('Method not specified')
    throw errors.invalid(`No handler for method ${method.slice(0, 100)}`)
  }
  const known = (name: string): void => {
    if (!world.drivers.get(name)) throw errors.driverMissing(name)
  }
  return [
    nodes.on(nodeVendor.methods, async () => ({ status: 200, body: {} })),
    ...nodeVendor.call.map(spec => nodes.on(spec, async (_row, context, { params }) => none(context, params))),
    handle(driverVendor.methods, async (context, { params }) => {
      context.require('baremetal:driver:vendor_passthru')
      known(params['driver']!)
      return { status: 200, body: {} }
    }),
    ...driverVendor.call.map(spec =>
      handle(spec, async (context, { params }) => {
        context.require('baremetal:driver:vendor_passthru')
        known(params['driver']!)
        return none(context, params)
      }),
    ),
  ]
}
