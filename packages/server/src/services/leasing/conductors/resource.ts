import type { Tx } from '../../../kit/db/transaction.ts'
import { again, type Conductor, done } from '../../../kit/work/conductor.ts'
import { closeOffer } from '../ending.ts'
import { lockDeal, lockTree } from '../store/calendar/lock.ts'
import { changeLease, leasesOfFormerOwners, readLease, waitingFor } from '../store/leases.ts'
import { offersOfUnit } from '../store/offers.ts'
import { rememberProjects } from '../store/projects.ts'
import { forgetFormerOwners, knowUnit, REFRESH, unitGone, unitsOfThing } from '../store/resources.ts'
import { tellLease } from '../telling.ts'
import type { World } from '../world.ts'

/**
 * Keeps what lists show of a thing, and looks at the leases that wait for it. Woken by whoever has the thing when it changed. When
 * it changes hands the former owner's offers end; leases stay, and name the new owner.
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
    for (const unit of units) {
      const things = world.types.get(unit.type)
      if (!things) continue
      // Made later, it is by a later owner, of whom this answer may not know yet; it wakes us itself.
      const offers = await offersOfUnit(world.kit.database.db, unit.id)
      const thing = await things.find(unit.thing)
      const names = thing?.owner == null ? undefined : await world.needs.projects?.names([thing.owner])
      await run.transaction(async tx => {
        if (!thing) await unitGone(tx, unit.id)
        else {
          await knowUnit(tx, unit.type, thing)
          for (const offer of offers.filter(o => thing.leaving || o.thingOwner !== thing.owner)) {
            await lockTree(tx.db, offer.uuid)
            await closeOffer(tx, offer.uuid, 'deleted', { reason: thing.leaving ? 'it is retired' : 'the owner has changed' })
          }
          if (thing.owner !== null) await nameOwner(tx, unit.id, thing.owner, names)
        }
        for (const lease of await waitingFor(tx.db, unit.id)) tx.wake('lease', lease)
      })
    }
    return again(REFRESH, 'should no event tell of a change')
  },
})

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
