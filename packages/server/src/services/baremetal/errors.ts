import { Refused } from '@esi/api/dialect'
import { breaks, FOREIGN_KEY, UNIQUE } from '../../kit/db/errors.ts'
import type { Item } from '../../kit/resource/view.ts'

/** Refusals in the words that clients of the original read. */
const invalid = (message: string, type?: string) => new Refused('invalid', message, type ? { type } : {})
const conflict = (message: string, type?: string) => new Refused('conflict', message, type ? { type } : {})

const noConductor = (driver: string, group: string) =>
  `No valid host was found. Reason: No conductor service registered which supports driver ${driver.slice(0, 100)} for conductor group "${group.slice(0, 255)}". Ensure the driver is valid and enabled, and that a server serves the group: "esi baremetal conductor group list" shows which do.`

export const errors = {
  invalid: (message: string) => invalid(message),
  conflict: (message: string) => conflict(message),
  notAcceptable: () => new Refused('version', 'Request not acceptable.'),
  nodeMissing: (ident: string) => new Refused('missing', `Node ${ident.slice(0, 255)} could not be found.`, { type: 'NodeNotFound' }),
  nodesUnusable: (idents: readonly string[]) => invalid(`Nodes cannot be found: ${idents.join(', ').slice(0, 1000)}.`, 'NodeNotFound'),
  nodeUnusable: (ident: string) => invalid(`Node ${ident.slice(0, 255)} could not be found.`, 'NodeNotFound'),
  locked: (node: string, host: string) =>
    conflict(`Node ${node} is locked by host ${host}, please retry after the current operation is completed.`, 'NodeLocked'),
  stateRequested: (action: string, node: string, state: string | null) =>
    invalid(
      `The requested action "${action.slice(0, 100)}" can not be performed on node "${node}" while it is in state "${state ?? 'None'}".`,
      'InvalidStateRequested',
    ),
  associated: (node: string, instance: string) => conflict(`Node ${node} is associated with instance ${instance}.`, 'NodeAssociated'),
  maintenance: (op: string, node: string) =>
    invalid(`The ${op} operation can't be performed on node ${node} because it's in maintenance mode.`, 'NodeInMaintenance'),
  isProtected: (node: string) =>
    new Refused('forbidden', `Node ${node} is protected and cannot be undeployed, rebuilt or deleted`, { type: 'NodeProtected' }),
  retired: (op: string, node: string) =>
    invalid(`The ${op} operation can't be performed on node ${node} because it is retired.`, 'NodeIsRetired'),
  noHost: (driver: string, group = '') => invalid(noConductor(driver, group), 'NoValidHost'),
  /** The same of a node that is there; the original answers 404 to what is asked of it. */
  unserved: (driver: string, group: string) => new Refused('missing', noConductor(driver, group), { type: 'NoValidHost' }),
  driverMissing: (driver: string) =>
    new Refused('missing', `Could not find the following driver(s) or hardware type(s): ${driver.slice(0, 100)}.`, {
      type: 'DriverNotFound',
    }),
  unsupported: (driver: string, extension: string) =>
    invalid(`Driver ${driver} does not support ${extension} (disabled or not implemented).`, 'UnsupportedDriverExtension'),
  noRaid: (message: string) => new Refused('missing', message, { type: 'UnsupportedDriverExtension' }),
  noMethod: () => new Refused('method', 'The method is not allowed for this path at this version.'),
  notPermitted: () => new Refused('forbidden', 'Operation not permitted.', { type: 'OperationNotPermitted' }),
  missing: (message: string) => new Refused('missing', message.slice(0, 500)),
  chassisMissing: (chassis: string) => invalid(`Chassis ${chassis} could not be found.`, 'ChassisNotFound'),
  powerFailure: (target: string) => conflict(`Failed to set node power state to ${target}.`, 'PowerStateFailure'),
  badName: (name: string) => invalid(`Cannot create node with invalid name '${name.slice(0, 100)}'`),
  badNewName: (node: string, name: string) => invalid(`Node ${node}: Cannot change name to invalid name '${name.slice(0, 100)}'`),
  reservedName: (name: string, reserved: readonly string[]) =>
    invalid(`The word "${name}" is reserved and can not be used as a node name. Reserved words are: ${reserved.join(', ')}.`),
  conductorMissing: (host: string) =>
    new Refused('missing', `Conductor ${host.slice(0, 255)} could not be found.`, { type: 'ConductorNotFound' }),
  traitMissing: (node: string, trait: string) =>
    new Refused('missing', `Node ${node} doesn't have a trait '${trait.slice(0, 255)}'`, { type: 'NodeTraitNotFound' }),
  vifAttached: (vif: string, kind: string, uuid: string) =>
    conflict(`Unable to attach VIF ${vif} because VIF ${vif} is already attached to Ironic ${kind} ${uuid}`, 'VifAlreadyAttached'),
  vifNotAttached: (vif: string, node: string) =>
    invalid(`Unable to detach VIF ${vif.slice(0, 255)} from node ${node} because it is not attached to it.`, 'VifNotAttached'),
  noFreePorts: (vif: string) => invalid(`Unable to attach VIF ${vif}, not enough free physical ports.`, 'NoFreePhysicalPorts'),
  allocationMissing: (node: string) =>
    new Refused('missing', `Allocation for node ${node.slice(0, 255)} was not found`, { type: 'AllocationNotFound' }),
  allocationFailed: (uuid: string, why: string) => conflict(`Failed to process allocation ${uuid}: ${why}.`, 'AllocationFailed'),
  historyMissing: (event: string) =>
    new Refused('missing', `Node history record ${event.slice(0, 100)} could not be found.`, { type: 'NodeHistoryNotFound' }),
  /** What this installation has no conductor for yet; better refused than accepted and never done. */
  unavailable: (action: string) => new Refused('unimplemented', `"${action}" is not available on this installation yet.`),
} as const

