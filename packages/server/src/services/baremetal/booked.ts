import { FOREVER, type Instant } from '@esi/api/time'
import { bookedWords, inHands, type Lettable } from './domain/tenancy.ts'
import type { World } from './world.ts'

type Booked = Pick<Lettable, 'lease' | 'lease_end' | 'release'> & { readonly uuid: string }

/** Until when a node is booked: FOREVER without end, undefined if it is not. */
export const bookedUntil = async (world: World, node: Booked): Promise<Instant | undefined> => {
  const until = await world.others.bookings?.().until(node.uuid)
  if (until !== undefined && until > world.kit.clock.now()) return until
  // What nobody else knows of.
  return node.lease === null ? undefined : (node.lease_end ?? FOREVER)
}

/**
 * Has whoever books nodes book nothing on it from that moment on; to be called in the transaction that writes down that it leaves, before
 * it is committed. Undefined where nobody books nodes. See `Bookings.leave`.
 */
export const letLeave = async (world: World, node: string, at: Instant, tried: boolean) =>
  world.others.bookings?.().leave?.(node, at, tried)

/** Why a node must not go away yet, in a sentence that says until when and what to do; undefined if nothing is booked on it. */
export const booked = async (world: World, node: Booked): Promise<string | undefined> => {
  const until = await bookedUntil(world, node)
  if (until !== undefined) return bookedWords(until)
  const why = inHands(node)
  return why && `${why}. Wait until it is: "esi node history list" tells how far that is.`
}
