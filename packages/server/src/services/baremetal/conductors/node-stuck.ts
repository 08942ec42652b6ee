import { plus } from '@esi/api/time'
import { type Conductor, done, wait } from '../../../kit/work/conductor.ts'
import { expected } from '../domain/stuck.ts'
import { stays } from '../store/clean.ts'
import { about, change, conducted, lockConducted } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import type { World } from '../world.ts'

/** Says of a node that it is longer in its state than such nodes are. Looks at the database only, so no dead machine holds it up. */
export const stuckConductor = (world: World): Conductor => ({
  name: 'node-stuck',
  key: 'the node’s uuid',
  reads: ['baremetal.node.provision_state', 'baremetal.node_history'],
  owns: ['baremetal.node.stuck_at'],
  slots: 4,
  limit: 10_000,
  outside: false,
  async run(key, run) {
    const { db } = world.database
    const node = await conducted(db, key)
    if (!node || node.stuck_at !== null || node.provision_updated_at === null) return done
    const limit = expected(node.provision_state, await stays(db, node.provision_state, node.resource_class))
    if (limit === undefined) return done
    const at = plus(node.provision_updated_at, limit)
    if (run.now() < at) return wait(at, `in state "${node.provision_state}"`)
    await run.transaction(async tx => {
      const now = await lockConducted(tx, key)
      if (!now || now.provision_state !== node.provision_state || now.provision_updated_at !== node.provision_updated_at) return
      await change(tx, now, { stuck_at: tx.at })
      const seconds = Math.round(limit / 1000)
      const event = `It is in state "${now.provision_state}" for more than ${seconds} s, which is longer than such nodes take.`
      const why = now.notes?.state === now.provision_state ? now.notes.error : undefined
      tx.emit('baremetal', {
        type: 'baremetal.node.stuck',
        ...about({ ...now, lessee: null }),
        data: { state: now.provision_state, since: now.provision_updated_at, expected: seconds, ...(why ? { error: why } : {}) },
      })
      await writeHistory(tx, key, { severity: 'ERROR', type: 'stuck', event: why ? `${event} ${why}` : event })
    })
    return done
  },
})
