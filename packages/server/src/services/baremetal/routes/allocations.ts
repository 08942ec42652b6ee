import { deleteNodeAllocation, getNodeAllocation } from '@esi/api/baremetal/allocation'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Reply, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { noBackfill } from '../domain/allocation.ts'
import { errors } from '../errors.ts'
import { allocationOf, ofAllocatedNode } from '../store/allocations.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import { traitsOf } from '../store/nodes.ts'
import type { World } from '../world.ts'
import { withBody } from './act.ts'

export const allocationRoutes = (world: World, nodes: Engine, allocations: Engine): Route[] => {
  const list = async (context: Context): Promise<Reply> => {
    const ident = context.wire.query.get('node')
    if (ident === null) return allocations.list(context)
    const node = await nodes.find(context, ident).catch(() => undefined)
    if (!node) throw errors.nodeUnusable(ident)
    return allocations.list(context, [ofAllocatedNode(String(node['uuid']))])
  }

  const create = async (context: Context): Promise<Reply> => {
    const body = context.wire.body as Record<string, unknown> | null | undefined
    const ident = body?.['node']
    if (ident === undefined || ident === null) return allocations.create(context)
    if (context.version < 58) throw errors.invalid('Cannot set node when creating an allocation in this API version')
    if (typeof ident !== 'string') throw errors.invalid('"node" must be a string.')
    const node = await nodes.find(context, ident).catch(() => undefined)
    if (!node) {
      context.require(allocations.r.policy.create!)
      throw errors.nodeUnusable(ident)
    }
    const { node: _, ...rest } = body!
    const uuid = rest['uuid'] ?? node['instance_uuid'] ?? undefined
    const given: Item = { ...rest, resource_class: rest['resource_class'] ?? node['resource_class'], ...(uuid ? { uuid } : {}) }
    if (given['resource_class'] === null) throw errors.invalid(`Node ${node['uuid']} has no resource class; say which one is meant.`)
    return allocations.create(withBody(context, given), (draft, tx) => backfill(tx, draft, String(node['uuid'])))
  }

  /** The allocation of a node, as far as the caller may see both. */
  const ofNode = async (context: Context, row: Item, ident: string): Promise<string> => {
    const found = await allocationOf(world.database.db, String(row['uuid']))
    const visible = found && (await allocations.find(context, found.uuid).catch(() => undefined))
    if (!visible) throw errors.allocationMissing(ident)
    return found!.uuid
  }

  return [
    ...allocations.routes.map(
      (route): Route => ({
        ...route,
        handle: async (context, input) => {
          const { operation } = route.of!
          if (operation === 'list') return list(context)
          if (operation === 'create') return create(context)
          if (operation === 'update' && context.version < 57) throw errors.noMethod()
          return route.handle(context, input)
        },
      }),
    ),
    nodes.on(getNodeAllocation, async (row, context, { params }) => allocations.show(context, await ofNode(context, row, params['node']!))),
    nodes.on(deleteNodeAllocation, async (row, context, { params }) =>
      allocations.delete(context, await ofNode(context, row, params['node']!)),
    ),
  ]
}

/** An allocation after the fact, for a node that is in use already. */
const backfill = async (tx: Tx, draft: Item, uuid: string): Promise<void> => {
  const node = await lockConducted(tx, uuid)
  if (!node) throw errors.nodeUnusable(uuid)
  const id = String(draft['uuid'])
  const wish = draft as unknown as Parameters<typeof noBackfill>[2]
  const why = noBackfill(node, await traitsOf(tx.db, uuid), wish)
  if (why !== undefined) throw errors.allocationFailed(id, why)
  if (node.instance_uuid !== null && node.instance_uuid !== id) throw errors.associated(uuid, node.instance_uuid)
  if (node.instance_uuid === null) await change(tx, node, { instance_uuid: id })
  Object.assign(draft, { state: 'active', node_uuid: uuid })
}
