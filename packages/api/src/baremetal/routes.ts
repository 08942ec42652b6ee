/** Routes that are below no node: documents, drivers, conductors, shards, and lists below other things. */
import { route } from '../define.ts'
import { bool, int, list, oneOf, string } from '../types.ts'

export const root = route({ name: 'root', method: 'GET', path: '/', open: true, status: 200 })
export const v1 = route({ name: 'v1', method: 'GET', path: '/v1', open: true, status: 200 })

export const listDrivers = route({
  name: 'driver.list',
  method: 'GET',
  path: '/v1/drivers',
  policies: ['baremetal:driver:get'],
  status: 200,
  query: {
    type: { type: oneOf('classic', 'dynamic'), since: 30 },
    detail: { type: bool(), since: 30 },
    fields: { type: list(string()), since: 77 },
  },
})
export const getDriver = route({
  name: 'driver.show',
  method: 'GET',
  path: '/v1/drivers/:driver',
  policies: ['baremetal:driver:get'],
  status: 200,
  query: { fields: { type: list(string()), since: 77 } },
})
export const driverProperties = route({
  name: 'driver.properties',
  method: 'GET',
  path: '/v1/drivers/:driver/properties',
  policies: ['baremetal:driver:get_properties'],
  status: 200,
})
export const driverRaid = route({
  name: 'driver.raid.logical_disk_properties',
  method: 'GET',
  path: '/v1/drivers/:driver/raid/logical_disk_properties',
  since: 12,
  policies: ['baremetal:driver:get_raid_logical_disk_properties'],
  status: 200,
})

export const listConductors = route({
  name: 'conductor.list',
  method: 'GET',
  path: '/v1/conductors',
  since: 49,
  below: 'missing',
  policies: ['baremetal:conductor:get'],
  status: 200,
  query: {
    detail: { type: bool() },
    fields: { type: list(string()) },
    marker: { type: string() },
    limit: { type: int() },
    sort_key: { type: oneOf('hostname', 'conductor_group', 'created_at', 'updated_at', 'id') },
    sort_dir: { type: oneOf('asc', 'desc') },
  },
})
export const getConductor = route({
  name: 'conductor.show',
  method: 'GET',
  path: '/v1/conductors/:conductor',
  since: 49,
  below: 'missing',
  policies: ['baremetal:conductor:get'],
  status: 200,
  query: { fields: { type: list(string()) } },
})

/** Ours: who conducts which nodes. */
export const listConductorGroups = route({
  name: 'conductor_group.list',
  method: 'GET',
  path: '/v1/conductor_groups',
  policies: ['baremetal:conductor:get'],
  status: 200,
  doc: 'Conductor groups with their nodes, and how many of those no live conductor serves: nothing that is asked of these is done.',
})

export interface ConductorGroup {
  /** An empty text is the default group. */
  readonly conductor_group: string
  readonly nodes: number
  readonly unserved_nodes: number
  /** Hardware types of these. */
  readonly unserved_drivers: readonly string[]
  /** Hosts that conduct nodes of the group. */
  readonly conductors: readonly string[]
}

export const listShards = route({
  name: 'shard.list',
  method: 'GET',
  path: '/v1/shards',
  since: 82,
  below: 'missing',
  policies: ['baremetal:shards:get'],
  status: 200,
})

export const portgroupPorts = ['', '/detail'].map(tail =>
  route({
    name: `portgroup.ports.list${tail.replace('/', '.')}`,
    method: 'GET',
    path: `/v1/portgroups/:portgroup/ports${tail}`,
    since: 24,
    below: 'missing',
    policies: ['baremetal:port:get'],
    status: 200,
  }),
)
export const chassisNodes = ['', '/detail'].map(tail =>
  route({
    name: `chassis.nodes.list${tail.replace('/', '.')}`,
    method: 'GET',
    path: `/v1/chassis/:chassis/nodes${tail}`,
    policies: ['baremetal:chassis:get', 'baremetal:node:list', 'baremetal:node:list_all'],
    status: 200,
  }),
)

export const volumeRoot = route({
  name: 'volume.root',
  method: 'GET',
  path: '/v1/volume',
  since: 32,
  below: 'missing',
  policies: ['baremetal:volume:list'],
  status: 200,
})
export const nodeVolume = route({
  name: 'node.volume',
  method: 'GET',
  path: '/v1/nodes/:node/volume',
  since: 32,
  below: 'missing',
  policies: ['baremetal:volume:get'],
  status: 200,
})
export const nodeVolumes = ['connectors', 'targets'].map(what =>
  route({
    name: `node.volume.${what}`,
    method: 'GET',
    path: `/v1/nodes/:node/volume/${what}`,
    since: 32,
    below: 'missing',
    policies: ['baremetal:volume:get'],
    status: 200,
  }),
)
