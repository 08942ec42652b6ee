import type { Instant } from '@esi/api/time'
import type { Kysely } from 'kysely'
import type { Database, Origin, Tx } from '../../../kit/db/transaction.ts'
import { page } from '../../../kit/events/read.ts'
import type { Release } from '../domain/provision.ts'
import { move, releasing } from '../domain/provision.ts'
import { wayToClean } from '../domain/release.ts'
import { type Lent, mayAssign, quarantineWords } from '../domain/tenancy.ts'
import { dropAllocation } from './allocations.ts'
import { beginEnd, leaseEnd, noteEnd, stuckNodes } from './clean.ts'
import { withdrawCalls } from './conduct-calls.ts'
import { about, type Conducted, change, lockConducted } from './conduct-node.ts'
import { portsBack, portsOf } from './conduct-ports.ts'
import { writeHistory } from './history.ts'
import { clearVifs } from './vifs.ts'
import { dropConnectorsOf, dropTargets } from './volumes.ts'

export type Assigned = { readonly is: 'assigned' } | { readonly is: 'waiting'; readonly why: string }

export type Released =
  | { readonly is: 'released'; readonly proof: Readonly<Record<string, string>> }
  | { readonly is: 'releasing'; readonly doing: string }
  | { readonly is: 'quarantined'; readonly reason: string }

/**
 * Puts a node into a project's hands for a lease, if it is proven clean and in nobody's use. Otherwise says why it has to wait, in
 * words for that project, and has begun what ends the wait where there is something to begin. The same lease again changes nothing.
 */
export const assign = (
  database: Database,
  origin: Origin,
  node: string,
  project: string,
  lease: string,
  until: Instant | null = null,
): Promise<Assigned> =>
  database.transaction(origin, async (tx): Promise<Assigned> => {
    const now = await lockConducted(tx, node)
    if (!now) return { is: 'waiting', why: 'there is no such node' }
    const judged = mayAssign(now, project, lease)
    if (judged.is === 'assigned') {
      if (now.lease_end !== until && until !== null) await change(tx, now, { lease_end: until })
      return { is: 'assigned' }
    }
    if (judged.is === 'waiting') {
      if (judged.start !== undefined) await start(tx, now, judged.start)
      return { is: 'waiting', why: judged.why }
    }
    const lent: Lent = {
      at: tx.at,
      ports: await portsOf(tx.db, node),
      extra: now.extra,
      boot_mode: now.boot_mode,
      secure_boot: now.secure_boot,
    }
    await change(tx, now, {
      lessee: project,
      lessee_by: 'lease',
      lease,
      lease_end: until,
      lent,
      intent: now.intent + 1,
      // From now on it is the lessee's, and nothing is proven of what the lessee does.
      clean_proof: null,
      clean_at: null,
      release: null,
    })
    await withdrawCalls(tx, node, 'The node has been leased since it was asked for.')
    tx.emit('baremetal', {
      type: 'baremetal.node.assigned',
      ...about(now, project),
      data: { lease, lessee: project, proof: now.clean_proof },
    })
    await writeHistory(tx, node, { severity: 'INFO', type: 'lease', event: `Lease ${lease} began.` })
    return { is: 'assigned' }
  })

/** What ends the wait of a lease: the node is proven clean, or its owner's system removed, as the owner said. */
const start = async (tx: Tx, now: Conducted, what: 'clean' | 'undeploy'): Promise<void> => {
  const intent = now.intent + 1
  if (what === 'undeploy' && now.protected) return
  const to = what === 'clean' ? wayToClean(now.provision_state).move! : move(now.provision_state, 'delete', 'available')
  await change(tx, now, {
    ...to,
    intent,
    wanted: { ...now.wanted, provision: { verb: what === 'clean' ? 'prove' : 'delete', intent } },
    last_error: null,
  })
  tx.wake('node', now.uuid)
}

/**
 * Ends a lease's hold on a node, in any state of the node: the project's rights are gone when this returns, with all that it had
 * asked for and left in the node's record. Making the node ready is the conductor's. The same lease again only tells how it stands.
 */
