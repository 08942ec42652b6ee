import type { Tx } from '../../../../kit/db/transaction.ts'
import { onward } from '../../domain/provision.ts'
import { noteEnd } from '../../store/clean.ts'
import { about, type Conducted, type Values } from '../../store/conduct-node.ts'
import { type Hand, save } from '../hand.ts'

// Whoever has it by hand sees it too, and must not learn how its BMC is reached.
const REASON = 'It could not be proven clean; its owner finds the reason in last_error.'

/**
 * What a node becomes that cannot be proven clean: it is in maintenance with the reason, and nobody's; whoever leased it before is
 * rid of it and whoever comes next is not kept waiting without a word.
 */
export const quarantined = (node: Conducted, why: string, retry: boolean): Partial<Conducted> & Values => ({
  // Maintenance that a person declared stays that person's, with its reason and its end.
  ...(node.maintenance && node.fault === null ? {} : { fault: 'clean failure', maintenance: true, maintenance_reason: REASON }),
  ...(node.release && node.release.ended_at === undefined ? { release: { ...node.release, doing: null, quarantined: why, retry } } : {}),
})

/** Gives up cleaning for now. `retry`: it goes on by itself once the hardware answers again. */
export const quarantine = async (hand: Hand, node: Conducted, step: string, why: string, retry: boolean): Promise<'on'> => {
  const message = `Cleaning failed at "${step}". Error: ${why}`
  await save(
    hand,
    node,
    now => {
      const { provision: _, ...wanted } = now.wanted
      return {
        ...onward(now, 'fail'),
        ...quarantined(now, why, retry),
        last_error: message,
        clean_step: null,
        clean_proof: null,
        clean_at: null,
        wanted,
      }
    },
    (tx, now) => tell(tx, now, step, why, retry),
  )
  return 'on'
}

/** Keeps it with the lease's end, and tells the owner. */
export const tell = async (tx: Tx, now: Conducted, step: string, why: string, retry: boolean): Promise<void> => {
  const { release } = now
  const open = release !== null && release.ended_at === undefined
  if (open) await noteEnd(tx, now.uuid, { ...release, doing: null, quarantined: why, retry }, { step, why })
  tx.emit('baremetal', {
    type: 'baremetal.node.quarantined',
    ...about({ ...now, lessee: null }),
    data: { step, reason: why, ...(open ? { lease: release.lease } : {}) },
  })
}
