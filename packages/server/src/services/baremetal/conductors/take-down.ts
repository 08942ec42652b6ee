import { node as table } from '@esi/api/baremetal/node'
import { port as portTable } from '@esi/api/baremetal/port'
import { traits as traitsType } from '@esi/api/baremetal/types'
import type { AnyResource } from '@esi/api/define'
import { Unfit } from '@esi/api/types'
import ipaddr from 'ipaddr.js'
import type { Tx } from '../../../kit/db/transaction.ts'
import { applyRules, type Rule, RuleFailure } from '../domain/inspection-rules.ts'
import type { Inventory } from '../domain/inventory.ts'
import { split } from '../secrets.ts'
import type { Conducted, Values } from '../store/conduct-node.ts'
import { changePort, portRows } from '../store/conduct-ports.ts'
import { writeHistory } from '../store/history.ts'
import { keepInventory } from '../store/inventory.ts'
import { setTraits, traitsOf } from '../store/nodes.ts'
import { rulesInOrder } from '../store/templates.ts'
import type { World } from '../world.ts'

/**
 * Keeps what inspection found of a locked node, and does what the inspection rules say. Gives what becomes of the node by that. Throws
 * `RuleFailure`; then nothing may be kept.
 */
export const takeDown = async (world: World, tx: Tx, node: Conducted, properties: Values, found: Inventory): Promise<Values> => {
  const rules = (await rulesInOrder(tx.db)) as unknown as readonly Rule[]
  if (rules.length === 0) {
    await keepInventory(tx, node.uuid, found)
    return { properties }
  }
  const before = { ...(node as unknown as Values), properties }
  const traits = await traitsOf(tx.db, node.uuid)
  const ports = await portRows(tx.db, node.uuid)
  const subject = {
    node: structuredClone(shownTo(before)),
    traits: new Set(traits),
    ports: new Map([...ports].map(([uuid, port]) => [uuid, structuredClone(port)])),
    inventory: found.inventory,
    plugin_data: structuredClone(found.plugin_data) as Record<string, unknown>,
    said: [],
    inNet,
  }
  const fitted = applyRules(rules, subject)
  if (fitted.length > 0)
    await writeHistory(tx, node.uuid, {
      severity: 'INFO',
      type: 'inspection',
      event: `Inspection rules that fitted: ${fitted.join(', ')}.${subject.said.map(line => ` ${line}.`).join('')}`,
    })
  const values = differing(table as unknown as AnyResource, shownTo(before), subject.node)
  if (values['driver_info'] !== undefined) {
    const parts = split(values['driver_info'] as Values, world.drivers.secret(node.driver), node.driver_secrets, world.kit.secrets)
    Object.assign(values, { driver_info: parts.shown, driver_secrets: parts.sealed })
  }
  for (const [uuid, port] of subject.ports) {
    const changes = differing(portTable as unknown as AnyResource, ports.get(uuid)!, port)
    if (Object.keys(changes).length > 0) await changePort(tx, uuid, changes)
  }
  const after = fit('traits', () => traitsType().parse([...subject.traits].sort()))
  if (JSON.stringify(after) !== JSON.stringify(traits)) await setTraits(tx, node.uuid, after, true)
  await keepInventory(tx, node.uuid, { inventory: found.inventory, plugin_data: subject.plugin_data })
  return { properties, ...values }
}

/** What rules may read of a node: what its owner may read too. */
const shownTo = (node: Values): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(table.fields)
      .filter(name => name in node)
      .map(name => [name, node[name]]),
  )

/** Fields that a rule has changed, checked as a client’s change would be. */
const differing = (r: AnyResource, before: Values, after: Values): Record<string, unknown> => {
  const values: Record<string, unknown> = {}
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue
    const field = r.fields[name]
    if (!field) throw new RuleFailure(`A rule set "${name.slice(0, 60)}", which there is not.`)
    values[name] =
      after[name] === undefined || after[name] === null ? (field.default ?? null) : fit(name, () => field.type.parse(after[name]))
  }
  return values
}

const fit = <T>(name: string, parse: () => T): T => {
  try {
    return parse()
  } catch (e) {
    if (e instanceof Unfit) throw new RuleFailure(`A rule set "${name}", which ${e.message}.`)
    throw e
  }
}

const inNet = (address: string, network: string): boolean | undefined => {
  try {
    const [net, bits] = ipaddr.parseCIDR(network)
    const ip = ipaddr.parse(address)
    return ip.kind() === net.kind() && ip.match(net as ipaddr.IPv4 & ipaddr.IPv6, bits)
  } catch {
    return undefined
  }
}
