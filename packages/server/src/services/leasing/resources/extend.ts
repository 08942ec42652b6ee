import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/leasing/dialect'
import { lease as resource } from '@esi/api/leasing/lease'
import { openLeases } from '@esi/api/leasing/states'
import { type Instant, naive } from '@esi/api/time'
import type { Kysely } from 'kysely'
import type { Context, Reply } from '../../../kit/http/route.ts'
import { accept } from '../../../kit/resource/accept.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { refuseTaken } from '../calendar/refuse.ts'
import type { Calendar, Span } from '../domain/cut.ts'
import { refused } from '../errors.ts'
import { calendarsOf, isTaken, offersIn, place, rootOf } from '../store/calendar/book.ts'
import { lockDeal, lockUnit } from '../store/calendar/lock.ts'
import { changeLease, type LeaseRow, readLease } from '../store/leases.ts'
import { readOffer } from '../store/offers.ts'
import { unitById } from '../store/resources.ts'
import { tellLease } from '../telling.ts'
import type { World } from '../world.ts'
import { findLease } from './find.ts'

/** Moves the end of a lease, either way; on the same calendars and judged by what is there when it is locked. */
export const extend = async (world: World, engine: Engine, context: Context, ident: string): Promise<Reply> => {
  const row = await findLease(world, context, ident, resource.policy.update!)
  const id = String(row['uuid'])
  const end = newEnd(context)
  const { database } = world.kit
  let lease: LeaseRow | undefined
  try {
    const after = await database.transaction(context, async tx => {
      const { db } = tx
      const first = (await readLease(db, id))!
      // The unit's calendar first, then all others in order: owner's offers may be crossed by the new part.
      if (!first.offer) lockUnit(tx, first.unit)
      lockDeal(tx, id, (await crossing(db, first)).crossed)
      lease = (await readLease(db, id))!
      if (!openLeases.includes(lease.status)) throw refused.notOpen(id, lease.status)
      if (end <= lease.start)
        throw new Refused('invalid', `The new end ${naive(end)} is not after the lease's start ${naive(lease.start)}.`)
      if (end <= tx.at)
        throw new Refused('invalid', `The new end ${naive(end)} is not after now, ${naive(tx.at)}: delete the lease instead.`)
      const unit = await unitById(db, lease.unit)
      const { grounds, crossed, bounds } = await crossing(db, lease)
      await place(db, {
        deal: id,
        kind: 'lease',
        unit: lease.unit,
        during: { from: lease.start, to: end },
        ...(bounds ? { bounds } : {}),
        turnAround: unit.turnAround,
        crossed,
        grounds,
      })
      changeLease(tx, id, { end })
      if (end !== lease.end)
        tellLease(tx, 'updated', lease, { fields: ['end_time'], before: { end_time: lease.end }, after: { end_time: end } })
      tx.wake('lease', id, end)
      return (await engine.read(db, id))!
    })
    return { status: 200, body: await engine.reply(context, after) }
  } catch (e) {
    if (!isTaken(e) || !lease) throw e
    throw await refusal(world, context, lease, end)
  }
}

/** Where a lease lies, and the offers that it may cross there. */
const crossing = async (
  db: Kysely<any>,
  lease: LeaseRow,
): Promise<{ grounds: Calendar[]; crossed: Calendar[]; bounds: Span | undefined }> => {
  const within = lease.offer ? await readOffer(db, lease.offer) : lease.parentUuid ? await readLease(db, lease.parentUuid) : undefined
  const grounds = within ? await calendarsOf(db, within.uuid) : [await rootOf(db, lease.unit)]
  return {
    grounds,
    crossed: lease.offer ? [] : await offersIn(db, grounds, lease.owner_id, lease.uuid),
    bounds: within && { from: within.start, to: within.end },
  }
}

const newEnd = (context: Context): Instant => {
  const given = dialect.created(context.wire, resource)
  if (!Object.hasOwn(given, 'end_time') || Object.keys(given).length !== 1)
    throw new Refused('invalid', 'Only the end_time field may be updated')
  return accept(resource, 'end_time', given['end_time'] ?? '', 'update', context.version) as Instant
}

const refusal = async (world: World, context: Context, lease: LeaseRow, end: Instant): Promise<Refused> => {
  if (end < lease.end)
    return new Refused('conflict', `Lease ${lease.uuid} cannot end at ${naive(end)}: a lease or offer within it goes beyond that.`)
  const unit = await unitById(world.kit.database.db, lease.unit)
  const deal = lease.offer ?? lease.parentUuid ?? undefined
  return refuseTaken(world, context.who, {
    what: lease.offer ? `Offer ${lease.offer}` : lease.parentUuid ? `Lease ${lease.parentUuid}` : `${lease.type} ${lease.thing}`,
    deal,
    unit: lease.unit,
    type: lease.type,
    class: unit.class,
    start: lease.end,
    end,
  })
}
