import { dialect } from '@esi/api/baremetal/dialect'
import { portgroup } from '@esi/api/baremetal/portgroup'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { portCount, portgroupStore, pxePorts } from '../store/ports.ts'
import type { World } from '../world.ts'
import { checkNewNode, checkNodeFree, tie } from './of-node.ts'

// Shown to all versions, and set from 1.26 on.
const LATER = ['mode', 'properties']

const WHILE = ['enroll', 'inspecting', 'inspect wait', 'manageable']

export const portgroupEngine = (world: World, nodes: Engine): Engine => {
  const behaviour: Behaviour = {
    ties: (draft, context) => tie(nodes, draft, context, portgroup.policy.create!),
    prepare(draft, context, tx) {
      const given = context.wire.body as Item
      if (context.version < 26 && LATER.some(field => field in given)) throw errors.notAcceptable()
      // The bond's mode as Linux has it when nobody says.
      draft['mode'] ??= 'active-backup'
      if (draft['physical_network'] === '') throw errors.invalid('A non-empty value is required when setting physical_network')
      tx.wake('node', String(draft['node_uuid']))
    },
    async beforeUpdate(current, values, context, tx, changes) {
      // The original looks at the first operation only, and clients have come to rely on it.
      if (context.version < 26 && LATER.includes(changes[0]?.field ?? '')) throw errors.notAcceptable()
      const uuid = current['uuid'] as string
      checkNodeFree(current)
      const moves = values['node_uuid'] !== undefined && values['node_uuid'] !== current['node_uuid']
      if (moves) {
        await checkNewNode(nodes, context, values['node_uuid'] as string, portgroup.policy.create!)
        if (!WHILE.includes(current['node_state'] as string) && !current['node_maintenance'])
          throw errors.conflict(
            `Portgroup ${uuid} can not be associated to node ${current['node_uuid']} unless the node is in a ${WHILE.join(', ')} state or in maintenance mode. Current state is '${current['node_state']}'.`,
          )
        if ((await portCount(tx, uuid)) > 0)
          throw errors.invalid(`Cannot complete the requested action because portgroup ${uuid} contains ports.`)
      }
      if (values['standalone_ports_supported'] === false && current['standalone_ports_supported'] && (await pxePorts(tx, uuid)) > 0)
        throw errors.conflict(
          `standalone_ports_supported can not be set to False, because the port group ${uuid} contains ports with pxe_enabled=True.`,
        )
      values['mode'] ??= values['mode'] === null ? 'active-backup' : (current['mode'] as string)
      tx.wake('node', String(current['node_uuid']))
    },
    beforeDelete(current, _context, tx) {
      checkNodeFree(current)
      const vif = (current['internal_info'] as Item)['tenant_vif_port_id']
      if (vif !== undefined) throw errors.conflict(`Cannot delete the portgroup ${current['uuid']} as it is bound to VIF ${vif}`)
      tx.wake('node', String(current['node_uuid']))
    },
    compute(rows, context) {
      for (const row of rows) {
        row['links'] = links(context, `portgroups/${row['uuid']}`)
        row['ports'] = links(context, `portgroups/${row['uuid']}/ports`)
      }
    },
  }
  return new Engine({ resource: portgroup, dialect, database: world.database, store: portgroupStore, behaviour })
}