/** A unique or foreign key that a node breaks, as what its client did wrong. */
export const nodeRefusal = (e: unknown, draft: Readonly<Item>): Error | undefined => {
  if (breaks(e, UNIQUE, 'node_pkey')) return conflict(`A node with UUID ${draft['uuid']} already exists.`, 'NodeAlreadyExists')
  if (breaks(e, UNIQUE, 'node_name')) return conflict(`A node with name ${draft['name']} already exists.`, 'DuplicateName')
  if (breaks(e, UNIQUE, 'node_instance'))
    return conflict(
      `Instance ${draft['instance_uuid']} is already associated with a node, it cannot be associated with this other node ${draft['uuid']}`,
      'InstanceAssociated',
    )
  if (breaks(e, FOREIGN_KEY, 'node_chassis')) return errors.chassisMissing(String(draft['chassis_uuid']))
  if (breaks(e, FOREIGN_KEY, 'node_parent')) return conflict(`Node ${draft['uuid']} has child nodes; delete them first.`)
  return undefined
}

export const portRefusal = (e: unknown, draft: Readonly<Item>): Error | undefined => {
  if (breaks(e, UNIQUE, 'port_pkey')) return conflict(`A port with UUID ${draft['uuid']} already exists.`, 'PortAlreadyExists')
  if (breaks(e, UNIQUE, 'port_address')) return conflict(`A port with MAC address ${draft['address']} already exists.`, 'MACAlreadyExists')
  if (breaks(e, UNIQUE, 'port_name')) return conflict(`A port with name ${draft['name']} already exists.`, 'PortDuplicateName')
  if (breaks(e, FOREIGN_KEY, 'port_node')) return errors.nodeUnusable(String(draft['node_uuid']))
  if (breaks(e, FOREIGN_KEY, 'port_portgroup'))
    return invalid(`Portgroup ${draft['portgroup_uuid']} could not be found.`, 'PortgroupNotFound')
  return undefined
}

