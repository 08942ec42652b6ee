import { Refused } from '@esi/api/dialect'
import { fromMillis } from '@esi/api/time'
import type { Context } from '../../kit/http/route.ts'
import { errors } from './errors.ts'
import { conducted } from './store/conduct-node.ts'
import type { World } from './world.ts'

/** As long as the original tries to get its lock on a node. */
const PATIENCE = 3000
const LOOK = 250

/** Waits until what was asked of a node's power is done; refuses as for a node that somebody works on when that takes too long. */
export const powered = async (world: World, node: string, context: Context): Promise<void> => {
  const { clock } = world.kit
  const until = clock.millis() + PATIENCE
  for (;;) {
    const now = await conducted(world.database.db, node)
    if (!now?.wanted.power) return
    if (clock.millis() >= until) throw errors.locked(node, world.host)
    if (context.signal.aborted) throw new Refused('timeout', 'Nobody waits for the answer any more.')
    if (world.kit.signal.aborted) throw new Refused('unavailable', 'The server is about to stop; ask again.', { retryAfter: 1 })
    await new Promise<void>(resolve => clock.at(fromMillis(Math.min(clock.millis() + LOOK, until)), resolve))
  }
}
