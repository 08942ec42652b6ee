import type { Instant } from '@esi/api/time'
import { isUuid } from '@esi/api/types'
import type { Credentials } from '../../kit/auth/caller.ts'
import type { Item } from '../../kit/resource/view.ts'
import type { Consoles } from './console/consoles.ts'
import { turnAround } from './domain/stuck.ts'
import { type Lettable, notLeasable } from './domain/tenancy.ts'
import { conducted } from './store/conduct-node.ts'
import { nodeByIdent, nodesSeen } from './store/nodes.ts'
import { tenancyDoor } from './store/tenancy.ts'
import type { World } from './world.ts'

/** A node as other services may know it. */
export interface NodeFacts {
  readonly uuid: string
  readonly name: string | null
  readonly owner: string | null
  readonly lessee: string | null
  readonly lease: string | null
  readonly resourceClass: string | null
  readonly properties: Readonly<Record<string, unknown>>
  /** The owner's word that its disks need no wiping. */
  readonly eraseNone: boolean
  readonly provisionState: string
  readonly targetProvisionState: string | null
  readonly powerState: string | null
  readonly targetPowerState: string | null
  readonly maintenance: boolean
  readonly retired: boolean
  /** When it is to be retired, where that is planned. */
  readonly leavesAt: Instant | null
  /** What it takes from the end of a lease to the next, in milliseconds. */
  readonly turnAround: number
  /** Why it can be leased to nobody but its owner's project, or to nobody at all; undefined if it can. */
  readonly notLeasable: string | undefined
}

const facts = (row: Readonly<Item>): NodeFacts => ({
  uuid: row['uuid'] as string,
  name: row['name'] as string | null,
  owner: row['owner'] as string | null,
  lessee: row['lessee'] as string | null,
  lease: row['lease'] as string | null,
  resourceClass: row['resource_class'] as string | null,
  properties: row['properties'] as Record<string, unknown>,
  eraseNone: (row['properties'] as Record<string, unknown>)['erase'] === 'none',
  provisionState: row['provision_state'] as string,
  targetProvisionState: row['target_provision_state'] as string | null,
  powerState: row['power_state'] as string | null,
  targetPowerState: row['target_power_state'] as string | null,
  maintenance: row['maintenance'] as boolean,
  retired: row['retired'] as boolean,
  leavesAt: row['leaves_at'] as Instant | null,
  turnAround: turnAround(row['end_times'] as number[]),
  notLeasable: notLeasable(row as unknown as Lettable),
})

/** What seams may ask about nodes. */
export const nodeDoor = (world: World, consoles: Consoles) => ({
  /** By UUID, or by a name that only one node has; whoever asks. */
  async find(ident: string): Promise<NodeFacts | undefined> {
    const row = await nodeByIdent(world.database.db, ident, isUuid(ident))
    return row && facts(row)
  },
  /** The nodes that a caller's project owns or leases; `undefined` stands for all. */
  async list(who: Credentials | undefined): Promise<readonly NodeFacts[]> {
    return (await nodesSeen(world.database.db, who)).map(facts)
  },
  /** The serial console, for somebody who was let in while the node was that lessee's. Refuses in words for a client. */
  async console(node: string, who: { user: string | null; project: string | null; lessee: string | null }, signal: AbortSignal) {
    const now = await conducted(world.database.db, node)
    return consoles.open(node, { ...who, lease: now?.lease ?? null }, signal)
  },
  ...tenancyDoor(world.database, () => world.kit.clock.now()),
})

export type NodeDoor = ReturnType<typeof nodeDoor>
