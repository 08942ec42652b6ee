import { HARDWARE_DONE } from '@esi/api/baremetal/hardware'
import { plus } from '@esi/api/time'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import { again, type Conductor, done, type Run } from '../../../kit/work/conductor.ts'
import { beginCall, type CallEnd, endCall, type HardwareCall, openCall, sweepCalls } from '../store/conduct-calls.ts'
import { about, type Conducted, change, conducted, groupOf, lockConducted, type Values } from '../store/conduct-node.ts'
import type { World } from '../world.ts'
import { CALLS, isCall, WRITES } from './calls.ts'
import { COMMAND, within } from './hand.ts'

const LIMIT = 30_000
const KEPT = 3_600_000

/** Answers, from the hardware, what requests wait for: each call once, in their order, and none for somebody who has no right any more. */
export const hardwareCalls = (world: World): Conductor => ({
  name: 'hardware-call',
  key: 'the node’s uuid',
  reads: ['baremetal.node'],
  owns: ['baremetal.hardware_call.begun_at', 'baremetal.hardware_call.result', 'baremetal.hardware_call.error'],
  slots: 32,
  limit: 120_000,
  outside: true,
  command: COMMAND,
  groups: () => world.config.groups,
  groupOf: key => groupOf(world.database.db, key),
  async run(key, run) {
    for (;;) {
      const call = await openCall(world.database.db, key)
      if (!call) break
      if ((await conducted(world.database.db, key))?.reservation) return again(500, 'the node is reserved')
      await answer(world, run, call)
    }
    await run.transaction(tx => sweepCalls(tx, key, plus(tx.at, -KEPT)))
    return done
  },
})

/** Nobody may have it done any more, and why. */
class Withdrawn extends Error {}

const answer = async (world: World, run: Run, call: HardwareCall): Promise<void> => {
  const end = async (end: CallEnd, more: Values = {}) =>
    run.transaction(async tx => {
      const node = await lockConducted(tx, call.node)
      if (!node) return
      await endCall(tx, call.id, end)
      if (Object.keys(more).length > 0) await change(tx, node, more)
      told(tx, call, node)
    })
  if (!isCall(call.what)) return end({ error: { fault: 'unsupported', message: `There is no call "${call.what}".` } })
  const way = CALLS[call.what]
  // Begun by somebody who did not live to end it. A reading is simply made again.
  if (call.begun_at !== null && way.writes)
    return end({
      error: { fault: 'unreachable', message: 'It was asked of the BMC and the answer was lost; whether it was done is not known.' },
    })
  const node = await run.transaction(async tx => {
    const now = await lockConducted(tx, call.node)
    if (!now) return undefined
    const why = withdrawn(call, now, tx.at)
    if (why !== undefined) {
      await endCall(tx, call.id, { error: { fault: 'expired', message: why } })
      told(tx, call, now)
      return undefined
    }
    if (call.begun_at === null && !(await beginCall(tx, call.id))) return undefined
    if (WRITES.includes(call.what) && now.clean_proof !== null) await change(tx, now, { clean_proof: null, clean_at: null })
    return now
  })
  if (!node) return
  try {
    const { driver, settings } = world.drivers.of(node as unknown as Record<string, unknown>)
    const left = Math.max(1, Date.parse(call.expires_at) - Date.parse(run.now()))
    const result = await within(run.signal, Math.min(LIMIT, left), signal =>
      way.run(driver.open(settings, node.uuid), call.args, {
        signal,
        before: async () => {
          const now = await conducted(world.database.db, call.node)
          const why = now ? withdrawn(call, now, run.now()) : 'the node is gone'
          if (why !== undefined) throw new Withdrawn(why)
          await run.check()
        },
      }),
    )
    await end({ result })
  } catch (error) {
    if (error instanceof Withdrawn) return end({ error: { fault: 'expired', message: error.message } })
    if (!(error instanceof BmcError)) throw error
    const late = error.uncertain && way.writes ? { unsettled_until: plus(run.now(), COMMAND) } : {}
    await end({ error: { fault: error.fault, message: error.message } }, late)
  }
}

/** Why it must not be done any more for whoever asked; undefined if it may. */
const withdrawn = (call: HardwareCall, node: Conducted, now: string): string | undefined => {
  if (now >= call.expires_at) return 'Nobody waits for the answer any more.'
  if (call.lease !== node.lease || call.lessee !== node.lessee) return 'The node has changed hands since it was asked for.'
  return undefined
}

const told = (tx: Tx, call: HardwareCall, node: Conducted): void =>
  tx.emit('baremetal', {
    type: HARDWARE_DONE,
    object: { type: 'hardware_call', id: call.id },
    projects: about(node).projects,
    data: { node: node.uuid, what: call.what },
  })
