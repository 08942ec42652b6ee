import { earlier, naive, toMillis } from '@esi/api/time'
import type { Tx } from '../../../kit/db/transaction.ts'
import { again, type Conductor, done, failed, type Outcome, type Run, wait } from '../../../kit/work/conductor.ts'
import { nextStep, type Step } from '../domain/lease.ts'
import { endLease, settleOffers } from '../ending.ts'
import type { Assigned, Released, Things } from '../needs.ts'
import { shorten } from '../store/calendar/book.ts'
import { lockDeal, lockTree, lockUnit } from '../store/calendar/lock.ts'
import { begunAfter, changeLease, endedBy, type LeaseRow, livingOfLease, readLease, waitingFor } from '../store/leases.ts'
import { tellLease } from '../telling.ts'
import type { World } from '../world.ts'

// Whoever has the thing wakes the lease when something changes; these are the net below that, in milliseconds.
const LOOK_AGAIN = 60_000
const LOOK_AGAIN_BROKEN = 600_000
const STEPS = 20
const pause = (answer: Assigned | Released): number => ('lookAgain' in answer ? (answer.lookAgain ?? LOOK_AGAIN) : LOOK_AGAIN)

/** Brings a lease to what its time says: begun, ended, its rights given and taken; each step judged anew under lock. */
export const leaseConductor = (world: World): Conductor => ({
  name: 'lease',
  key: "the lease's uuid",
  reads: ['leasing.lease.status', 'leasing.lease.start_time', 'leasing.lease.end_time'],
  owns: [
    'leasing.lease.holds',
    'leasing.lease.told_end',
    'leasing.lease.waiting',
    'leasing.lease.fulfill_time',
    'leasing.lease.end_record',
  ],
  slots: 16,
  limit: 120_000,
  outside: true,
  command: 0,
  async run(key, run) {
    for (let i = 0; i < STEPS; i++) {
      const seen = i === 0 ? await see(run, key) : await readLease(world.kit.database.db, key)
      if (!seen) return done
      const outcome = await take(world, run, seen, nextStep(seen, run.now()))
      if (outcome) return outcome
    }
    return again(1000, 'it changes faster than it can be followed')
  },
})

/**
 * The lease as it is now, under lock. One whose time has come is marked at once: from here on it may have the thing, so whoever
 * deletes it makes it give the thing back.
 */
const see = (run: Run, key: string): Promise<LeaseRow | undefined> =>
  run.transaction(async tx => {
    lockDeal(tx, key)
    const lease = await readLease(tx.db, key)
    if (lease?.status !== 'created' || nextStep(lease, run.now()).do !== 'assign') return lease
    changeLease(tx, key, { status: 'wait fulfill' })
    return { ...lease, status: 'wait fulfill' }
  })

/** One step; undefined: look what is next. */
const take = async (world: World, run: Run, lease: LeaseRow, step: Step): Promise<Outcome | undefined> => {
  switch (step.do) {
    case 'nothing':
      return done
    case 'wait':
      return wait(step.until, lease.status === 'created' ? 'for its start' : 'for its end')
    case 'stand by':
      await judged(run, lease, step, async tx => remark(tx, lease, step.why))
      return again(LOOK_AGAIN, step.why)
    case 'end':
      await judged(run, lease, step, async tx => {
        await endLease(tx, lease.uuid, 'expire')
      })
      return undefined
    case 'assign':
      return assign(world, run, lease, step)
    case 'release':
      return release(world, run, lease, step)
    case 'see whether ready':
      return seeReady(world, run, lease)
  }
}

/** Does something only if, under lock, the same step is still the next one. */
const judged = async (run: Run, lease: LeaseRow, step: Step, work: (tx: Tx, now: LeaseRow) => Promise<void>): Promise<boolean> =>
  run.transaction(async tx => {
    if (step.do === 'end' || step.do === 'release') await lockTree(tx.db, lease.uuid)
    else lockDeal(tx, lease.uuid)
    const fresh = await readLease(tx.db, lease.uuid)
    if (!fresh || JSON.stringify(nextStep(fresh, run.now())) !== JSON.stringify(step)) return false
    await work(tx, fresh)
    return true
  })

