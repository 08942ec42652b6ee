import { breaks, UNIQUE } from '../../../kit/db/errors.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import { type Conductor, done } from '../../../kit/work/conductor.ts'
import { type Allocation, anyOfClass, candidate, lockAllocation, settleAllocation } from '../store/allocations.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import type { World } from '../world.ts'

/** Finds a node for each allocation, or says why there is none. */
export const allocationConductor = (_world: World): Conductor => ({
  name: 'allocation',
  key: 'the allocation’s uuid',
  reads: ['baremetal.node', 'baremetal.node_trait'],
  owns: ['baremetal.allocation.state', 'baremetal.allocation.last_error', 'baremetal.allocation.node_uuid'],
  slots: 8,
  limit: 30_000,
  outside: false,
  async run(key, run) {
    try {
      const settled = await run.transaction(tx => allocate(tx, key, true))
      // What others had locked may be free by now: look once more, and wait for it.
      if (!settled) await run.transaction(tx => allocate(tx, key, false))
    } catch (error) {
      if (!breaks(error, UNIQUE, 'node_instance')) throw error
      await run.transaction(async tx => {
        const wish = await lockAllocation(tx, key)
        if (wish?.state === 'allocating') await fail(tx, wish, `instance ${key} is associated with another node`)
      })
    }
    return done
  },
})

/** True when there is nothing more to do for it. */
const allocate = async (tx: Tx, key: string, skip: boolean): Promise<boolean> => {
  const wish = await lockAllocation(tx, key)
  if (wish?.state !== 'allocating') return true
  const uuid = await candidate(tx, wish, skip)
  const node = uuid === undefined ? undefined : await lockConducted(tx, uuid)
  if (!node) {
    if (skip) return false
    await fail(tx, wish, await reason(tx, wish))
    return true
  }
  await change(tx, node, { instance_uuid: wish.uuid })
  await settleAllocation(tx, key, { node: node.uuid })
  tell(tx, wish, 'active', { node: node.uuid })
  return true
}

const reason = async (tx: Tx, wish: Allocation): Promise<string> => {
  if (wish.traits.length > 0 && (await anyOfClass(tx, wish))) return `no suitable nodes have the requested traits ${wish.traits.join(', ')}`
  return wish.candidate_nodes.length > 0
    ? `none of the requested nodes are available and match the resource class ${wish.resource_class}`
    : `no available nodes match the resource class ${wish.resource_class}`
}

const fail = async (tx: Tx, wish: Allocation, why: string): Promise<void> => {
  const error = `Failed to process allocation ${wish.uuid}: ${why}.`
  await settleAllocation(tx, wish.uuid, { error })
  tell(tx, wish, 'failed', { error })
}

const tell = (tx: Tx, wish: Allocation, what: string, data: Record<string, unknown>): void =>
  tx.emit('baremetal', {
    type: `baremetal.allocation.${what}`,
    object: { type: 'allocation', id: wish.uuid, name: wish.name },
    projects: wish.owner === null ? [] : [wish.owner],
    data,
  })
