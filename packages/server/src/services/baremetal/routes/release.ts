import { getRelease, releaseUnclean as unclean } from '@esi/api/baremetal/node-routes'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { possibilities, type Standing } from '../domain/provision.ts'
import { errors } from '../errors.ts'
import { leaseEnds } from '../store/clean.ts'
import { conducted } from '../store/conduct-node.ts'
import { releaseUnclean } from '../store/tenancy.ts'
import type { World } from '../world.ts'
import { act } from './act.ts'

const ENDS = 10

/** How leases of a node ended: for its owner to see why it is not handed on, and for an administrator to overrule. */
export const releaseRoutes = (world: World, nodes: Engine): Route[] => [
  nodes.on(getRelease, async row => {
    const { db } = world.database
    const uuid = row['uuid'] as string
    const node = await conducted(db, uuid)
    if (!node) throw errors.nodeMissing(uuid)
    return {
      status: 200,
      body: {
        clean: node.clean_proof && { at: node.clean_at, proof: node.clean_proof },
        release: node.release,
        stuck_since: node.stuck_at,
        verbs: possibilities(node as unknown as Standing),
        ends: (await leaseEnds(db, uuid, ENDS)).map(({ node: _, ...end }) => end),
      },
    }
  }),
  act(world, nodes, unclean, async (node, tx, _context, { body }) => {
    const uuid = node['uuid'] as string
    if (!(await releaseUnclean(tx, uuid, body.reason)))
      throw errors.conflict(`Node ${uuid} is not quarantined: there is nothing to overrule.`)
    return { status: 202 }
  }),
]
