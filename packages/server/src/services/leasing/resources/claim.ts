import { claim as spec } from '@esi/api/leasing/lease'
import { type Instant, plus, toMillis } from '@esi/api/time'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { refuseTaken } from '../calendar/refuse.ts'
import { defaultEnd } from '../domain/lease.ts'
import { windowAt } from '../domain/windows.ts'
import { refused } from '../errors.ts'
import { calendarsOf, NoRoom, place } from '../store/calendar/book.ts'
import { freeIn } from '../store/calendar/free.ts'
import { lockOwn } from '../store/calendar/lock.ts'
import { type OfferRow, readOffer } from '../store/offers.ts'
import { rememberProjects } from '../store/projects.ts'
import { knowUnit } from '../store/resources.ts'
import type { World } from '../world.ts'
import { findOffer, withLineage } from './find.ts'
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
  handle(spec, async (plain, input) => claim(world, leases, await withLineage(world, plain), input.params['offer']!, input.body as Wish))

const claim = async (world: World, leases: Engine, context: Context, ident: string, wish: Wish): Promise<Reply> => {
  const row = await findOffer(world, context, ident, spec.policies[0])
  const project = context.caller?.project
  if (!project) throw refused.noProjectOfToken()
  const offer = (await readOffer(world.kit.database.db, String(row['uuid'])))!
  if (offer.status !== 'available') throw refused.notAvailable(offer.uuid, offer.status)
  const start = wish.start_time ?? startNow(context.at, offer.start)
  const usual = plus(start, usualLength(world))
  if (wish.end_time) {
    checkSpan('a lease', start, wish.end_time, context.at)
    checkLength(world, context, start, wish.end_time)
  }
  const thing = await world.thing(offer.type, offer.thing)
  if (thing.notLeasable && project.id !== thing.owner) throw refused.notLeasable(offer.type, offer.thing, thing.notLeasable)
  const id = uuid()
  return make(
    world,
    leases,
    context,
    id,
    async tx => {
      const unit = await knowUnit(tx, offer.type, thing)
      await rememberProjects(tx.db, tx.at, [project])
      await checkLimit(world, tx, project.id)
      await lockOwn(tx.db, offer.uuid)
      const now = (await readOffer(tx.db, offer.uuid))!
      if (now.status !== 'available') throw refused.notAvailable(offer.uuid, now.status)
      const end = wish.end_time ?? (await endOf(tx.db, offer, start, usualLength(world)))
      checkSpan('a lease', start, end, tx.at)
      await place(tx.db, {
        deal: id,
        fresh: true,
        kind: 'lease',
        unit: unit.id,
        during: { from: start, to: end },
        bounds: { from: offer.start, to: offer.end },
        turnAround: unit.turnAround,
        crossed: [],
        grounds: await calendarsOf(tx.db, offer.uuid),
      })
      await writeLease(
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

const startNow = (now: Instant, opens: Instant): Instant => (opens > now && toMillis(opens) - toMillis(now) <= MOMENT ? opens : now)

/** As long as leases usually are, at most to the end of the window that `start` is in. */
const endOf = async (db: Parameters<typeof freeIn>[0], offer: OfferRow, start: Instant, usual: number): Promise<Instant> => {
  const window = windowAt((await freeIn(db, [offer.uuid], start)).get(offer.uuid)!, start)
  if (!window) throw new NoRoom('not free then')
  return defaultEnd(start, usual, window.to)
}
