import { node as table } from '@esi/api/baremetal/node'
import { editable } from '@esi/api/baremetal/states'
import type { Change } from '@esi/api/dialect'
import { isUuid } from '@esi/api/types'
import type { Context } from '../../../kit/http/route.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { releasing } from '../domain/provision.ts'
import { inHands, type Lent, type Lettable, mayHandTo, ownersExtra } from '../domain/tenancy.ts'
import { errors } from '../errors.ts'
import { defaultOf, interfacesOf, KINDS } from '../interfaces.ts'
import { unfitNetworkData } from './network-data.ts'

/** Words that are paths below `/v1/nodes/`. */
const RESERVED = [
  'allocation',
  'bios',
  'children',
  'detail',
  'firmware',
  'history',
  'inventory',
  'maintenance',
  'management',
  'portgroups',
  'ports',
  'states',
  'traits',
  'validate',
  'vendor_passthru',
  'vifs',
  'vmedia',
  'volume',
]

const NAME = /^[A-Za-z0-9\-._~]+$/

/** A node's name must do as a part of a URL, and be no UUID. */
export const checkName = (name: unknown, bad: (name: string) => Error): void => {
  if (name === null || name === undefined) return
  if (typeof name !== 'string' || !NAME.test(name) || isUuid(name)) throw bad(String(name))
  if (RESERVED.includes(name)) throw errors.reservedName(name, RESERVED)
}

const COUNTS = ['cpus', 'local_gb', 'memory_mb']

