import type { Tx } from '../../../kit/db/transaction.ts'
import { wayToClean } from '../domain/release.ts'
import { noteEnd } from './clean.ts'
import { about, type Conducted, change, lockConducted } from './conduct-node.ts'
import { writeHistory } from './history.ts'

/** Readings that fail in a row before a node is put into maintenance. */
export const FAILURES = 3
/** Milliseconds that a quarantined node is left alone before it is tried again because its hardware answers. */
const REST = 120_000

/** Locks the node, if it is still what was read: nobody asked anything of it, and nobody else has read it since. */
const unchanged = async (tx: Tx, node: Conducted): Promise<Conducted | undefined> => {
  const now = await lockConducted(tx, node.uuid)
  if (!now || now.intent !== node.intent || now.power_seen_at !== node.power_seen_at || now.provision_state !== node.provision_state)
    return undefined
  return now
}

/** What the hardware says counts: the node follows its machine, and a difference is told. */
export const powerRead = async (tx: Tx, node: Conducted, seen: 'on' | 'off'): Promise<void> => {
  const now = await unchanged(tx, node)
  if (!now || now.wanted.power) return
  const is = `power ${seen}`
  const drifted = now.power_state !== null && now.power_state !== is
  const well = now.fault === 'power failure' ? { fault: null, maintenance: false, maintenance_reason: null } : {}
  await change(tx, now, {
    power_state: is,
    power_seen_at: tx.at,
    power_failures: 0,
    ...well,
    // A machine that runs is not proven clean any more, whoever pressed its button.
    ...(seen === 'on' && now.clean_proof !== null ? { clean_proof: null, clean_at: null } : {}),
    ...resumed(tx, now),
  })
  if (drifted) {
    tx.emit('baremetal', { type: 'baremetal.node.drift', ...about(now), data: { what: 'power', was: now.power_state, is } })
    const event = `The machine is ${seen}, and was "${now.power_state}" before: somebody switched it by other ways.`
    await writeHistory(tx, now.uuid, { severity: 'INFO', type: 'drift', event })
  }
  if (now.fault === 'power failure') {
    tx.emit('baremetal', { type: 'baremetal.node.recovered', ...about(now), data: { fault: 'power failure' } })
    await writeHistory(tx, now.uuid, { severity: 'INFO', type: 'power', event: 'Its BMC answers again; maintenance is over.' })
  }
  if (resumes(tx, now)) {
    const { quarantined: _, retry: __, ...release } = now.release!
    await noteEnd(tx, now.uuid, { ...release, doing: 'trying again, because its BMC answers' })
    tx.wake('node', now.uuid)
  }
}

const resumes = (tx: Tx, now: Conducted): boolean => {
  const { release } = now
  if (!release || release.ended_at !== undefined || !release.quarantined || !release.retry) return false
  return now.provision_updated_at !== null && Date.parse(tx.at) - Date.parse(now.provision_updated_at) >= REST
}

/** The end of a lease that only waited for the hardware goes on when it answers. */
const resumed = (tx: Tx, now: Conducted): Partial<Conducted> & Record<string, unknown> => {
  if (!resumes(tx, now)) return {}
  const { quarantined: _, retry: __, ...release } = now.release!
  return {
    ...(wayToClean(now.provision_state).move ?? {}),
    intent: now.intent + 1,
    wanted: { ...now.wanted, provision: { verb: 'release', intent: now.intent + 1 } },
    release: { ...release, doing: 'trying again, because its BMC answers' },
  }
}

/** A reading that failed; after some in a row the node is in maintenance with the reason, until one succeeds. */
export const powerUnread = async (tx: Tx, node: Conducted, why: string): Promise<void> => {
  const now = await unchanged(tx, node)
  if (!now) return
  const power_failures = now.power_failures + 1
  const fault = power_failures >= FAILURES && now.fault === null && !now.maintenance
  await change(tx, now, {
    power_failures,
    ...(power_failures >= FAILURES && now.power_state !== null ? { power_state: null } : {}),
    ...(fault
      ? {
          fault: 'power failure',
          maintenance: true,
          maintenance_reason: `Its power state could not be read ${power_failures} times in a row; its owner finds the reason in last_error.`,
          last_error: `Its power state could not be read. Error: ${why}`,
        }
      : {}),
  })
  if (!fault) return
  tx.emit('baremetal', { type: 'baremetal.node.fault', ...about({ ...now, lessee: null }), data: { fault: 'power failure', reason: why } })
  await writeHistory(tx, now.uuid, { severity: 'ERROR', type: 'power', event: `Its power state could not be read: ${why}` })
}
