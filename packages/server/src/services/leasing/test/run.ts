import type { Conductor, Outcome, Run } from '../../../kit/work/conductor.ts'
import type { LeasingWorld } from './world.ts'

/** One run of a conductor, with something happening right before its first transaction: between its read and its write. */
export const runBetween = async (world: LeasingWorld, name: string, key: string, between: () => Promise<void>): Promise<Outcome> => {
  const conductor = world.running.conductors.find(c => c.name === name) as Conductor
  let once = true
  const run: Run = {
    now: () => world.clock.now(),
    signal: new AbortController().signal,
    check: async () => {},
    origin: { at: world.clock.now(), by: { conductor: name } },
    failures: 0,
    takenOver: false,
    settledAt: null,
    async transaction(work) {
      if (once) {
        once = false
        await between()
      }
      return world.database.transaction({ at: world.clock.now(), by: { conductor: name } }, work)
    },
  }
  return conductor.run(key, run)
}