/** What schedulers count with is a whole number, 0 or more; as a text, too. */
export const checkProperties = (properties: unknown): void => {
  const wrong = Object.entries((properties ?? {}) as Item).filter(
    ([key, value]) => COUNTS.includes(key) && value !== null && !/^\s*\+?\d+\s*$/.test(String(value)),
  )
  if (wrong.length === 0) return
  const given = wrong.map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`.slice(0, 100)).join(', ')
  throw errors.invalid(`These properties must be whole numbers that are not negative: ${given}.`)
}

export const checkNetworkData = (data: unknown): void => {
  const why = data === undefined || data === null ? undefined : unfitNetworkData(data as Item)
  if (why !== undefined) throw errors.invalid(`Invalid network_data: ${why}.`)
}

/** Interfaces that are left out, or null, become the driver's default; others must be ones that it has. */
export const fillInterfaces = (
  driver: string,
  values: Item,
  current: Readonly<Item> | undefined,
  reset: boolean,
  network?: string,
): void => {
  const table = interfacesOf(driver)
  for (const kind of KINDS) {
    const field = `${kind}_interface`
    const given = values[field]
    const before = reset ? undefined : current?.[field]
    const wanted = given === undefined ? before : given
    if (wanted === null || wanted === undefined) values[field] = defaultOf(driver, kind, network)
    else if (!table[kind].includes(wanted as string))
      throw errors.invalid(
        `Could not find the following interface in the 'ironic.hardware.interfaces.${kind}' entrypoint: ${String(wanted).slice(0, 100)}. Valid interfaces are ${table[kind].join(', ')}.`,
      )
  }
}

// Ironic lets some things change only while nobody uses the node.
const IDLE = ['enroll', 'inspecting', 'inspect wait', 'manageable', 'available']

/** Whether the node may be edited in the state it is in. */
export const checkEditable = (node: Readonly<Item>, changes: readonly Change[], version: number): void => {
  const uuid = node['uuid'] as string
  const state = node['provision_state'] as string
  if (node['reservation'] !== null) throw errors.locked(uuid, node['reservation'] as string)
  const [only] = changes
  if (node['maintenance'] && changes.length === 1 && only!.remove && only!.field === 'instance_uuid') return
  if (node['target_provision_state'] !== null && !editable.has(state))
    throw errors.conflict(`Node ${uuid} can not be updated while a state transition is in progress.`)
  if (state === 'inspecting' && version >= 39) throw errors.conflict(`Cannot update node "${uuid}" while it is in state "inspecting".`)
}

const differs = (current: Readonly<Item>, values: Readonly<Item>, field: string): boolean =>
  values[field] !== undefined && JSON.stringify(values[field]) !== JSON.stringify(current[field])

/** Ironic's rules for single fields. Completes `values`. */
export const checkFields = (current: Readonly<Item>, values: Item, context: Context): void => {
  const uuid = current['uuid'] as string
  const state = current['provision_state'] as string
  const changed = (field: string) => differs(current, values, field)
  const idle = IDLE.includes(state)

  checkName(values['name'], name => errors.badNewName(uuid, name))
  checkProperties(values['properties'])
  checkNetworkData(values['network_data'])
  if (changed('maintenance') && values['maintenance'] === false) Object.assign(values, { maintenance_reason: null, fault: null })

  if (changed('protected')) {
    if (values['protected'] === false) values['protected_reason'] = null
    else if (!['active', 'rescue'].includes(state))
      throw errors.conflict(
        `Node ${uuid} can only be made protected in provision states 'active' or 'rescue', the current state is '${state}'`,
      )
  }
  if (changed('protected_reason') && values['protected_reason'] && !(values['protected'] ?? current['protected']))
    throw errors.invalid('The protected_reason field can only be set when protected is True')
  if (changed('retired')) {
    if (values['retired'] === false) values['retired_reason'] = null
    else if (state === 'available')
      throw errors.conflict(`Node ${uuid} can not have 'retired' set in provision state 'available', the current state is '${state}'`)
  }
  if (changed('retired_reason') && values['retired_reason'] && !(values['retired'] ?? current['retired']))
    throw errors.invalid('The retired_reason field can only be set when retired is True')

  for (const kind of KINDS) {
    const field = `${kind}_interface`
    if (changed(field) && !idle && !current['maintenance'])
      throw errors.conflict(
        `Node ${uuid} can not have ${field} updated unless it is in one of allowed (${IDLE.join(', ')}) states or in maintenance mode. Current state is '${state}'.`,
      )
  }
  if (changed('driver') && current['console_enabled'])
    throw errors.conflict(`Node ${uuid} can not update the driver while the console is enabled. Please stop the console first.`)
  if (changed('instance_uuid') && values['instance_uuid'] !== null && current['instance_uuid'] !== null)
    throw errors.associated(uuid, current['instance_uuid'] as string)
  if (changed('resource_class') && current['resource_class'] !== null && !idle)
    throw errors.conflict(
      `Node ${uuid} can not have resource_class updated unless it is in one of allowed (${IDLE.join(', ')}) states. Current state is '${state}'.`,
    )
  if (values['chassis_uuid'] === null && current['chassis_uuid'] !== null && context.version < 25) throw errors.notAcceptable()
  if (changed('owner') && state === 'active' && !context.may('baremetal:node:update_owner_provisioned', targetOf(table, current)))
    throw errors.conflict(`Cannot update owner of node "${uuid}" while it is in state "active".`)

  const instance = values['instance_info'] as Item | undefined
  const display = instance?.['display_name']
  if (typeof display === 'string' && display !== '' && !current['instance_name'] && values['instance_name'] === undefined)
    values['instance_name'] = display.slice(0, 255)
}

/**
 * Who has the node, when it is said by hand: a lease goes before a hand, and while somebody has it for a lease, or its end is not
 * over, its owner stays. Whoever had the node may have left something on it, so what was proven of its being clean holds no more.
 */
export const checkTenancy = (current: Readonly<Item>, values: Item, context: Context): void => {
  const uuid = current['uuid'] as string
  const node = current as unknown as Lettable
  if (differs(current, values, 'owner')) {
    const why = inHands(node)
    if (why !== undefined) throw errors.conflict(`The owner of node ${uuid} cannot be changed now: ${why}.`)
  }
  if (differs(current, values, 'lessee')) {
    const why = mayHandTo(node, 'hand') ?? (releasing(node) ? 'the end of its last lease is not over' : undefined)
    if (why !== undefined) throw errors.conflict(`The lessee of node ${uuid} cannot be changed now: ${why}.`)
    values['lessee_by'] = values['lessee'] === null ? null : 'hand'
    if (values['lessee'] !== null) Object.assign(values, { clean_proof: null, clean_at: null })
  }
  // What the owner writes during a lease stays when it ends; what the lessee writes goes.
  if (node.lease !== null && current['lent'] !== null && differs(current, values, 'extra') && context.project !== node.lessee) {
    const lent = current['lent'] as Lent
    values['lent'] = { ...lent, extra: ownersExtra(lent, current['extra'] as Item, values['extra'] as Item) }
  }
}