/** Tells the lease's projects why it waits, once for each reason. */
const remark = async (tx: Tx, lease: LeaseRow, why: string): Promise<void> => {
  if (lease.waiting === why) return
  changeLease(tx, lease.uuid, { waiting: why })
  tellLease(tx, 'waiting', lease, { why })
}

const note = async (run: Run, lease: LeaseRow, why: string): Promise<void> => {
  await run.transaction(async tx => {
    lockDeal(tx, lease.uuid)
    const fresh = await readLease(tx.db, lease.uuid)
    if (fresh && fresh.status !== 'expired' && fresh.status !== 'deleted') await remark(tx, fresh, why)
  })
}

/** Asks whoever has the thing; when they cannot be reached the lease says so, and it is tried again with back-off, for ever. */
const ask = async <T>(
  world: World,
  run: Run,
  lease: LeaseRow,
  question: (things: Things) => Promise<T>,
): Promise<{ readonly answer: T } | { readonly outcome: Outcome }> => {
  try {
    await run.check()
    return { answer: await question(world.thingsOf(lease.type)) }
  } catch (e) {
    run.signal.throwIfAborted()
    const reason = e instanceof Error ? e.message : String(e)
    world.kit.log.warn({ err: e, lease: lease.uuid }, 'whoever has the thing of a lease could not be asked')
    await note(run, lease, `whoever has the ${lease.type} cannot be reached; this is tried again`)
    return { outcome: failed(reason) }
  }
}

const assign = async (world: World, run: Run, lease: LeaseRow, step: Step & { do: 'assign' }): Promise<Outcome | undefined> => {
  // Its time has come while we looked.
  if (lease.status === 'created' && (await see(run, lease.uuid))?.status !== 'wait fulfill') return undefined
  const blocked = step.first ? await takeFromParent(world, run, lease) : undefined
  if (blocked) return blocked
  const asked = await ask(world, run, lease, things => things.assign(lease.thing, lease.project_id, lease.uuid, lease.end))
  if ('outcome' in asked) return asked.outcome
  const { answer } = asked
  if (answer.is === 'waiting') {
    await note(run, lease, answer.why)
    const left = toMillis(lease.end) - toMillis(run.now())
    return left <= 0 ? undefined : again(Math.min(pause(answer), left), answer.why)
  }
  const after = await run.transaction(async tx => {
    // So that of two writers, of an end and of a beginning after it, the later one sees the other's.
    lockUnit(tx, lease.unit)
    lockDeal(tx, lease.uuid)
    const fresh = (await readLease(tx.db, lease.uuid))!
    const begins = fresh.status === 'wait fulfill' || fresh.status === 'error'
    if (begins && fresh.fulfilled === null) endedBy(tx, lease.unit, tx.at)
    changeLease(tx, fresh.uuid, {
      holds: true,
      told: lease.end,
      waiting: null,
      ...(begins ? { status: 'active', ...(fresh.fulfilled === null ? { fulfill_time: tx.at } : {}) } : {}),
    })
    if (begins) tellLease(tx, 'fulfilled', fresh)
    // A lease within it that has begun meanwhile takes it away again.
    if (fresh.lent) for (const child of await livingOfLease(tx.db, fresh.uuid)) tx.wake('lease', child.uuid)
    return { ...fresh, holds: true, told: lease.end, ...(begins ? { status: 'active' as const } : {}) }
  })
  // Whoever changes it meanwhile wakes us; it need not be read once more to know that there is nothing left to do but to wait.
  const next = nextStep(after, run.now())
  return next.do === 'wait' ? wait(next.until, 'for its end') : undefined
}

/** A sublease gets the thing as any lease does, clean: so the lease that it lies in gives it back first. */
const takeFromParent = async (world: World, run: Run, lease: LeaseRow): Promise<Outcome | undefined> => {
  const parent = lease.parentUuid ? await readLease(world.kit.database.db, lease.parentUuid) : undefined
  if (!parent?.holds) return undefined
  const asked = await ask(world, run, lease, things => things.release(parent.thing, parent.uuid))
  if ('outcome' in asked) return asked.outcome
  if (asked.answer.is === 'holding') return standBy(run, lease, asked.answer)
  await run.transaction(async tx => {
    lockDeal(tx, parent.uuid)
    lockDeal(tx, lease.uuid)
    changeLease(tx, parent.uuid, { holds: false, waiting: `it is subleased until ${naive(lease.end)}` })
  })
  return undefined
}

