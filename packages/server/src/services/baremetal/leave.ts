import type { Tx } from '../../kit/db/transaction.ts'
import { leaving } from './domain/retiring.ts'
import { about, type Conducted, change } from './store/conduct-node.ts'
import { writeHistory } from './store/history.ts'
import { changeRetirement, document, type Retirement } from './store/retirement.ts'

/** A locked node leaves the pool: it is leased to nobody from now on, and cleaned by its conductor. */
export const leave = async (tx: Tx, node: Conducted, { uuid, reason, user, project }: Retirement): Promise<void> => {
  await changeRetirement(tx, uuid, { state: 'cleaning', retired_at: tx.at, why: null })
  await change(tx, node, leaving(node, reason))
  await writeHistory(tx, node.uuid, {
    severity: 'INFO',
    type: 'retirement',
    event: `It leaves the pool${reason === null ? '' : `: ${reason}`}.`,
    ...(user === null ? {} : { user }),
    ...(project === null ? {} : { project }),
  })
  await document(tx, uuid)
  tx.emit('baremetal', { type: 'baremetal.node.retiring', ...about(node), data: { reason } })
  tx.wake('node', node.uuid)
  tx.wake('retirement', node.uuid)
}
