import { later, toMillis } from '@esi/api/time'
import type { Tx } from '../../../kit/db/transaction.ts'
import { again, type Conductor, done } from '../../../kit/work/conductor.ts'
import { closeOffer, endLease } from '../ending.ts'
import { endOffersThen, UNHEARD } from '../leaving.ts'
import type { Thing } from '../needs.ts'
import { limitOf, limitUnit, unlimitUnit } from '../store/calendar/leave.ts'
import { lockDeal, lockTree } from '../store/calendar/lock.ts'
import { changeLease, leasesOfFormerOwners, notBegun, readLease, waitingFor } from '../store/leases.ts'
import { type OfferRow, offersOfUnit } from '../store/offers.ts'
import { rememberProjects } from '../store/projects.ts'
import { forgetFormerOwners, knowUnit, REFRESH, type Unit, unitGone, unitsOfThing } from '../store/resources.ts'
import { tellLease } from '../telling.ts'
import type { World } from '../world.ts'

/** Why what is offered and booked of it ends. */
const DELETED = 'the node was deleted'
/** Milliseconds for which a thing is not to be found until it counts as gone, where a fault may look the same. */
const GONE = 86_400_000

/**
 * Keeps what lists show of a thing, and looks at the leases that wait for it. Woken by whoever has the thing when it changed. When
 * it changes hands the former owner's offers end; leases stay, and name the new owner. When it leaves, or is gone, all of them end.
 */
export const resourceConductor = (world: World): Conductor => ({
  name: 'resource',
  key: "the thing's identifier",
  reads: ['leasing.resource'],
  owns: [
    'leasing.resource.name',
    'leasing.resource.class',
    'leasing.resource.properties',
    'leasing.resource.owner',
    'leasing.resource.turn_around',
    'leasing.lease.owner_id',
  ],
  slots: 8,
  limit: 60_000,
  outside: false,
  async run(key, run) {
    const units = await unitsOfThing(world.kit.database.db, key)
    if (units.length === 0) return done
    let next = REFRESH
    for (const unit of units) {
      const things = world.types.get(unit.type)
      if (!things) continue
      // Made later, it is by a later owner, of whom this answer may not know yet; it wakes us itself.
      const offers = await offersOfUnit(world.kit.database.db, unit.id)
      const thing = await things.find(unit.thing)
      const names = thing?.owner == null ? undefined : await world.needs.projects?.names([thing.owner])
      await run.transaction(async tx => {
        if (!thing) {
          const since = await unitGone(tx, unit.id)
          if (things.certain || toMillis(run.now()) - toMillis(since) >= GONE) await endAll(tx, unit.id, offers)
        } else {
          await knowUnit(tx, unit.type, thing)
          next = Math.min(next, await keepLimit(tx, unit, thing))
          for (const offer of offers.filter(o => thing.leaving || o.thingOwner !== thing.owner)) {
            await lockTree(tx.db, offer.uuid)
            await closeOffer(tx, offer.uuid, 'deleted', { reason: thing.leaving ? 'it is retired' : 'the owner has changed' })
          }
          if (thing.owner !== null) await nameOwner(tx, unit.id, thing.owner, names)
        }
        for (const lease of await waitingFor(tx.db, unit.id)) tx.wake('lease', lease)
      })
    }
    return again(next, 'should no event tell of a change')
  },
})

/** A thing that is gone: nothing more can be claimed of it, and what has not begun never will. What runs ends as it does. */
const endAll = async (tx: Tx, unit: number, offers: readonly OfferRow[]): Promise<void> => {
  for (const { uuid } of offers) {
    await lockTree(tx.db, uuid)
    await closeOffer(tx, uuid, 'deleted', { reason: DELETED })
  }
  for (const uuid of await notBegun(tx.db, unit)) await endLease(tx, uuid, 'cancel', DELETED)
}

/** The thing's calendar ends when its keeper says so, and no other time; gives when to look again, in milliseconds. */
const keepLimit = async (tx: Tx, unit: Unit, thing: Thing): Promise<number> => {
  if (thing.leaving) return REFRESH
  const { at, asked } = await limitOf(tx.db, unit.id)
  if (thing.leaves !== undefined) {
    const moment = later(thing.leaves, tx.at)
    // Whoever has a lease beyond it, from before that was known, keeps it; the calendar ends as soon as that does.
    const passed = at !== null && at <= tx.at && thing.leaves <= tx.at
    if (at !== thing.leaves && !passed) await limitUnit(tx, unit.id, moment)
    await endOffersThen(tx, unit, thing.leaves)
    return REFRESH
  }
  if (at === null) return REFRESH
  const heard = asked === null ? 0 : toMillis(asked) + UNHEARD - toMillis(tx.at)
  // It may be just about to be written down there.
  if (heard > 0) return heard
  await unlimitUnit(tx, unit.id)
  return REFRESH
}

/** Whoever has the thing now is who leases it out, also what was leased before. Offers that could still be claimed have ended. */
const nameOwner = async (tx: Tx, unit: number, owner: string, names: ReadonlyMap<string, string> | undefined): Promise<void> => {
  const leases = await leasesOfFormerOwners(tx.db, unit, owner)
  if (leases.length > 0) await rememberProjects(tx.db, tx.at, [{ id: owner, name: names?.get(owner) ?? null }])
  for (const { uuid } of leases) {
    lockDeal(tx, uuid)
    const lease = await readLease(tx.db, uuid)
    if (!lease || lease.status === 'expired' || lease.status === 'deleted') continue
    changeLease(tx, uuid, { owner_id: owner })
    tellLease(tx, 'updated', { ...lease, owner_id: owner }, { former_owner_id: lease.owner_id, why: 'the owner has changed' }, [
      lease.owner_id,
    ])
  }
  await forgetFormerOwners(tx, unit)
}
