import { claim as spec } from '@esi/api/leasing/lease'
import { type Instant, plus, toMillis } from '@esi/api/time'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { refuseTaken } from '../calendar/refuse.ts'
import { defaultEnd } from '../domain/lease.ts'
import { windowAt } from '../domain/windows.ts'
import { refused } from '../errors.ts'
import { firstBookings, NoRoom } from '../store/calendar/book.ts'
import { freeIn } from '../store/calendar/free.ts'
import { lockOwn } from '../store/calendar/lock.ts'
import { forClaim, lookAtOffer, type OfferRow } from '../store/offers.ts'
import { rememberProjects } from '../store/projects.ts'
import { knowUnit, unitIn } from '../store/resources.ts'
import type { World } from '../world.ts'
import { findOffer } from './find.ts'
import { checkLimit, writeLease } from './leases.ts'
import { make } from './make.ts'
import { checkLength, checkSpan, usualLength } from './span.ts'

/** "At once" is the offer's start where that is a moment away: clocks of client and replicas differ a little. */
const MOMENT = 10_000

interface Wish {
  readonly start_time?: Instant | null
  readonly end_time?: Instant | null
  readonly name?: string | null
  readonly purpose?: string | null
  readonly properties?: Record<string, unknown> | null
}

/** A lease within an offer, by its uuid or name. */
export const claimRoute = (world: World, leases: Engine): Route =>
  handle(spec, (context, input) => claim(world, leases, context, input.params['offer']!, input.body as Wish))

const claim = async (world: World, leases: Engine, context: Context, ident: string, wish: Wish): Promise<Reply> => {
  const project = context.caller?.project
  const row = await findOffer(world, context, ident, spec.policies[0], forClaim(project ?? { id: '', name: null }))
  if (!project) throw refused.noProjectOfToken()
  const offer = offerIn(row)
  if (offer.status !== 'available') throw refused.notAvailable(offer.uuid, offer.status)
  const start = wish.start_time ?? startNow(context.at, offer.start)
  const usual = plus(start, usualLength(world))
  if (wish.end_time) {
    checkSpan('a lease', start, wish.end_time, context.at)
    checkLength(world, context, start, wish.end_time)
  }
  const thing = await world.thing(offer.type, offer.thing)
  if (thing.notLeasable && (thing.leaving || project.id !== thing.owner))
    throw refused.notLeasable(offer.type, offer.thing, thing.notLeasable)
  if (thing.leaves !== undefined && (wish.end_time ?? start) > thing.leaves) throw refused.leavesThen(offer.type, offer.thing, thing.leaves)
  const id = uuid()
  return make(
    world,
    leases,
    context,
    id,
    async tx => {
      const unit = unitIn(row, thing) ?? (await knowUnit(tx, offer.type, thing))
      if (!row['project_known']) await rememberProjects(tx.db, tx.at, [project])
      await checkLimit(world, tx, project.id)
      lockOwn(tx, offer.uuid)
      const { status, calendars } = await lookAtOffer(tx.db, offer.uuid)
      if (status !== 'available') throw refused.notAvailable(offer.uuid, status)
      const end = wish.end_time ?? (await endOf(tx.db, offer, start, usualLength(world)))
      checkSpan('a lease', start, end, tx.at)
      const bookings = firstBookings({
        deal: id,
        kind: 'lease',
        unit: unit.id,
        during: { from: start, to: end },
        bounds: { from: offer.start, to: offer.end },
        turnAround: unit.turnAround,
        crossed: [],
        grounds: calendars,
      })
      return writeLease(
        tx,
        {
          uuid: id,
          name: wish.name ?? null,
          project_id: project.id,
          owner_id: offer.project_id,
          purpose: wish.purpose ?? null,
          unit: unit.id,
          start,
          end,
          properties: wish.properties ?? {},
          offer: offer.uuid,
          parent: offer.parent,
        },
        unit,
        bookings,
      )
    },
    () =>
      refuseTaken(world, context.who, {
        what: `Offer ${offer.uuid}`,
        deal: offer.uuid,
        unit: offer.unit,
        type: offer.type,
        class: offer.class,
        start,
        end: wish.end_time ?? usual,
      }),
  )
}

/** What shows an offer says all of it that the rules need. */
const offerIn = (row: Readonly<Item>): Omit<OfferRow, 'lessee_id' | 'thingOwner'> => ({
  uuid: row['uuid'] as string,
  name: row['name'] as string | null,
  project_id: row['project_id'] as string,
  status: row['state'] as OfferRow['status'],
  start: row['start_time'] as Instant,
  end: row['end_time'] as Instant,
  parent: row['parent_lease_uuid'] as string | null,
  unit: row['unit'] as number,
  type: row['resource_type'] as string,
  thing: row['resource_uuid'] as string,
  class: row['resource_class'] as string | null,
})

const startNow = (now: Instant, opens: Instant): Instant => (opens > now && toMillis(opens) - toMillis(now) <= MOMENT ? opens : now)

/** As long as leases usually are, at most to the end of the window that `start` is in. */
const endOf = async (db: Parameters<typeof freeIn>[0], offer: Pick<OfferRow, 'uuid'>, start: Instant, usual: number): Promise<Instant> => {
  const window = windowAt((await freeIn(db, [offer.uuid], start)).get(offer.uuid)!, start)
  if (!window) throw new NoRoom('not free then')
  return defaultEnd(start, usual, window.to)
}
