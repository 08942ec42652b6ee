import { editable } from '@esi/api/baremetal/states'

interface Held {
  readonly uuid: string
  readonly maintenance: boolean
  readonly provision_state: string
  readonly target_provision_state: string | null
}

/** Why an allocation cannot be taken from its node now; undefined when it can. In maintenance it always can. */
export const keepsAllocation = (node: Held, allocation: string): string | undefined => {
  if (node.maintenance) return undefined
  const words = `Cannot remove allocation ${allocation} for node ${node.uuid}, because the node is`
  if (node.target_provision_state !== null && !editable.has(node.provision_state))
    return `${words} in state ${node.provision_state} where updates are not allowed (and maintenance mode is off)`
  if (node.provision_state === 'active') return `${words} active (and maintenance mode is off)`
  return undefined
}

interface Backfilled extends Held {
  readonly resource_class: string | null
  readonly instance_uuid: string | null
}

/** Why an allocation cannot be made after the fact for a node that is in use; undefined when it can. */
export const noBackfill = (
  node: Backfilled,
  has: readonly string[],
  wish: { readonly resource_class: string | null; readonly traits: readonly string[]; readonly candidate_nodes: readonly string[] },
): string | undefined => {
  const why: string[] = []
  if (node.provision_state !== 'active') why.push(`Node must be in the "active" state, but the current state is "${node.provision_state}"`)
  if (wish.resource_class !== null && node.resource_class !== wish.resource_class)
    why.push(`Resource class ${node.resource_class} does not match the requested resource class ${wish.resource_class}`)
  if (wish.traits.some(trait => !has.includes(trait)))
    why.push(`List of traits [${has.join(', ')}] does not match the requested traits [${wish.traits.join(', ')}]`)
  if (wish.candidate_nodes.length > 0 && !wish.candidate_nodes.includes(node.uuid))
    why.push(`Candidate nodes must be empty or contain the target node, but got ${wish.candidate_nodes.join(', ')}`)
  return why.length === 0 ? undefined : `Cannot backfill an allocation for node ${node.uuid}: ${why.join('; ')}`
}
