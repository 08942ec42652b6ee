import type { Instant } from '@esi/api/time'
import type { Kit } from '../../kit/service.ts'
import type { LeasingConfig } from './config.ts'
import { refused } from './errors.ts'
import type { Needs, Thing, Things } from './needs.ts'
import { dummyNodes } from './things/dummy.ts'
import { testNodes } from './things/test-node.ts'

/** What leasing knows of the world outside, and how it asks. */
export interface World {
  readonly kit: Kit
  readonly config: LeasingConfig
  readonly needs: Needs
  /** Throws a refusal for a type that nobody has. */
  thingsOf(type: string): Things
  readonly types: ReadonlyMap<string, Things>
  /** The thing as it is now; throws when there is none. */
  thing(type: string, ident: string): Promise<Thing>
  /** The id of a project that was named by id or name. */
  project(ident: string): Promise<{ readonly id: string; readonly name: string | null }>
  /** A project and all above it. */
  lineage(project: string | undefined): Promise<readonly string[]>
  now(): Instant
}

export const createWorld = (kit: Kit, config: LeasingConfig, needs: Needs): World => {
  const types = new Map<string, Things>()
  if (needs.things) types.set('ironic_node', needs.things)
  if (config.dummyNodes !== undefined) types.set('dummy_node', dummyNodes(config.dummyNodes))
  if (config.testNodeOwner !== undefined) types.set('test_node', testNodes(kit.database, config.testNodeOwner))
  const thingsOf = (type: string): Things => {
    const things = types.get(type)
    if (!things) throw refused.unknownType(type, [...types.keys()])
    return things
  }
  return {
    kit,
    config,
    needs,
    types,
    thingsOf,
    now: () => kit.clock.now(),
    async thing(type, ident) {
      const thing = await thingsOf(type).find(ident)
      if (!thing) throw refused.noResource(type, ident)
      return thing
    },
    async project(ident) {
      // Without a service that knows projects, what is given is an id.
      if (!needs.projects) return { id: ident, name: null }
      const found = await needs.projects.find(ident)
      if (!found) throw refused.noProject(ident)
      return found
    },
    async lineage(project) {
      if (project === undefined) return []
      return needs.projects ? await needs.projects.lineage(project) : [project]
    },
  }
}