type Holding = Released & { is: 'holding' }
type GoneRights = Exclude<Released, Holding>

const standBy = async (run: Run, lease: LeaseRow, answer: Holding): Promise<Outcome> => {
  await note(run, lease, answer.why)
  return again(pause(answer), answer.why)
}

const proofOf = (answer: GoneRights): Record<string, unknown> => {
  switch (answer.is) {
    case 'released':
      return { is: 'released', proof: answer.proof }
    case 'releasing':
      return { is: 'releasing', doing: answer.doing }
    case 'quarantined':
      return { is: 'quarantined', reason: answer.reason }
  }
}

/** Rights gone: the lease has ended, whatever is still to be done with the thing. */
const release = async (world: World, run: Run, lease: LeaseRow, step: Step): Promise<Outcome | undefined> => {
  if (lease.status !== 'wait expire' && lease.status !== 'wait cancel') {
    // First it is written that it ends; an extension that came before is respected, one that comes after is refused.
    await judged(run, lease, step, async tx => {
      await endLease(tx, lease.uuid, 'expire')
    })
    return undefined
  }
  // As soon as its rights are gone the next lease may begin, before it is written down here; so this one ended before that. Where an
  // answer was lost it may have begun before this moment too.
  const ended = run.now()
  const asked = await ask(world, run, lease, things => things.release(lease.thing, lease.uuid))
  if ('outcome' in asked) return asked.outcome
  const { answer } = asked
  if (answer.is === 'holding') return standBy(run, lease, answer)
  await run.transaction(async tx => {
    lockUnit(tx, lease.unit)
    lockDeal(tx, lease.uuid)
    const fresh = (await readLease(tx.db, lease.uuid))!
    if (fresh.status !== 'wait expire' && fresh.status !== 'wait cancel') return
    const status = fresh.status === 'wait expire' ? 'expired' : 'deleted'
    const next = fresh.fulfilled === null ? undefined : await begunAfter(tx.db, fresh.uuid)
    changeLease(tx, fresh.uuid, {
      status,
      holds: false,
      waiting: null,
      expire_time: next === undefined ? ended : earlier(next, ended),
      end_record: { ...proofOf(answer), at: tx.at },
    })
    tellLease(tx, status, fresh, { begun: fresh.fulfilled !== null, ...proofOf(answer) })
    if (fresh.parentUuid) tx.wake('lease', fresh.parentUuid)
    if (answer.is === 'released') await giveBack(tx, fresh)
    await wakeOthers(tx, fresh)
  })
  return undefined
}

/** Ready for the next: nothing of the turn-around is needed any more. */
const giveBack = async (tx: Tx, lease: LeaseRow): Promise<void> => {
  await shorten(tx.db, lease.uuid, tx.at)
  await settleOffers(tx, lease.uuid)
}

/** Whoever waits for the thing may have it now, or waits for something else. */
const wakeOthers = async (tx: Tx, lease: LeaseRow): Promise<void> => {
  for (const uuid of await waitingFor(tx.db, lease.unit)) if (uuid !== lease.uuid) tx.wake('lease', uuid)
}

const seeReady = async (world: World, run: Run, lease: LeaseRow): Promise<Outcome | undefined> => {
  const asked = await ask(world, run, lease, things => things.release(lease.thing, lease.uuid))
  if ('outcome' in asked) return asked.outcome
  const { answer } = asked
  // Its rights are gone since it ended; a keeper that says otherwise is asked again.
  if (answer.is === 'holding') return again(pause(answer), answer.why)
  await run.transaction(async tx => {
    lockDeal(tx, lease.uuid)
    const fresh = (await readLease(tx.db, lease.uuid))!
    if (fresh.ready) return
    if (answer.is === 'released') {
      changeLease(tx, fresh.uuid, { end_record: { ...proofOf(answer), at: tx.at } })
      tellLease(tx, 'ready', fresh, proofOf(answer))
      await giveBack(tx, fresh)
      await wakeOthers(tx, fresh)
    } else changeLease(tx, fresh.uuid, { end_record: { ...proofOf(answer), at: tx.at } })
  })
  if (answer.is === 'released') return undefined
  return answer.is === 'releasing' ? again(pause(answer), answer.doing) : again(LOOK_AGAIN_BROKEN, answer.reason)
}
