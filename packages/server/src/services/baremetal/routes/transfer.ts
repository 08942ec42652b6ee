import { transferNode } from '@esi/api/baremetal/day2'
import { FOREVER, type Instant } from '@esi/api/time'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { erase } from '../domain/clean.ts'
import { releasing } from '../domain/provision.ts'
import { runsSystem } from '../domain/tenancy.ts'
import { errors, nodeRefusal } from '../errors.ts'
import { withdrawCalls } from '../store/conduct-calls.ts'
import { about, type Conducted, change, lockConducted } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import type { World } from '../world.ts'
import { mustBeFree } from './act.ts'
import { actOnce, planOf } from './plan.ts'

/** One transaction: whose it is from now on, and an event of which whoever leases it out hears. */
export const transferRoutes = (world: World, nodes: Engine): Route[] => [
  actOnce(world, nodes, transferNode, async (node, tx, _context, { body }) => {
    mustBeFree(node)
    const uuid = String(node['uuid'])
    const now = (await lockConducted(tx, uuid))!
    const to = await receiver(world, body.to)
    const why = hindrance(now, to.id, node['allocation_uuid'])
    if (why !== undefined) throw errors.conflict(`Node ${uuid} cannot be given to another owner now: ${why}.`)
    const until = await world.others.bookings?.().until(uuid)
    await change(tx, now, {
      owner: to.id,
      // Whoever owned it may have left something on it; a lease's own end sees to that anyway.
      ...(now.lease === null ? { clean_proof: null, clean_at: null } : {}),
    })
    await tx.sent().catch(e => {
      throw nodeRefusal(e, now as unknown as Item) ?? e
    })
    await withdrawCalls(tx, uuid, 'The node has been given to another owner since it was asked for.')
    tx.emit('baremetal', { type: 'baremetal.node.transferred', ...about(now, to.id), data: { from: now.owner, to: to.id } })
    await writeHistory(tx, uuid, {
      severity: 'INFO',
      type: 'owner',
      event: `Given by project ${now.owner ?? 'nobody'} to project ${to.id}.`,
    })
    tx.wake('node', uuid)
    return {
      status: 202,
      body: planOf(
        node,
        steps(now, to, until),
        { owner: 'has it no more; its offers of it end', lessee: 'keeps it; its lease names the new owner' },
        [{ project: to.id, as: 'new owner', how: 'may do everything with it, and has to keep its leases' }],
      ),
    }
  }),
]

interface Receiver {
  readonly id: string
  readonly name: string | null
}

/** Without a service that knows projects, what is given is an id. */
const receiver = async ({ others }: World, ident: string): Promise<Receiver> => {
  if (!others.projects) return { id: ident, name: null }
  const found = await others.projects.find(ident)
  if (!found) throw errors.invalid(`Project ${ident} could not be found.`)
  return found
}

const hindrance = (node: Conducted, to: string, allocation: unknown): string | undefined => {
  if (node.owner === to) return 'that project owns it already'
  if (releasing(node)) return 'the end of its last lease is not over'
  if (node.lease === null && runsSystem(node.provision_state)) return `its owner uses it (${node.provision_state}); undeploy it first`
  if (node.lease === null && node.target_provision_state !== null) return `it is in the midst of a change (${node.provision_state})`
  if (typeof allocation === 'string') return `it is allocated (${allocation}); delete the allocation first`
  return undefined
}

const steps = (node: Conducted, to: Receiver, until: Instant | undefined): string[] => [
  `makes project ${to.name === null ? to.id : `${to.name} (${to.id})`} its owner`,
  "ends the old owner's offers of it",
  until === undefined
    ? 'nothing is leased'
    : `leaves its leases as they are, ${until >= FOREVER ? 'without end' : `until ${until.slice(0, 19)}Z`}, and names the new owner in them`,
  ...(node.lease === null ? ['has it cleaned again before it is leased next'] : []),
  ...(erase(node.properties) === 'none'
    ? ['keeps the word that its disks need no wiping (properties: erase none): the new owner should look whether that is so']
    : []),
  'keeps the password of its BMC, which the old owner may know: the new owner should rotate it',
]
