import { Refused } from '@esi/api/dialect'
import { FOREVER, type Instant } from '@esi/api/time'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context } from '../../../kit/http/route.ts'
import { groundFor } from '../domain/rights.ts'
import { refused } from '../errors.ts'
import type { Thing } from '../needs.ts'
import { lockDeal } from '../store/calendar/lock.ts'
import { type LeaseRow, presentLease, readLease } from '../store/leases.ts'
import type { Unit } from '../store/resources.ts'
import type { World } from '../world.ts'

/** On what right something is booked: one's own thing, or the lease through which one has it. */
export interface Locked {
  readonly parent: LeaseRow | undefined
}

/**
 * Judges who may lease out or offer a thing, by what its owner and lessee are at this moment, and locks the lease it would lie in.
 * Owner and administrator book on the thing itself; whoever has it now, within the time that they have it.
 */
export const lockGround = async (
  world: World,
  tx: Tx,
  context: Context,
  asked: { readonly unit: Unit; readonly thing: Thing; readonly start: Instant; readonly end: Instant | undefined },
): Promise<Locked> => {
  const { unit, thing, start, end } = asked
  const who = { project: context.project, admin: context.may('esi_leap:offer:offer_admin') }
  const present = who.project === undefined ? undefined : await presentLease(tx.db, unit.id, who.project, tx.at)
  const ground = groundFor(who, thing, present, world.config.subleaseDepth)
  if (!ground) throw refused.notYours(unit.type, thing.id)
  if (ground.by !== 'lessee') return { parent: undefined }
  lockDeal(tx, ground.lease)
  const parent = await readLease(tx.db, ground.lease)
  if (parent?.status !== 'active') throw new Refused('conflict', `Lease ${ground.lease} has ended.`)
  if (start < parent.start || (end ?? parent.end) > parent.end || start >= parent.end)
    throw refused.notYoursThen(unit.type, thing.id, start, end ?? FOREVER)
  return { parent }
}
