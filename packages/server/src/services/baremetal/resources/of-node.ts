import type { Context } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'

/** What belongs to a node rests while the node is held. */
export const checkNodeFree = (row: Readonly<Item>): void => {
  if (row['node_reservation'] !== null) throw errors.locked(row['node_uuid'] as string, row['node_reservation'] as string)
}

/** The node that something new is put on: its owner's rights decide, and one that is not to be seen is not there. */
export const checkNewNode = async (nodes: Engine, context: Context, ident: string, rule: string): Promise<Item> => {
  const node = await nodes.find(context, ident).catch(() => undefined)
  // Who could create on no node at all is told that, and not which nodes there are.
  if (!node) {
    context.require(rule, { 'node.owner': context.project ?? null })
    throw errors.nodeUnusable(ident)
  }
  context.require(rule, { ...targetOf(nodes.r, node), 'node.owner': node['owner'], 'node.lessee': node['lessee'] })
  return node
}

/** Ties a draft to the projects of the node it is put on. */
export const tie = async (nodes: Engine, draft: Item, context: Context, rule: string): Promise<void> => {
  const node = await checkNewNode(nodes, context, draft['node_uuid'] as string, rule)
  if (node['reservation'] !== null) throw errors.locked(node['uuid'] as string, node['reservation'] as string)
  Object.assign(draft, { node_uuid: node['uuid'], node_owner: node['owner'], node_lessee: node['lessee'] })
}
