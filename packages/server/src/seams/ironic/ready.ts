import type { Kit } from '../../kit/service.ts'
import type { Holding } from '../../services/leasing/index.ts'
import type { Ironic, IronicNode } from './client.ts'
import { IronicRefused } from './client.ts'
import type { IronicConfig } from './config.ts'
import { cleaning, nextOfRound, PATIENCE, proofOfRound, type Round, type Todo } from './round.ts'

/** What the lessee of a node may change of it in Ironic, as it was before. */
export interface Lent {
  readonly extra: Readonly<Record<string, unknown>>
}

export type Held = Holding<Lent, Round>

export type Standing =
  | { readonly is: 'ready'; readonly proof: Readonly<Record<string, string>> }
  | { readonly is: 'going on'; readonly doing: string }
  | { readonly is: 'broken'; readonly why: string }

/** So much is done at one look; what takes longer is looked at later. */
const STEPS = 12

/**
 * Brings a node on its way to being ready as far as it goes without waiting. What is asked for is written down before it is, and
 * that Ironic agreed after it, so that whoever goes on after a crash repeats nothing that would harm.
 */
export const makeReady = async (api: Ironic, kit: Pick<Kit, 'log'>, config: IronicConfig, thing: string, held: Held): Promise<Standing> => {
  const steps = config.cleanSteps ?? []
  const note = async (change: Partial<Round>): Promise<Round> => (await held.save({ round: { ...held.kept.round!, ...change } })).round!
  for (let i = 0; i < STEPS; i++) {
    const node = await api.node(thing)
    if (!node) return gone(held)
    let round = held.kept.round!
    if (!round.seen && cleaning(node)) round = await note({ seen: true })
    const todo = nextOfRound(node, round, steps.length > 0)
    switch (todo.do) {
      case 'wait':
        return { is: 'going on', doing: todo.doing }
      case 'broken':
        kit.log.warn({ node: thing, state: node.provision_state, why: todo.why, said: node.last_error }, 'a node could not be made ready')
        // The next look tries once more: its owner may have repaired it.
        await note({ broken: todo.why, vain: Math.min(round.vain, PATIENCE - 1) })
        return { is: 'broken', why: todo.why }
      case 'note cleaned':
        await note({ cleaned: true })
        break
      case 'ready': {
        const proof = proofOfRound(node, round, await detached(api, node), steps)
        if (round.lease !== null) await held.end(round.lease, { proof, began: round.began })
        await held.save({ round: null, proof, mark: node.provision_updated_at })
        return { is: 'ready', proof }
      }
      default: {
        const key = todo.do === 'provision' ? todo.verb : todo.do
        const vain = key === round.last ? round.vain + 1 : 0
        await note({
          last: key,
          vain,
          broken: null,
          ...(todo.do === 'provision' ? { asked: { verb: todo.verb, sent: false } } : {}),
          ...(todo.do === 'console off' ? { consoleTried: true } : {}),
        })
        try {
          await carryOut(api, thing, todo, config)
        } catch (e) {
          if (!(e instanceof IronicRefused)) throw e
          kit.log.warn({ node: thing, todo, state: node.provision_state, why: e.message }, 'Ironic refuses what makes a node ready')
          return { is: 'going on', doing: `Ironic: ${node.provision_state}` }
        }
        if (todo.do === 'provision') await note({ asked: { verb: todo.verb, sent: true } })
        // The same once more at once would only find that it has not been done yet.
        if (vain > 0) return { is: 'going on', doing: `Ironic: ${node.provision_state}` }
      }
    }
  }
  return { is: 'going on', doing: 'being made ready' }
}

const carryOut = async (api: Ironic, thing: string, todo: Todo, config: IronicConfig): Promise<void> => {
  switch (todo.do) {
    case 'console off':
      return api.consoleOff(thing)
    case 'power off':
      return api.powerOff(thing)
    case 'free':
      await api.dropAllocation(thing)
      if ((await api.node(thing))?.instance_uuid) await api.change(thing, [{ op: 'remove', path: '/instance_uuid' }])
      return
    case 'provision': {
      const steps = (config.cleanSteps ?? []).map(named => {
        const [kind, step] = named.split('.')
        return { interface: kind, step }
      })
      return api.provision(thing, todo.verb, todo.verb === 'clean' ? { clean_steps: steps } : {})
    }
  }
}

/** Takes what is still attached off it; the VIFs that are left, or undefined where nobody knows. */
const detached = async (api: Ironic, node: IronicNode): Promise<readonly string[] | undefined> => {
  try {
    for (const vif of await api.vifs(node.uuid)) await api.detach(node.uuid, vif)
    return await api.vifs(node.uuid)
  } catch (e) {
    if (e instanceof IronicRefused) return undefined
    throw e
  }
}

/** Whoever took it out of Ironic has it now. */
const gone = async (held: Held): Promise<Standing> => {
  const { lease, began } = held.kept.round!
  const proof = { node: 'no longer in Ironic' }
  if (lease !== null) await held.end(lease, { proof, began })
  await held.save({ round: null, proof: null, mark: null })
  return { is: 'ready', proof }
}
