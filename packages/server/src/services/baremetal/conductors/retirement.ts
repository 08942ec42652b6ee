import { moving } from '@esi/api/baremetal/states'
import { FOREVER } from '@esi/api/time'
import type { Tx } from '../../../kit/db/transaction.ts'
import { again, type Conductor, done, type Outcome, type Run, wait } from '../../../kit/work/conductor.ts'
import { bookedUntil, letLeave } from '../booked.ts'
import { cleans, hindered } from '../domain/retiring.ts'
import { bookedWords } from '../domain/tenancy.ts'
import { leave } from '../leave.ts'
import { handOnPassword } from '../store/bmc-password.ts'
import { about, type Conducted, conducted, lockConducted } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import {
  changeRetirement,
  document,
  dropRetirement,
  hasChildren,
  lastRecord,
  type Retirement,
  type RetirementValues,
  removeNode,
  retirementOf,
} from '../store/retirement.ts'
import type { World } from '../world.ts'

/** Milliseconds between looks at what tells nobody when it is over. */
const LOOK = 60_000

/** Leads a node out of the pool: at its time, until it is clean, and away if that was asked for. Whoever moves the node wakes it. */
export const retirementConductor = (world: World): Conductor => ({
  name: 'retirement',
  key: 'the node’s uuid',
  reads: ['baremetal.node', 'baremetal.retirement'],
  owns: ['baremetal.retirement.state', 'baremetal.retirement.why', 'baremetal.retirement.cleaned_at', 'baremetal.retirement.document'],
  slots: 4,
  limit: 60_000,
  // It touches no hardware itself, but has it cleaned and nodes deleted: not by a database that may be yesterday's.
  outside: true,
  command: 0,
  async run(key, run) {
    for (let steps = 0; steps < 4; steps++) {
      const row = await retirementOf(world.database.db, key)
      const node = await conducted(world.database.db, key)
      if (!row || !node) return done
      const outcome = await look(world, run, row, node)
      if (outcome !== 'on') return outcome
    }
    return again(0, 'there is more to do')
  },
})

const look = async (world: World, run: Run, row: Retirement, node: Conducted): Promise<Outcome | 'on'> => {
  if (row.state === 'planned') return begin(world, run, row, node)
  const save = saver(run, row)
  // Somebody took it back by hand.
  if (!node.retired) {
    await save(tx => dropRetirement(tx, node.uuid))
    return done
  }
  if (moving.has(node.provision_state)) return done
  if (row.state === 'retired') return row.remove ? remove(world, run, row, node) : done
  if (node.clean_proof === null && cleans(node)) {
    const why = node.last_error ?? `it is in state "${node.provision_state}", and nothing is proven of it`
    if (row.state === 'not clean' && row.why === why) return done
    await save(async (tx, now) => {
      await note(tx, row, { state: 'not clean', why })
      tx.emit('baremetal', { type: 'baremetal.node.retirement_stuck', ...about({ ...now, lessee: null }), data: { why } })
    })
    return done
  }
  const unproven = node.clean_proof === null ? 'its BMC was never verified, so it was not cleaned' : null
  await save(async (tx, now) => {
    await changeRetirement(tx, row.uuid, { state: 'retired', why: unproven, ...(unproven === null ? { cleaned_at: now.clean_at } : {}) })
    const words = unproven === null ? 'it is proven clean' : unproven
    await writeHistory(tx, now.uuid, { severity: 'INFO', type: 'retirement', event: `Retired: ${words}.`, ...by(row) })
    await document(tx, row.uuid)
    tx.emit('baremetal', { type: 'baremetal.node.retired', ...about(now), data: { proof: now.clean_proof, reason: row.reason } })
  })
  return 'on'
}

/** At its time, if nothing is booked by then: otherwise as soon as that is over. */
const begin = async (world: World, run: Run, row: Retirement, node: Conducted): Promise<Outcome | 'on'> => {
  if (run.now() < row.as_of) return wait(row.as_of, 'it is to be retired then')
  const save = saver(run, row)
  // It was so from the beginning on, unless nobody could be asked then.
  const until = (await letLeave(world, node.uuid, run.now(), false))?.until ?? (await bookedUntil(world, node))
  const over = until !== undefined && until <= run.now()
  const why = until === undefined ? hindered(node) : over ? 'its last lease is just ending' : bookedWords(until)
  if (why === undefined) {
    await save(async (tx, now) => {
      if (hindered(now) === undefined) await leave(tx, now, row)
    })
    return 'on'
  }
  if (row.why !== why)
    await save(async (tx, now) => {
      await note(tx, row, { why })
      tx.emit('baremetal', { type: 'baremetal.node.retirement_waits', ...about({ ...now, lessee: null }), data: { why } })
    })
  return until === undefined || over || until === FOREVER ? again(LOOK, why) : wait(until, why)
}

const remove = async (world: World, run: Run, row: Retirement, node: Conducted): Promise<Outcome | 'on'> => {
  const until = (await letLeave(world, node.uuid, run.now(), false))?.until ?? (await bookedUntil(world, node))
  const why =
    until !== undefined
      ? bookedWords(until)
      : (await hasChildren(world.database.db, node.uuid))
        ? 'it has child nodes; delete them first'
        : node.reservation !== null
          ? `it is reserved by ${node.reservation}`
          : undefined
  if (why !== undefined) {
    if (row.why !== why) await saver(run, row)(tx => note(tx, row, { why }))
    return again(LOOK, why)
  }
  await saver(
    run,
    row,
  )(async (tx, now) => {
    if (now.lease !== null || now.reservation !== null || !now.retired) return
    await handOnPassword(tx, now.uuid)
    await lastRecord(tx, now)
    await removeNode(tx, now.uuid)
    tx.emit('baremetal', { type: 'baremetal.node.deleted', ...about(now), data: { retirement: row.uuid } })
  })
  return 'on'
}

const note = (tx: Tx, row: Retirement, values: RetirementValues): Promise<void> => changeRetirement(tx, row.uuid, values)

/** Writes only while the retirement is as it was looked at. */
const saver =
  (run: Run, row: Retirement) =>
  (work: (tx: Tx, node: Conducted) => Promise<unknown>): Promise<void> =>
    run.transaction(async tx => {
      const node = await lockConducted(tx, row.node)
      const now = node && (await retirementOf(tx.db, row.node))
      if (!node || !now || now.uuid !== row.uuid || now.state !== row.state || now.as_of !== row.as_of) return
      await work(tx, node)
    })

const by = ({ user, project }: Retirement) => ({ ...(user === null ? {} : { user }), ...(project === null ? {} : { project }) })
