import { FOREVER, type Instant } from '@esi/api/time'
import { diskFits, erase, type Proof } from './clean.ts'
import { type Release, releasing } from './provision.ts'

export type Hand = 'lease' | 'deploy' | 'hand'

/** What is asked of a node before it changes hands. */
export interface Lettable {
  readonly owner: string | null
  readonly lessee: string | null
  readonly lessee_by: Hand | null
  readonly lease: string | null
  readonly lease_end: Instant | null
  readonly provision_state: string
  readonly power_state: string | null
  readonly maintenance: boolean
  readonly retired: boolean
  readonly disable_power_off: boolean
  readonly instance_uuid: string | null
  readonly properties: Readonly<Record<string, unknown>>
  readonly wanted: object
  readonly clean_proof: Proof | null
  readonly release: Release | null
}

/** A lease's lessee stands before one that a deployment set, and that before one set by hand. */
const RANK: Readonly<Record<Hand, number>> = { lease: 3, deploy: 2, hand: 1 }

/** Whether somebody may make another project the lessee, or take it away; otherwise why not. */
export const mayHandTo = (node: Pick<Lettable, 'lessee_by' | 'lease' | 'lease_end'>, by: Hand): string | undefined => {
  if (node.lessee_by === null || RANK[by] >= RANK[node.lessee_by]) return undefined
  return node.lessee_by === 'lease' ? leasedWords(node) : 'its lessee is the project that deployed it, until it is undeployed'
}

/** Until when it is leased, in words. */
export const leasedWords = (node: Pick<Lettable, 'lease' | 'lease_end'>): string =>
  `it is leased${node.lease_end ? ` until ${node.lease_end.slice(0, 19)}Z` : ''}`

/** Why a node must not be deleted or change its owner, because of whoever has it; undefined if nothing speaks against it. */
export const inHands = (node: Pick<Lettable, 'lease' | 'lease_end' | 'release'>): string | undefined =>
  node.lease !== null ? leasedWords(node) : releasing(node) ? 'the end of its last lease is not over' : undefined

/** Until when it is booked, in words, and what can be done about it. */
export const bookedWords = (until: Instant): string =>
  `it is booked ${until >= FOREVER ? 'without end' : `until ${until.slice(0, 19)}Z`}. Wait until then, or have its leases deleted: "esi lease list --resource-uuid" shows them.`

/** Why it must not be leased to that project (or to any but its owner's), whatever its state; undefined if it may. */
export const notLeasable = (
  node: Pick<Lettable, 'owner' | 'properties' | 'clean_proof' | 'disable_power_off' | 'retired'>,
  project?: string,
): string | undefined => {
  if (node.retired) return 'it is retired'
  if (node.disable_power_off) return 'it may not be switched off, so it cannot be made clean between two leases'
  const own = project !== undefined && project === node.owner
  if (!diskFits(node.clean_proof, node.properties, own))
    return erase(node.properties) === 'wipe'
      ? 'its disks cannot be wiped here, and its owner has not said that they need no wiping (erase: none)'
      : `its disks cannot be wiped as its owner wants it (erase: ${erase(node.properties).slice(0, 40)})`
  return undefined
}

export type Judgement =
  /** It has the lease already. */
  | { readonly is: 'assigned' }
  | { readonly is: 'free' }
  | {
      readonly is: 'waiting'
      /** For the project that waits, so without anything of the owner's or another project's. */
      readonly why: string
      /** What starts now so that the wait ends. */
      readonly start?: 'clean' | 'undeploy'
    }

const waiting = (why: string, start?: 'clean' | 'undeploy'): Judgement => ({ is: 'waiting', why, ...(start ? { start } : {}) })

