import { dialect } from '@esi/api/leasing/dialect'
import type { Instant } from '@esi/api/time'
import { service } from '../../kit/service.ts'
import { leaseConductor } from './conductors/lease.ts'
import { offerConductor } from './conductors/offer.ts'
import { projectConductor } from './conductors/project.ts'
import { resourceConductor } from './conductors/resource.ts'
import { config, type LeasingConfig } from './config.ts'
import { Consoles } from './consoles.ts'
import { type Leaving, leave, stay } from './leaving.ts'
import type { Needs } from './needs.ts'
import { policies } from './policies.ts'
import { claimRoute } from './resources/claim.ts'
import { leaseEngine, leaseRoutes } from './resources/leases.ts'
import { offerEngine, offerRoutes } from './resources/offers.ts'
import { consoleRoutes, consoleSockets } from './routes/console-tokens.ts'
import { eventRoutes } from './routes/events.ts'
import { maintenanceRoutes } from './routes/maintenances.ts'
import { nodeRoutes } from './routes/nodes.ts'
import { versionRoutes } from './routes/versions.ts'
import { hashOf, nodeOfToken } from './store/console-tokens.ts'
import { type Held, heldBy } from './store/holdings.ts'
import { bookedUntil } from './store/resources.ts'
import { createWorld } from './world.ts'

export { type Holding, type Kept, keeping } from './store/keeping.ts'

/** What seams may ask of leasing. */
export interface LeasingDoor {
  /** Until when a thing is leased or will be; FOREVER without end, undefined when it is not. Who would remove it asks first. */
  bookedUntil(thing: string): Promise<Instant | undefined>
  /** From that moment on nothing can be booked on a thing that is about to leave; see `leave`. */
  leave(thing: string, at: Instant, tried: boolean): Promise<Leaving>
  /** That is about to be taken back. */
  stay(thing: string): Promise<void>
  /** What projects have that has not ended. Who would disable or delete one asks first. */
  heldBy(projects: readonly string[]): Promise<Held>
  /** The node whose console a token opens at this moment. */
  consoleNode(token: string): Promise<string | undefined>
}

/** Leasing: owners offer what they have, lessees claim it for a time; nobody gets what another has. */
export const leasing = service<LeasingConfig, Needs, LeasingDoor>({
  name: 'leasing',
  prefix: '/lease',
  title: 'Leasing',
  dialect,
  catalog: [{ type: 'lease', name: 'esi-leap', path: '/lease' }],
  policies,
  migrations: new URL('./store/migrations/', import.meta.url),
  needs: { things: 'optional', projects: 'optional' },
  config,
  start(kit, settings, needs) {
    const world = createWorld(kit, settings, needs)
    const offers = offerEngine(world)
    const leases = leaseEngine(world)
    const consoles = new Consoles(world)
    return {
      routes: [
        ...versionRoutes,
        ...offerRoutes(world, offers),
        claimRoute(world, leases),
        ...leaseRoutes(world, leases),
        ...nodeRoutes(world),
        ...eventRoutes(world),
        ...consoleRoutes(world),
        ...maintenanceRoutes(world),
      ],
      sockets: consoleSockets(consoles),
      conductors: [leaseConductor(world), offerConductor(world), resourceConductor(world), projectConductor(world)],
      door: {
        bookedUntil: thing => bookedUntil(kit.database.db, thing, kit.clock.now()),
        leave: (thing, at, tried) => leave(world, thing, at, tried),
        stay: thing => stay(world, thing),
        heldBy: projects => heldBy(kit.database.db, projects),
        consoleNode: token => nodeOfToken(kit.database.db, hashOf(token), kit.clock.now()),
      },
      stop: () => consoles.stop(),
    }
  },
})
