import type { Kit, SeamDef } from '../kit/service.ts'
import { type Kept, keeping } from '../services/leasing/index.ts'
import type { Assigned, Released, Thing, Things } from '../services/leasing/needs.ts'
import { type Ironic, type IronicNode, IronicRefused, ironicClient, type PatchOp } from './ironic/client.ts'
import { readIronic } from './ironic/config.ts'
import { type Held, type Lent, makeReady } from './ironic/ready.ts'
import { deployed, ending, newRound, type Round, turnAroundOf, unfit } from './ironic/round.ts'

/** Milliseconds for which a node waits for one who died while it had the node to itself; and the longest that one may take. */
const GRACE = 15_000
const DEADLINE = 90_000
const BUSY = 2_000

/**
 * Leasing's things are nodes of an Ironic elsewhere. Ironic knows a node's lessee, and nothing of leases: which lease has it, how far
 * it is with being made ready and what was proven is kept in leasing's own database, where neither owner nor lessee can write.
 */
export const leasingIronic: SeamDef = {
  name: 'ironic',
  consumer: 'leasing',
  need: 'things',
  make(_door, kit: Kit, given): Things {
    const config = readIronic(given)
    const client = ironicClient(config, kit)
    const memory = keeping<Lent, Round>(kit.database, () => kit.clock.now())
    const manual = (config.cleanSteps ?? []).length > 0

    const waiting = (why: string, lookAgain = config.lookAgain): Assigned => ({ is: 'waiting', why, lookAgain })
    const holding = (why: string, lookAgain = config.lookAgain): Released => ({ is: 'holding', why, lookAgain })
    const limited = (): Ironic => client(AbortSignal.any([kit.signal, AbortSignal.timeout(DEADLINE)]))

    const things = async (nodes: readonly IronicNode[]): Promise<Thing[]> => {
      const ids = nodes.map(node => node.uuid)
      const [kept, ends] = await Promise.all([memory.of(ids), memory.endTimes(ids)])
      return nodes.map(node => thingOf(node, unfit(node, kept.get(node.uuid)?.proof, manual), turnAroundOf(ends.get(node.uuid))))
    }

    /** Goes on with making it ready; in words for whoever waits for it. */
    const goOn = async (api: Ironic, thing: string, held: Held): Promise<Assigned> => {
      const standing = await makeReady(api, kit, config, thing, held)
      if (standing.is === 'broken') return waiting('it could not be proven clean after its last use; its owner has to see to it', 60_000)
      if (standing.is === 'going on') return waiting(`it is being made ready: ${standing.doing}`)
      return waiting('it has just been made ready', 0)
    }

    const assign = async (api: Ironic, thing: string, project: string, lease: string, held: Held): Promise<Assigned> => {
      const { kept } = held
      if (kept.lease === lease && kept.assigned) return keep(api, thing, project, held)
      if (kept.lease !== null && kept.lease !== lease) return waiting('it is leased to somebody else')
      if (kept.round) {
        const answer = await goOn(api, thing, held)
        if (held.kept.round) return answer
      }
      const node = await api.node(thing)
      if (!node) return waiting('there is no such node')
      const never = project === node.owner && !node.retired ? undefined : unfit(node, held.kept.proof, manual)
      if (never !== undefined) return waiting(never)
      const blocked = inUse(node, held.kept)
      if (blocked) {
        if (!blocked.start) return waiting(blocked.why)
        await held.save({ round: newRound(null, kit.clock.now()), proof: null, mark: null })
        const answer = await goOn(api, thing, held)
        // What is ready at once is still judged anew.
        return held.kept.round ? waiting(blocked.why) : answer
      }
      // First written, then done: whoever comes after a crash finds whose it is, or is to be.
      await held.save({ lease, project, assigned: false, lent: { extra: node.extra ?? {} } })
      const refused = await handTo(api, thing, project)
      if (refused !== undefined) {
        await held.save({ lease: null, project: null, lent: null })
        return waiting(refused)
      }
      await held.save({ assigned: true, proof: null, mark: null })
      return { is: 'assigned' }
    }

    /** A lease stands before a lessee that was set by hand. */
    const keep = async (api: Ironic, thing: string, project: string, held: Held): Promise<Assigned> => {
      const node = await api.node(thing)
      if (!node) return waiting('there is no such node')
      if (node.lessee === project) return { is: 'assigned' }
      await held.check()
      try {
        await api.change(thing, [{ op: 'add', path: '/lessee', value: project }])
        return { is: 'assigned' }
      } catch (e) {
        if (e instanceof IronicRefused) return waiting('Ironic is working on it')
        throw e
      }
    }

    /** Why it did not become the project's, if so: Ironic is read back, and what came in between wins. */
    const handTo = async (api: Ironic, thing: string, project: string): Promise<string | undefined> => {
      try {
        await api.change(thing, [{ op: 'add', path: '/lessee', value: project }])
      } catch (e) {
        if (e instanceof IronicRefused) return 'Ironic is working on it'
        throw e
      }
      const node = await api.node(thing)
      if (node?.lessee === project && node.provision_state === 'available' && !node.maintenance) return undefined
      if (node?.lessee === project) await api.change(thing, [{ op: 'remove', path: '/lessee' }])
      return 'it is just being changed'
    }

    const release = async (api: Ironic, thing: string, lease: string, held: Held): Promise<Released> => {
      if (held.kept.lease === lease) {
        const node = await api.node(thing)
        await held.check()
        const why = node && (await takeRights(api, kit, node, held.kept))
        if (why !== undefined) return holding(why)
        const began = kit.clock.now()
        await held.save({ lease: null, project: null, assigned: false, lent: null, proof: null, mark: null, round: newRound(lease, began) })
      }
      if (held.kept.round?.lease !== lease) return { is: 'released', proof: (await memory.proofOf(lease)) ?? {} }
      const standing = await makeReady(api, kit, config, thing, held)
      if (standing.is === 'ready') return { is: 'released', proof: standing.proof }
      if (standing.is === 'broken') return { is: 'quarantined', reason: `${standing.why}; its owner sees why` }
      return { is: 'releasing', doing: standing.doing, lookAgain: config.lookAgain }
    }

    return {
      async find(ident) {
        const node = await client().node(ident)
        return node && (await things([node]))[0]
      },
      async list(who) {
        const api = client()
        if (!who) return things(await api.nodes())
        if (who.project_id === undefined) return []
        const [owned, leased] = await Promise.all([api.nodes({ owner: who.project_id }), api.nodes({ lessee: who.project_id })])
        return things([...new Map([...owned, ...leased].map(node => [node.uuid, node])).values()])
      },
      assign: async (thing, project, lease) =>
        (await memory.hold(thing, GRACE, held => assign(limited(), thing, project, lease, held))) ??
        waiting('it is just being looked at', BUSY),
      release: async (thing, lease) =>
        (await memory.hold(thing, GRACE, held => release(limited(), thing, lease, held))) ?? holding('it is just being looked at', BUSY),
    }
  },
}

