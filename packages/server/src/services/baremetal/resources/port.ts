import { dialect } from '@esi/api/baremetal/dialect'
import { port } from '@esi/api/baremetal/port'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { networksOf, portgroupFacts, portStore } from '../store/ports.ts'
import type { World } from '../world.ts'
import { checkNewNode, checkNodeFree, tie } from './of-node.ts'

// What a cable is about changes only while nobody uses it.
const CONNECTIVITY = ['portgroup_uuid', 'pxe_enabled', 'local_link_connection', 'physical_network']
const WHILE = ['enroll', 'inspecting', 'inspect wait', 'manageable']

export const portEngine = (world: World, nodes: Engine): Engine => {
  const behaviour: Behaviour = {
    async ties(draft, context) {
      if (!draft['node_uuid']) throw errors.invalid("'node_uuid' is a required property")
      await tie(nodes, draft, context, port.policy.create!)
    },
    async prepare(draft, context, tx) {
      checkLink(draft, context)
      if (draft['physical_network'] === '') throw errors.invalid('A non-empty value is required when setting physical_network')
      if (draft['is_smartnic']) smartNic(draft['local_link_connection'] as Item)
      await joins(nodes, draft, context, tx)
      tx.wake('node', String(draft['node_uuid']))
    },
    async beforeUpdate(current, values, context, tx) {
      const uuid = current['uuid'] as string
      const node = current['node_uuid'] as string
      const changed = (field: string) =>
        values[field] !== undefined && JSON.stringify(values[field]) !== JSON.stringify(current[field] ?? null)
      checkNodeFree(current)
      checkLink(values, context)
      if (values['node_uuid'] === null) throw errors.invalid('"node_uuid" is mandatory and cannot be removed.')
      if (changed('node_uuid')) await checkNewNode(nodes, context, values['node_uuid'] as string, port.policy.create!)
      const state = current['node_state'] as string
      if (state === 'inspecting' && context.version >= 39)
        throw errors.conflict(`Cannot update port "${uuid}" on "${node}" while it is in state "inspecting".`)
      if (changed('address') && (state === 'active' || current['node_instance'] !== null) && !current['node_maintenance'])
        throw errors.conflict(`Cannot update hardware address for port ${uuid} as node ${node} is active or has instance UUID assigned`)
      if (CONNECTIVITY.some(changed) && !WHILE.includes(state) && !current['node_maintenance'])
        throw errors.conflict(
          `Port ${uuid} can not have any connectivity attributes (${CONNECTIVITY.join(', ')}) updated unless node ${node} is in a ${WHILE.join(', ')} state or in maintenance mode. The current state is ${state}.`,
        )
      if (values['physical_network'] === '') throw errors.invalid('A non-empty value is required when setting physical_network')
      const after = { ...current, ...values }
      if (after['is_smartnic']) smartNic(after['local_link_connection'] as Item)
      if (['portgroup_uuid', 'physical_network', 'pxe_enabled', 'node_uuid'].some(changed)) await joins(nodes, after, context, tx)
      tx.wake('node', node)
      if (changed('node_uuid')) tx.wake('node', values['node_uuid'] as string)
    },
    beforeDelete(current, _context, tx) {
      checkNodeFree(current)
      if ((current['internal_info'] as Item)['tenant_vif_port_id'] !== undefined)
        throw errors.conflict(
          `Cannot delete the port ${current['uuid']} as it is bound to VIF ${(current['internal_info'] as Item)['tenant_vif_port_id']}`,
        )
      tx.wake('node', String(current['node_uuid']))
    },
    compute(rows, context) {
      for (const row of rows) row['links'] = links(context, `ports/${row['uuid']}`)
    },
  }
  return new Engine({ resource: port, dialect, database: world.database, store: portStore, behaviour })
}

const checkLink = (values: Readonly<Item>, context: Context): void => {
  const link = values['local_link_connection'] as Item | undefined
  if (!link) return
  if (link['network_type'] !== undefined && context.version < 64) throw errors.notAcceptable()
  if (link['vtep-logical-switch'] !== undefined && context.version < 90) throw errors.notAcceptable()
}

const smartNic = (link: Readonly<Item> | undefined): void => {
  if (typeof link?.['port_id'] !== 'string' || typeof link['hostname'] !== 'string')
    throw errors.invalid('Smart NIC port must have port_id and hostname in local_link_connection')
}

/** A port joins a group of its own node, of one physical network, and only boots on its own where the group lets it. */
const joins = async (nodes: Engine, port: Readonly<Item>, context: Context, tx: Tx): Promise<void> => {
  const uuid = port['portgroup_uuid'] as string | null | undefined
  if (!uuid) return
  const group = await portgroupFacts(tx, uuid)
  const of = group && (await nodes.read(tx.db, group.node))
  // One that the caller may not see is none.
  if (!group || !of || !context.may('baremetal:portgroup:get', { 'node.owner': of['owner'], 'node.lessee': of['lessee'] }))
    throw errors.invalid(`Portgroup ${uuid} could not be found.`)
  if (group.node !== port['node_uuid']) throw errors.invalid('Port can not be added to a portgroup belonging to a different node.')
  if (!group.standalone && port['pxe_enabled'])
    throw errors.conflict(
      `Port group ${uuid} doesn't support standalone ports. This port cannot be created as a member of that portgroup as the port's 'pxe_enabled' field was set to True.`,
    )
  const network = port['physical_network'] ?? null
  const others = await networksOf(tx, uuid, String(port['uuid']))
  if (others.some(other => other !== network))
    throw errors.conflict(
      `Port with physical network ${network ?? 'None'} cannot become a member of port group ${uuid} which has ports on physical network ${others[0] ?? 'None'}.`,
    )
}
