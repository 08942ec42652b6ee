import { bookedWords, inHands, type Lettable } from './domain/tenancy.ts'
import type { World } from './world.ts'

/** Why a node must not go away yet, in a sentence that says until when and what to do; undefined if nothing is booked on it. */
export const booked = async (
  world: World,
  node: Pick<Lettable, 'lease' | 'lease_end' | 'release'> & { readonly uuid: string },
): Promise<string | undefined> => {
  const until = await world.others.bookings?.().until(node.uuid)
  if (until !== undefined && until > world.kit.clock.now()) return bookedWords(until)
  // What nobody else knows of, or its turn-around.
  if (node.lease !== null && node.lease_end !== null) return bookedWords(node.lease_end)
  const why = inHands(node)
  return why && `${why}. Wait until it is: "esi node history list" tells how far that is.`
}