/** Whether a node can be put into a project's hands for a lease now. */
export const mayAssign = (node: Lettable, project: string, lease: string): Judgement => {
  if (node.lease === lease) return { is: 'assigned' }
  if (node.lease !== null) return waiting(`${leasedWords(node)} to somebody else`)
  if (releasing(node))
    return node.release?.quarantined === undefined
      ? waiting(`it is being made ready: ${node.release?.doing ?? 'cleaning'}`)
      : waiting('it could not be proven clean after its last use; its owner has to see to it')
  const never = notLeasable(node, project)
  if (never !== undefined) return waiting(never)
  if (node.maintenance) return waiting('it is in maintenance')
  if (node.provision_state !== 'available') return inUse(node)
  if (node.instance_uuid !== null) return waiting('it is reserved for an instance of its owner')
  if (pending(node.wanted)) return waiting('it is just being changed')
  if (node.clean_proof === null || node.power_state !== 'power off') return waiting('it is being proven clean', 'clean')
  return { is: 'free' }
}

const BUSY = new Set(['cleaning', 'clean wait', 'deleting'])
const SYSTEM = new Set(['active', 'deploy failed', 'error', 'rescue', 'rescue failed', 'unrescue failed', 'service failed'])

/** Something of its owner's, or of whoever has it, runs or may run on it. */
export const runsSystem = (state: string): boolean => SYSTEM.has(state)

/** In its owner's use. A running system is never undeployed by a claim, unless the owner said so. */
const inUse = (node: Lettable): Judgement => {
  const state = node.provision_state
  if (BUSY.has(state)) return waiting(`it is being made ready (${state})`)
  if (SYSTEM.has(state)) {
    if (node.properties['reclaim'] === 'undeploy') return waiting('its owner’s system is being removed', 'undeploy')
    return waiting(`its owner uses it (${state})`)
  }
  return waiting(`its owner has not made it available (${state})`)
}

/** Why a node is not ready, for those who must not learn how its BMC is reached. */
export const quarantineWords = (release: Release): string =>
  release.retry ? 'its hardware does not answer; its owner sees why' : 'it could not be proven clean; its owner sees why'

/** Whether a request's wish is still to be carried out. */
export const pending = (wanted: object): boolean => Object.keys(wanted).length > 0

/** What the lessee may have changed, as it was when it got the node. */
export interface Lent {
  readonly at: Instant
  readonly extra: Readonly<Record<string, unknown>>
  readonly boot_mode: string | null
  readonly secure_boot: boolean | null
  readonly ports: readonly LentPort[]
}

/** What a lessee may change of a port. */
export interface LentPort {
  readonly uuid: string
  readonly [field: string]: unknown
}

/** A port as its owner would have it: as it was lent, with what anybody but the lessee changed since, in order. */
export const ownersPort = (
  lent: LentPort,
  changes: readonly { readonly project: string | undefined; readonly after: Readonly<Record<string, unknown>> }[],
  lessee: string | null,
): LentPort => {
  let port = lent
  for (const { project, after } of changes) {
    if (project === lessee) continue
    const known = Object.entries(after).filter(([field]) => field !== 'uuid' && field in lent)
    port = { ...port, ...Object.fromEntries(known) }
  }
  return port
}

/** What the owner's `extra` is when it changes during a lease: what anybody but the lessee writes stays, at the lease's end as well. */
export const ownersExtra = (
  lent: Lent,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const extra: Record<string, unknown> = { ...lent.extra }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[key]) === JSON.stringify(after[key])) continue
    if (key in after) extra[key] = after[key]
    else delete extra[key]
  }
  return extra
}

/** Where a deployment says whose it is: in the node’s instance_info, in who asked for it, or nowhere. */
export type LesseeSource = 'instance' | 'request' | 'none'

/** The project that becomes the lessee of a node by deploying it, for as long as nobody else is; undefined: nobody becomes it. */
export const deployLessee = (
  node: Pick<Lettable, 'lessee' | 'lessee_by' | 'lease' | 'lease_end'> & { readonly instance_info: Readonly<Record<string, unknown>> },
  source: LesseeSource,
  asker: string | undefined,
): string | undefined => {
  if (node.lessee !== null || mayHandTo(node, 'deploy') !== undefined) return undefined
  const project = source === 'instance' ? node.instance_info['project_id'] : source === 'request' ? asker : undefined
  return typeof project === 'string' && project !== '' && project.length <= 255 ? project : undefined
}
