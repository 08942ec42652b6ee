import { dialect } from '@esi/api/baremetal/dialect'
import { node } from '@esi/api/baremetal/node'
import { deletable } from '@esi/api/baremetal/states'
import type { Change } from '@esi/api/dialect'
import { bool } from '@esi/api/types'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { booked, letLeave } from '../booked.ts'
import { keepsAllocation } from '../domain/allocation.ts'
import { bookedWords, type Lettable } from '../domain/tenancy.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { split } from '../secrets.ts'
import { dropAllocation } from '../store/allocations.ts'
import { handOnPassword } from '../store/bmc-password.ts'
import type { Conducted } from '../store/conduct-node.ts'
import { isServed } from '../store/conductors.ts'
import { conductorsOf, nodeStore } from '../store/nodes.ts'
import { lastRecord } from '../store/retirement.ts'
import type { World } from '../world.ts'
import { checkEditable, checkFields, checkName, checkNetworkData, checkProperties, checkTenancy, fillInterfaces } from './node-rules.ts'

const LISTS = ['ports', 'states', 'portgroups', 'volume']

export const nodeEngine = (world: World): Engine => {
  const behaviour: Behaviour = {
    async prepare(draft, context, tx) {
      checkName(draft['name'], errors.badName)
      checkProperties(draft['properties'])
      checkNetworkData(draft['network_data'])
      if (draft['protected']) throw errors.invalid('A node can be made protected once it is active.')
      if (draft['retired_reason'] && !draft['retired'])
        throw errors.invalid('The retired_reason field can only be set when retired is True')
      const driver = draft['driver'] as string
      const group = draft['conductor_group'] as string
      if (!world.drivers.get(driver) || !(await isServed(tx.db, group, driver))) throw errors.noHost(driver, group)
      // Whoever may see no chassis is told of none.
      if (draft['chassis_uuid'] && !context.may('baremetal:chassis:get')) throw errors.chassisMissing(String(draft['chassis_uuid']))
      fillInterfaces(driver, draft, undefined, false, world.config.networkInterface)
      draft['owner'] = ownerOf(draft, context)
      draft['lessee_by'] = draft['lessee'] === null ? null : 'hand'
      draft['provision_state'] = context.version >= 11 ? 'enroll' : 'available'
      draft['resource_class'] ??= world.config.resourceClass
      await parent(draft, context)
      seal(draft, driver, null)
      tx.wake('node', String(draft['uuid']))
    },

    async beforeUpdate(current, values, context, tx, changes) {
      checkEditable(current, changes, context.version)
      checkFields(current, values, context)
      checkTenancy(current, values, context)
      await deallocated(current, values, tx)
      const driver = (values['driver'] ?? current['driver']) as string
      const group = (values['conductor_group'] ?? current['conductor_group']) as string
      // Only what is changed is judged: a node whose conductors are gone may be mended all the same.
      const moves = values['driver'] !== undefined || values['conductor_group'] !== undefined
      if (moves && (!world.drivers.get(driver) || !(await isServed(tx.db, group, driver)))) throw errors.noHost(driver, group)
      const reset = resets(context, changes) && values['driver'] !== current['driver']
      if (values['driver'] !== undefined || Object.keys(values).some(field => field.endsWith('_interface')))
        fillInterfaces(driver, values, current, reset, world.config.networkInterface)
      await parent(values, context, current)
      if (values['driver_info'] !== undefined || values['driver'] !== undefined) {
        values['driver_info'] ??= current['driver_info']
        const told = seal(values, driver, current['driver_secrets'] as string | null)
        if (told.length > 0) secretsChanged(tx, current, told)
      }
      tx.wake('node', String(current['uuid']))
      if (values['retired'] !== undefined) tx.wake('retirement', String(current['uuid']))
    },

    async beforeDelete(current, context, tx) {
      const uuid = current['uuid'] as string
      if (current['reservation'] !== null) throw errors.locked(uuid, current['reservation'] as string)
      const why = await booked(world, current as unknown as Lettable & { uuid: string })
      if (why !== undefined) throw errors.conflict(`Node ${uuid} cannot be deleted now: ${why}`)
      if (!current['maintenance'] && current['instance_uuid'] !== null) throw errors.associated(uuid, current['instance_uuid'] as string)
      if (current['protected']) throw errors.isProtected(uuid)
      if (!current['maintenance'] && !deletable.has(current['provision_state'] as string))
        throw errors.conflict(
          `Can not delete node "${uuid}" while it is in provision state "${current['provision_state']}". Valid provision states to perform deletion are: "${[...deletable].join(', ')}", or set the node into maintenance mode`,
        )
      // Asked once more for the words: an administrator's right is one, the owner's another.
      context.require(node.policy.delete!, { 'node.owner': current['owner'], owner: current['owner'] })
      // A claim on its way comes too late from here on, or was first.
      const until = (await letLeave(world, uuid, tx.at, context.dryRun === true))?.until
      if (until !== undefined) throw errors.conflict(`Node ${uuid} cannot be deleted now: ${bookedWords(until)}`)
      await handOnPassword(tx, uuid)
      await lastRecord(tx, current as unknown as Conducted)
    },

    async compute(rows, context, fields) {
      for (const row of rows) {
        const path = `nodes/${row['uuid']}`
        row['links'] = links(context, path)
        for (const list of LISTS) if (fields.includes(list)) row[list] = links(context, `${path}/${list}`)
        row['conductor'] = null
      }
      if (!fields.includes('conductor')) return
      const hosts = await conductorsOf(
        world.database.db,
        rows.map(row => String(row['uuid'])),
      )
      for (const row of rows) row['conductor'] = hosts.get(String(row['uuid'])) ?? null
    },
  }

  const engine = new Engine({ resource: node, dialect, database: world.database, store: nodeStore, behaviour })

  /** Takes the secrets out of `values.driver_info` and seals them; says which are new. */
  const seal = (values: Item, driver: string, before: string | null): readonly string[] => {
    const parts = split(values['driver_info'] as Item, world.drivers.secret(driver), before, world.kit.secrets)
    values['driver_info'] = parts.shown
    values['driver_secrets'] = parts.sealed
    return parts.changed
  }

  /** A parent is named by UUID or name, and must be one that the caller sees. */
  const parent = async (values: Item, context: Context, current?: Readonly<Item>): Promise<void> => {
    const ident = values['parent_node']
    if (ident === undefined || ident === null) return
    const found = await engine.find(context, ident as string).catch(() => undefined)
    if (!found) throw errors.nodeUnusable(ident as string)
    if (found['uuid'] === (current?.['uuid'] ?? values['uuid'])) throw errors.invalid('A node cannot be its own parent.')
    if (found['parent_node'] !== null) throw errors.invalid(`Node ${found['uuid']} is a child node itself, and cannot be a parent.`)
    values['parent_node'] = found['uuid']
  }

  return engine
}

