import type { Machine } from './lab.ts'
import type { Server } from './server.ts'
import type { Site } from './site.ts'
import { until } from './until.ts'

/** Enrols a machine of the rack for the owner; gives the node's uuid. */
export const enrol = async (site: Site, server: Server, machine: Machine): Promise<string> => {
  const node = await site.people.admin.must(server, 201, 'POST', '/baremetal/v1/nodes', {
    name: machine.name,
    driver: 'redfish',
    driver_info: {
      redfish_address: machine.address,
      redfish_system_id: machine.system,
      redfish_username: machine.user,
      redfish_password: machine.password,
      redfish_verify_ca: machine.ca,
    },
    properties: { erase: 'none' },
    resource_class: 'baremetal',
    owner: site.people.owner.project,
  })
  return node.uuid
}

export const show = (site: Site, server: Server, uuid: string): Promise<any> =>
  site.people.admin.must(server, 200, 'GET', `/baremetal/v1/nodes/${uuid}`)

export const provision = (site: Site, server: Server, uuid: string, target: string): Promise<unknown> =>
  site.people.owner.must(server, 202, 'PUT', `/baremetal/v1/nodes/${uuid}/states/provision`, { target })

/** Brings nodes into the pool, proven clean. */
export const bringIn = async (site: Site, server: Server, uuids: readonly string[]): Promise<void> => {
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ] as const) {
    await Promise.all(uuids.map(uuid => provision(site, server, uuid, target)))
    await until(`all are ${state}`, async () => (await inState(site, uuids, state)) === uuids.length)
  }
}

export const inState = async (site: Site, uuids: readonly string[], state: string): Promise<number> =>
  (await site.rows('select from baremetal.node where uuid = any($1) and provision_state = $2', [uuids, state])).length
