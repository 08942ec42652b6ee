import { dialect } from '@esi/api/baremetal/dialect'
import { isSecretKey } from '@esi/api/baremetal/masks'
import { connector, target } from '@esi/api/baremetal/volume'
import type { AnyResource } from '@esi/api/define'
import type { Context } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import type { Item, Store } from '../../../kit/resource/view.ts'
import { checkOff } from '../domain/volume.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { split } from '../secrets.ts'
import { lockConducted } from '../store/conduct-node.ts'
import { connectorStore, targetStore } from '../store/volumes.ts'
import type { World } from '../world.ts'
import { checkNewNode, checkNodeFree, tie } from './of-node.ts'

/** What only one of both has to do. */
interface Own {
  prepare?(draft: Item): void
  change?(current: Readonly<Item>, values: Item): void
}

const engine = (world: World, nodes: Engine, r: AnyResource, store: Store, path: string, own: Own): Engine => {
  const word = r.name.replace('_', ' ')
  /** A node's storage changes only while it is off. */
  const off = async (tx: Parameters<NonNullable<Behaviour['beforeDelete']>>[2], current: Readonly<Item>, what: string): Promise<void> => {
    checkNodeFree(current)
    const node = await lockConducted(tx, current['node_uuid'] as string)
    const state = node && checkOff(node)
    if (state !== undefined) throw errors.stateRequested(`${word} ${what}`, current['node_uuid'] as string, state)
  }
  const behaviour: Behaviour = {
    ties: (draft, context) => tie(nodes, draft, context, r.policy.create!),
    prepare: draft => own.prepare?.(draft),
    async beforeUpdate(current, values, context: Context, tx) {
      await off(tx, current, 'update')
      if (values['node_uuid'] !== undefined && values['node_uuid'] !== current['node_uuid'])
        await checkNewNode(nodes, context, values['node_uuid'] as string, r.policy.create!)
      own.change?.(current, values)
    },
    beforeDelete: (current, _context, tx) => off(tx, current, 'deletion'),
    compute(rows, context) {
      for (const row of rows) row['links'] = links(context, `volume/${path}/${row['uuid']}`)
    },
  }
  return new Engine({ resource: r, dialect, database: world.database, store, behaviour })
}

export const connectorEngine = (world: World, nodes: Engine): Engine => engine(world, nodes, connector, connectorStore, 'connectors', {})

export const targetEngine = (world: World, nodes: Engine): Engine => {
  const seal = (values: Item, before: string | null): void => {
    const parts = split(values['properties'] as Item, isSecretKey, before, world.kit.secrets, 'properties')
    Object.assign(values, { properties: parts.shown, secrets: parts.sealed })
  }
  return engine(world, nodes, target, targetStore, 'targets', {
    prepare: draft => seal(draft, null),
    change: (current, values) => {
      if (values['properties'] !== undefined) seal(values, current['secrets'] as string | null)
    },
  })
}