/** Whose a new node is. Only who may enroll for others can name another owner; system-wide callers have no project to be it. */
const ownerOf = (draft: Readonly<Item>, context: Context): string | null => {
  const given = draft['owner'] as string | null
  const own = context.project ?? null
  if (context.may('baremetal:node:create')) return given ?? own
  // A token for a domain has no project that could own it.
  if (own === null) context.require('baremetal:node:create')
  if (given !== null && given !== own)
    throw errors.invalid('Cannot create a node as a project scoped admin with an owner other than your own project.')
  return own
}

/** Whoever takes the instance from a node takes its allocation too, as far as that may be. */
const deallocated = async (current: Readonly<Item>, values: Readonly<Item>, tx: Tx): Promise<void> => {
  const allocation = current['allocation_uuid']
  if (values['instance_uuid'] !== null || typeof allocation !== 'string') return
  const why = keepsAllocation(current as unknown as Parameters<typeof keepsAllocation>[0], allocation)
  if (why !== undefined) throw errors.conflict(why)
  await dropAllocation(tx, String(current['uuid']))
}

const resets = (context: Context, changes: readonly Change[]): boolean => {
  const text = context.wire.query.get('reset_interfaces')
  if (text === null) return false
  if (context.version < 45) throw errors.notAcceptable()
  let yes = false
  try {
    yes = bool().query(text)
  } catch {
    throw errors.invalid('reset_interfaces must be true or false')
  }
  if (yes && !changes.some(change => change.field === 'driver'))
    throw errors.invalid("The reset_interfaces parameter can only be used when changing the node's driver.")
  return yes
}

/** That a secret changed is told, by its key and no more. */
const secretsChanged = (tx: Tx, current: Readonly<Item>, pointers: readonly string[]): void =>
  tx.emit('baremetal', {
    type: 'baremetal.node.secrets_changed',
    object: { type: 'node', id: String(current['uuid']), name: current['name'] as string | null },
    projects: [current['owner']].filter(p => typeof p === 'string'),
    data: { fields: pointers.map(pointer => `driver_info${pointer}`) },
  })
