import { again, type Conductor, done } from '../../../kit/work/conductor.ts'
import { closeOffer } from '../ending.ts'
import { lockTree } from '../store/calendar/lock.ts'
import { waitingFor } from '../store/leases.ts'
import { offersOfUnit } from '../store/offers.ts'
import { knowUnit, REFRESH, unitGone, unitsOfThing } from '../store/resources.ts'
import type { World } from '../world.ts'

/**
 * Keeps what lists show of a thing, and looks at the leases that wait for it. Woken by whoever has the thing when it changed. When
 * it changes hands the former owner's offers end; leases stay.
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
      await run.transaction(async tx => {
        if (!thing) await unitGone(tx, unit.id)
        else {
          await knowUnit(tx, unit.type, thing)
          for (const offer of offers.filter(o => o.thingOwner !== thing.owner)) {
            await lockTree(tx.db, offer.uuid)
            await closeOffer(tx, offer.uuid, 'deleted', { reason: 'the owner has changed' })
          }
        }
        for (const lease of await waitingFor(tx.db, unit.id)) tx.wake('lease', lease)
      })
    }
    return again(REFRESH, 'should no event tell of a change')
  },
})
