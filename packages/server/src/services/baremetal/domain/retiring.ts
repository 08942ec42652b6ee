import { moving } from '@esi/api/baremetal/states'
import { type Release, releasing } from './provision.ts'
import { wayToClean } from './release.ts'
import { runsSystem } from './tenancy.ts'

interface Node {
  readonly provision_state: string
  readonly lessee: string | null
  readonly release: Release | null
  readonly instance_uuid: string | null
  readonly wanted: object
}

/** Why it cannot leave the pool now, whatever is booked; undefined if it can. */
export const hindered = (node: Node): string | undefined => {
  if (releasing(node) && node.release?.quarantined === undefined) return 'the end of its last lease is not over'
  if (node.lessee !== null) return 'a project has it, though by no lease; take it away first (lessee)'
  if (runsSystem(node.provision_state)) return `a system runs on it (${node.provision_state}); undeploy it first`
  if (moving.has(node.provision_state) || Object.keys(node.wanted).length > 0)
    return `it is in the midst of a change (${node.provision_state})`
  if (node.instance_uuid !== null) return `it is reserved for the instance ${node.instance_uuid}; take that away first`
  return undefined
}

/** A BMC that was never verified can clean nothing, and nobody had the machine. */
export const cleans = (node: Pick<Node, 'provision_state'>): boolean => node.provision_state !== 'enroll'

/** What a node becomes that leaves the pool: retired, and on its way to be cleaned. */
export const leaving = (node: Node & { readonly intent: number }, reason: string | null) => {
  const intent = node.intent + 1
  const common = { retired: true, retired_reason: reason, clean_proof: null, clean_at: null, last_error: null, intent }
  if (!cleans(node)) return common
  const verb = releasing(node) ? 'release' : 'prove'
  return { ...common, ...wayToClean(node.provision_state).move!, wanted: { provision: { verb, intent } } }
}
