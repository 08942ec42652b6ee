import { type Conductor, done, wait } from '../../../kit/work/conductor.ts'
import { closeOffer } from '../ending.ts'
import { lockTree } from '../store/calendar/lock.ts'
import { type OfferRow, readOffer } from '../store/offers.ts'
import type { World } from '../world.ts'

const open = (offer: OfferRow | undefined): offer is OfferRow => offer?.status === 'available' || offer?.status === 'error'

/** Lets offers expire at their end. Leases in it end by themselves, none later than it. */
export const offerConductor = (world: World): Conductor => ({
  name: 'offer',
  key: "the offer's uuid",
  reads: ['leasing.offer.status', 'leasing.offer.end_time'],
  owns: [],
  slots: 8,
  limit: 60_000,
  outside: false,
  async run(key, run) {
    const offer = await readOffer(world.kit.database.db, key)
    if (!open(offer)) return done
    if (run.now() < offer.end) return wait(offer.end, 'for its end')
    await run.transaction(async tx => {
      await lockTree(tx.db, key)
      const fresh = await readOffer(tx.db, key)
      if (open(fresh) && fresh.end <= run.now()) await closeOffer(tx, key, 'expired')
    })
    return done
  },
})