/** Takes the lessee and what the lessee wrote away, and reads back that it is gone; why Ironic does not let it be, if so. */
const takeRights = async (api: Ironic, kit: Pick<Kit, 'log'>, node: IronicNode, kept: Kept<Lent, Round>): Promise<string | undefined> => {
  const patch: PatchOp[] = []
  if (node.lessee !== null) patch.push({ op: 'remove', path: '/lessee' })
  if (kept.project !== node.owner) {
    if (node.protected) patch.push({ op: 'replace', path: '/protected', value: false })
    // Undeploying takes it away where there is a system.
    if (Object.keys(node.instance_info).length > 0 && !deployed(node.provision_state)) patch.push({ op: 'remove', path: '/instance_info' })
    if (kept.lent && JSON.stringify(kept.lent.extra) !== JSON.stringify(node.extra))
      patch.push({ op: 'add', path: '/extra', value: kept.lent.extra })
  }
  if (patch.length === 0) return undefined
  try {
    await api.change(node.uuid, patch)
  } catch (e) {
    if (!(e instanceof IronicRefused)) throw e
    kit.log.warn({ node: node.uuid, state: node.provision_state, why: e.message }, 'Ironic does not let a lease’s rights be taken yet')
    const verb = node.reservation ? undefined : ending(node.provision_state)
    if (verb !== undefined && node.target_provision_state !== null)
      await api.provision(node.uuid, verb).catch(error => {
        if (!(error instanceof IronicRefused)) throw error
      })
    return `Ironic does not let its rights be taken while it is at "${node.provision_state}"; this is tried again`
  }
  const after = await api.node(node.uuid)
  if (after && after.lessee !== null) throw new Error('Ironic still shows a lessee that was taken away')
  return undefined
}

/** Why a node cannot be handed over now, and whether making it ready ends that. */
const inUse = (node: IronicNode, kept: Kept): { readonly why: string; readonly start: boolean } | undefined => {
  const state = node.provision_state
  const because = (why: string, start = false) => ({ why, start })
  if (node.maintenance) return because('it is in maintenance')
  if (node.reservation || node.target_power_state) return because('it is just being changed')
  if (deployed(state))
    return node.properties['reclaim'] === 'undeploy' && !node.protected
      ? because('its owner’s system is being removed', true)
      : because(`its owner uses it (${state})`)
  if (['cleaning', 'clean wait', 'deleting'].includes(state)) return because(`it is being made ready (${state})`)
  if (state !== 'available') return because(`its owner has not made it available (${state})`)
  if (node.instance_uuid !== null || node.allocation_uuid !== null) return because('it is reserved for an instance of its owner')
  const proven = kept.proof !== null && kept.mark === node.provision_updated_at && node.power_state === 'power off'
  return proven ? undefined : because('it is being proven clean', true)
}

const thingOf = (node: IronicNode, notLeasable: string | undefined, turnAround: number): Thing => ({
  id: node.uuid,
  name: node.name,
  owner: node.owner,
  lessee: node.lessee,
  class: node.resource_class,
  properties: node.properties,
  turnAround,
  ...(notLeasable === undefined ? {} : { notLeasable }),
  state: {
    provision: node.provision_state,
    targetProvision: node.target_provision_state,
    power: node.power_state,
    targetPower: node.target_power_state,
    maintenance: node.maintenance,
  },
})
