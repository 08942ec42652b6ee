import { plus } from '@esi/api/time'
import type { Caller } from '../../../kit/auth/caller.ts'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { persona } from '../../../kit/testing/personas.ts'
import { type Served, type ServeOptions, serve } from '../../../kit/testing/serve.ts'
import { type LeasingDoor, leasing } from '../index.ts'
import type { Projects } from '../needs.ts'
import { type FakeThings, fakeThings } from './things.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const START = '2030-01-01T00:00:00.000000Z'

/** A moment of the test, as clients write it. */
export const at = (millis: number): string => plus(START, millis).slice(0, 19)

const caller = (name: string, roles: string[], project = name): Caller => ({
  ...persona(name, 'member', project),
  roles: [...roles, 'member', 'reader'],
})

/** Callers with the original's roles. */
export const callers = {
  admin: { ...persona('admin', 'admin') },
  owner: caller('owner', ['owner']),
  owner2: caller('owner2', ['owner']),
  lessee: caller('lessee', ['lessee']),
  lessee2: caller('lessee2', ['lessee']),
  /** Lessee that may sublet. */
  both: caller('both', ['owner', 'lessee']),
  both2: caller('both2', ['owner', 'lessee']),
  /** A project below the lessee's. */
  child: caller('child', ['lessee']),
  /** No role that leasing knows. */
  nobody: caller('nobody', []),
} as const satisfies Record<string, Caller>

export type Who = keyof typeof callers
export const projectOf = (who: Who): string => callers[who].project!.id

/** Projects by id and name; `child` lies below `lessee`. */
export const fakeProjects = (): Projects => {
  const all = Object.values(callers).map(c => c.project!)
  return {
    find: async ident => all.find(p => p.id === ident) ?? all.find(p => p.name === ident),
    names: async ids => new Map(all.filter(p => ids.includes(p.id)).map(p => [p.id, p.name])),
    lineage: async id => (id === projectOf('child') ? [id, projectOf('lessee')] : [id]),
  }
}

export interface LeasingWorld extends Served<LeasingDoor> {
  readonly things: FakeThings
  /** Moves the clock and lets conductors run until nothing is due. */
  go(millis: number): Promise<void>
}

export const leasingWorld = async (options: Partial<ServeOptions<LeasingDoor>> & { things?: FakeThings } = {}): Promise<LeasingWorld> => {
  const things = options.things ?? fakeThings()
  const clock = options.clock ?? options.beside?.clock ?? fakeClock(START)
  const served = await serve({
    def: leasing,
    ...options,
    clock,
    callers: { ...callers, ...options.callers },
    needs: { things, projects: fakeProjects() },
  })
  return {
    ...served,
    things,
    async go(millis) {
      await clock.advance(millis)
      await served.conduct()
    },
  }
}