export const portgroupRefusal = (e: unknown, draft: Readonly<Item>): Error | undefined => {
  if (breaks(e, UNIQUE, 'portgroup_pkey'))
    return conflict(`A portgroup with UUID ${draft['uuid']} already exists.`, 'PortgroupAlreadyExists')
  if (breaks(e, UNIQUE, 'portgroup_address'))
    return conflict(`A portgroup with MAC address ${draft['address']} already exists.`, 'PortgroupMACAlreadyExists')
  if (breaks(e, UNIQUE, 'portgroup_name'))
    return conflict(`A portgroup with name ${draft['name']} already exists.`, 'PortgroupDuplicateName')
  if (breaks(e, FOREIGN_KEY, 'portgroup_node')) return errors.nodeUnusable(String(draft['node_uuid']))
  if (breaks(e, FOREIGN_KEY, 'port_portgroup'))
    return invalid(`Cannot complete the requested action because portgroup ${draft['uuid']} contains ports.`, 'PortgroupNotEmpty')
  return undefined
}

export const chassisRefusal = (e: unknown, draft: Readonly<Item>): Error | undefined => {
  if (breaks(e, UNIQUE, 'chassis_pkey')) return conflict(`A chassis with UUID ${draft['uuid']} already exists.`, 'ChassisAlreadyExists')
  if (breaks(e, FOREIGN_KEY, 'node_chassis'))
    return invalid(`Cannot complete the requested action because chassis ${draft['uuid']} contains nodes.`, 'ChassisNotEmpty')
  return undefined
}

export const connectorRefusal = (e: unknown, draft: Readonly<Item>): Error | undefined => {
  if (breaks(e, UNIQUE, 'volume_connector_pkey'))
    return conflict(`A volume connector with UUID ${draft['uuid']} already exists.`, 'VolumeConnectorAlreadyExists')
  if (breaks(e, UNIQUE, 'volume_connector_id'))
    return conflict(
      `A volume connector with type ${draft['type']} and connector ID ${draft['connector_id']} already exists.`,
      'VolumeConnectorTypeAndIdAlreadyExists',
    )
  if (breaks(e, FOREIGN_KEY, 'volume_connector_node')) return errors.nodeUnusable(String(draft['node_uuid']))
  return undefined
}

export const targetRefusal = (e: unknown, draft: Readonly<Item>): Error | undefined => {
  if (breaks(e, UNIQUE, 'volume_target_pkey'))
    return conflict(`A volume target with UUID ${draft['uuid']} already exists.`, 'VolumeTargetAlreadyExists')
  if (breaks(e, UNIQUE, 'volume_target_boot'))
    return conflict(
      `A volume target with boot index '${draft['boot_index']}' for the same node already exists.`,
      'VolumeTargetBootIndexAlreadyExists',
    )
  if (breaks(e, FOREIGN_KEY, 'volume_target_node')) return errors.nodeUnusable(String(draft['node_uuid']))
  return undefined
}

const named =
  (word: string, table: string, type: string) =>
  (e: unknown, draft: Readonly<Item>): Error | undefined => {
    if (breaks(e, UNIQUE, `${table}_pkey`)) return conflict(`${word} with UUID ${draft['uuid']} already exists.`, `${type}AlreadyExists`)
    if (breaks(e, UNIQUE, `${table}_name`)) return conflict(`${word} with name ${draft['name']} already exists.`, `${type}DuplicateName`)
    return undefined
  }

export const templateRefusal = named('A deploy template', 'deploy_template', 'DeployTemplate')
export const allocationRefusal = named('An allocation', 'allocation', 'Allocation')
export const runbookRefusal = named('A runbook', 'runbook', 'Runbook')
export const ruleRefusal = named('A rule', 'inspection_rule', 'InspectionRule')
