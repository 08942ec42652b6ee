import { BmcError } from '../../../drivers/bmc/driver.ts'
import { again, type Conductor, done } from '../../../kit/work/conductor.ts'
import { conducted, groupOf } from '../store/conduct-node.ts'
import { powerRead, powerUnread } from '../store/drift.ts'
import type { World } from '../world.ts'
import { reach } from './hand.ts'

/** Milliseconds between two readings of a machine; spread, so that a rack is not asked all at once. */
export const SYNC = 60_000
const LIMIT = 15_000
/** A machine that does not answer is asked less often. */
const MOST = 300_000

/** States in which the power is the node conductor's business, or nobody knows the BMC yet. */
const NOT_NOW = new Set(['verifying', 'cleaning', 'deleting'])

/** Reads the power of every machine now and then, with places of its own, so that dead ones keep nobody waiting. */
export const powerSync = (world: World): Conductor => ({
  name: 'power-sync',
  key: 'the node’s uuid',
  reads: ['baremetal.node'],
  owns: ['baremetal.node.power_failures'],
  slots: 16,
  limit: 60_000,
  outside: true,
  command: 0,
  groups: () => world.config.groups,
  groupOf: key => groupOf(world.database.db, key),
  async run(key, run) {
    const node = await conducted(world.database.db, key)
    // Enrolled nodes are read from the moment on when their BMC was verified.
    if (!node || node.provision_state === 'enroll') return done
    const next = spread(Math.min(MOST, SYNC * 2 ** Math.max(0, Math.min(node.power_failures - 3, 8))))
    if (node.wanted.power || node.reservation !== null || NOT_NOW.has(node.provision_state)) return again(next, 'it is being changed')
    try {
      const seen = await reach({ world, run }, node).read((bmc, call) => bmc.power(call), LIMIT)
      await run.transaction(tx => powerRead(tx, node, seen))
      return again(spread(SYNC), 'the next reading')
    } catch (error) {
      if (!(error instanceof BmcError)) throw error
      await run.transaction(tx => powerUnread(tx, node, error.message))
      return again(next, error.message)
    }
  },
})

const spread = (millis: number): number => Math.round(millis * (0.9 + 0.2 * Math.random()))
