import { once, resource, ro, rw } from '../define.ts'
import { bool, list, object, string, time, uuid } from '../types.ts'
import { logicalName, mac } from './types.ts'

const n = { nullable: true, default: null } as const

/** Ports of a node that are one link (a bond). Source: the Bare Metal API reference. */
export const portgroup = resource({
  service: 'baremetal',
  name: 'portgroup',
  plural: 'portgroups',
  path: '/v1/portgroups',
  id: 'uuid',
  alias: 'name',
  detail: true,
  since: 23,
  relations: { 'node.owner': 'node_owner', 'node.lessee': 'node_lessee' },
  policy: {
    list: 'baremetal:portgroup:list',
    listAll: 'baremetal:portgroup:list_all',
    show: 'baremetal:portgroup:get',
    create: 'baremetal:portgroup:create',
    update: 'baremetal:portgroup:update',
    delete: 'baremetal:portgroup:delete',
  },
  brief: ['uuid', 'name', 'address', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    node_uuid: rw(uuid(), { required: true, sort: true }),
    name: rw(logicalName(), { ...n, sort: true, doc: 'Unique among the port groups of the node.' }),
    address: rw(mac(), { ...n, filter: true, sort: true }),
    mode: rw(string(255), { ...n, sort: true, doc: 'The bond’s mode, as Linux names it; active-backup when left out.' }),
    properties: rw(object(), { default: {} }),
    standalone_ports_supported: rw(bool(), { default: true, sort: true }),
    physical_network: rw(string(64), { ...n, since: 102, sort: true }),
    category: rw(string(80), { ...n, since: 103, sort: true }),
    dynamic_portgroup: ro(bool(), { since: 111 }),
    internal_info: ro(object()),
    extra: rw(object(), { default: {} }),
    created_at: ro(time(), { nullable: true, sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    links: ro(list(), { computed: true }),
    ports: ro(list(), { computed: true, since: 24 }),
  },
  queries: {
    node: { type: string(), doc: 'Of that node, by UUID or name.' },
    shard: { type: list(string()), since: 106, doc: 'Of nodes in one of these shards.' },
    conductor_groups: { type: list(string()), since: 99, doc: 'Of nodes in one of these conductor groups.' },
  },
  columns: { list: ['uuid', 'address', 'name'], long: ['node_uuid', 'mode', 'standalone_ports_supported'] },
  doc: 'Ports of a node that are one link.',
})