export const release = (database: Database, origin: Origin, node: string, lease: string): Promise<Released> =>
  database.transaction(origin, async (tx): Promise<Released> => {
    const now = await lockConducted(tx, node)
    if (!now || now.lease !== lease) return standing(tx.db, now, node, lease)
    const intent = now.intent + 1
    const ended: Release = {
      lease,
      project: now.lessee,
      began_at: tx.at,
      doing: 'waiting for the last command to the BMC',
      ...restore(now),
    }
    const way = wayToClean(now.provision_state)
    await beginEnd(tx, now, lease)
    await dropAllocation(tx, node)
    await clearVifs(tx, node)
    await dropTargets(tx, node)
    if (now.lent && now.lessee !== now.owner) {
      await portsBack(tx, now, now.lent)
      await dropConnectorsOf(tx, node, now.lessee, now.lent.at)
    }
    await change(tx, now, {
      ...(way.move ?? { target_provision_state: 'available' }),
      lessee: null,
      lessee_by: null,
      lease: null,
      lease_end: null,
      lent: null,
      intent,
      wanted: { provision: { verb: 'release', intent } },
      target_power_state: null,
      console_enabled: false,
      protected: false,
      protected_reason: null,
      clean_proof: null,
      clean_at: null,
      release: ended,
      last_error: null,
      instance_info: {},
      instance_uuid: null,
      instance_name: null,
      // What the lessee wrote goes; what its owner wrote meanwhile is among what was lent.
      ...(now.lent && now.lessee !== now.owner ? { extra: now.lent.extra } : {}),
      ...(await maintenanceAfter(tx, now)),
    })
    await withdrawCalls(tx, node, 'The lease has ended.')
    tx.emit('baremetal', { type: 'baremetal.node.releasing', ...about(now), data: { lease } })
    await writeHistory(tx, node, {
      severity: 'INFO',
      type: 'lease',
      event: `Lease ${lease} ended; the node was in state "${now.provision_state}".`,
    })
    tx.wake('node', node)
    return { is: 'releasing', doing: ended.doing! }
  })

/** How its owner had the machine set up, for as long as the lessee could change it. */
const restore = ({ lent }: Conducted): Pick<Release, 'restore'> =>
  lent === null ? {} : { restore: { boot_mode: lent.boot_mode, secure_boot: lent.secure_boot } }

/** How the end of a lease that the node has no more stands. */
const standing = async (db: Kysely<any>, now: Conducted | undefined, node: string, lease: string): Promise<Released> => {
  const open = now?.release
  if (now && open && open.lease === lease && releasing(now))
    return open.quarantined === undefined
      ? { is: 'releasing', doing: open.doing ?? 'cleaning' }
      : { is: 'quarantined', reason: quarantineWords(open) }
  const end = await leaseEnd(db, lease, node)
  if (end?.outcome === 'unclean') return { is: 'released', proof: { ...end.proof, clean: 'no: released unclean' } }
  return { is: 'released', proof: end?.proof ?? {} }
}

/** Maintenance that the lessee declared ends with the lease; the owner's stays. */
const maintenanceAfter = async (tx: Tx, now: Conducted): Promise<Partial<Conducted>> => {
  if (!now.maintenance || now.fault !== null || now.lessee === now.owner) return {}
  const [last] = await page(tx.db, { object: { id: now.uuid }, types: ['baremetal.node.maintenance_set'], newest: true, limit: 1 })
  return last?.origin.project === now.lessee ? { maintenance: false, maintenance_reason: null } : {}
}

/**
 * An administrator's word that a quarantined node may be used by its owner although nothing is proven. It is leased again only when
 * it is clean. False if there is nothing to say it of.
 */
export const releaseUnclean = async (tx: Tx, node: string, why: string): Promise<boolean> => {
  const now = await lockConducted(tx, node)
  if (!now || !releasing(now) || now.release?.quarantined === undefined) return false
  const { retry: _, ...open } = now.release
  const release: Release = { ...open, doing: null, ended_at: tx.at, outcome: 'unclean' }
  await change(tx, now, {
    release,
    intent: now.intent + 1,
    ...(now.fault === 'clean failure' ? { fault: null, maintenance: false, maintenance_reason: null } : {}),
  })
  const { user, project } = tx.origin.by
  await noteEnd(tx, node, release, undefined, { at: tx.at, user, project, why })
  tx.emit('baremetal', {
    type: 'baremetal.node.released',
    ...about(now, release.project),
    data: { lease: release.lease, proof: {}, outcome: 'unclean', why },
  })
  await writeHistory(tx, node, { severity: 'INFO', type: 'lease', event: `Released unclean: ${why}` })
  tx.wake('node', node)
  return true
}

/** What seams may have done to a node's hands; see the functions above. */
export const tenancyDoor = (database: Database, now: () => Instant) => {
  const origin = (): Origin => ({ at: now(), by: { conductor: 'lease' } })
  return {
    /** Puts a node into a project's hands for a lease, once it is proven clean. `until`: when the lease ends, for error texts. */
    assign: (node: string, project: string, lease: string, until?: Instant): Promise<Assigned> =>
      assign(database, origin(), node, project, lease, until ?? null),
    /** Takes it away, at once and in any state, and has it made ready for the next. */
    release: (node: string, lease: string): Promise<Released> => release(database, origin(), node, lease),
    /** Nodes that are longer in their state than such nodes are. */
    stuck: () => stuckNodes(database.db),
  }
}
