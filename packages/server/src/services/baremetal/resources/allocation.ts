import { allocation } from '@esi/api/baremetal/allocation'
import { dialect } from '@esi/api/baremetal/dialect'
import { isUuid } from '@esi/api/types'
import type { Context } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import { keepsAllocation } from '../domain/allocation.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { allocationStore, namedNodes } from '../store/allocations.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import type { World } from '../world.ts'

const NAME = /^[A-Za-z0-9\-._~]+$/

/** Wishes for nodes. A request writes one down; its conductor finds the node. */
export const allocationEngine = (world: World): Engine => {
  const behaviour: Behaviour = {
    async ties(draft, context) {
      checkName(draft['name'], 'Cannot create allocation with invalid name')
      // Who may not allocate for others does it for the own project, from nodes that it owns or leases.
      if (!context.may('baremetal:allocation:create_restricted')) {
        const project = context.project ?? null
        // Without an owner it would take anybody's node: a token for a domain has no project that it could be.
        if (project === null) context.require('baremetal:allocation:create_restricted')
        if (draft['owner'] !== null && draft['owner'] !== project)
          context.require('baremetal:allocation:create_restricted', { owner: draft['owner'] })
        draft['owner'] = project
      }
      draft['candidate_nodes'] = await candidates(world, draft['candidate_nodes'] as string[], context)
    },
    prepare(draft, _context, tx) {
      if (draft['resource_class'] === null || draft['resource_class'] === '')
        throw errors.invalid('The resource_class field is mandatory when not backfilling')
      draft['state'] = 'allocating'
      tx.wake('allocation', String(draft['uuid']))
    },
    beforeUpdate(_current, values) {
      checkName(values['name'], 'Cannot update allocation with invalid name')
    },
    async beforeDelete(current, _context, tx) {
      const node = current['node_uuid'] as string | null
      const now = node === null ? undefined : await lockConducted(tx, node)
      if (!now) return
      const why = keepsAllocation(now, String(current['uuid']))
      if (why !== undefined) throw errors.conflict(why)
      if (now.instance_uuid === current['uuid']) await change(tx, now, { instance_uuid: null })
    },
    compute(rows, context) {
      for (const row of rows) row['links'] = links(context, `allocations/${row['uuid']}`)
    },
  }
  return new Engine({ resource: allocation, dialect, database: world.database, store: allocationStore, behaviour })
}

const checkName = (name: unknown, words: string): void => {
  if (typeof name === 'string' && (!NAME.test(name) || isUuid(name))) throw errors.invalid(`${words} '${name.slice(0, 100)}'`)
}

/** Names become UUIDs, of nodes that the caller may see; their order stays. */
const candidates = async (world: World, idents: readonly string[], context: Context): Promise<string[]> => {
  if (idents.length === 0) return []
  const everybody = context.may('baremetal:allocation:create_restricted')
  if (!everybody && context.project === undefined) throw errors.nodesUnusable(idents)
  const known = await namedNodes(world.database.db, idents, everybody ? undefined : context.project)
  const missing = idents.filter(ident => !known.has(ident))
  if (missing.length > 0) throw errors.nodesUnusable(missing)
  return idents.map(ident => known.get(ident)!)
}
