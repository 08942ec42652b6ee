import { once, resource, ro, rw } from '../define.ts'
import { bool, list, object, string, time, uuid } from '../types.ts'
import { localLink, mac } from './types.ts'

const n = { nullable: true, default: null } as const

/** A network card's port of a node. Source: the Bare Metal API reference. */
export const port = resource({
  service: 'baremetal',
  name: 'port',
  plural: 'ports',
  path: '/v1/ports',
  id: 'uuid',
  alias: 'name',
  detail: true,
  // What ties a port to projects is its node.
  relations: { 'node.owner': 'node_owner', 'node.lessee': 'node_lessee' },
  policy: {
    list: 'baremetal:port:list',
    listAll: 'baremetal:port:list_all',
    show: 'baremetal:port:get',
    create: 'baremetal:port:create',
    update: 'baremetal:port:update',
    delete: 'baremetal:port:delete',
  },
  brief: ['uuid', 'address', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    address: rw(mac(), { required: true, filter: true, sort: true, doc: 'Its MAC address; unique.' }),
    node_uuid: rw(uuid(), { doc: 'The node it belongs to. A create takes node_ident instead, from 1.94 on.', sort: true }),
    portgroup_uuid: rw(uuid(), { ...n, since: 24 }),
    name: rw(string(255), { ...n, since: 88, sort: true, doc: 'Unique among the ports of the node.' }),
    description: rw(string(255), { ...n, since: 97, sort: true }),
    vendor: rw(string(32), { ...n, since: 100, sort: true }),
    category: rw(string(80), { ...n, since: 101, sort: true }),
    local_link_connection: rw(localLink(), { default: {}, since: 19, doc: 'Where the cable ends: switch_id, port_id, switch_info.' }),
    pxe_enabled: rw(bool(), { default: true, since: 19, sort: true }),
    physical_network: rw(string(64), { ...n, since: 34, sort: true }),
    is_smartnic: rw(bool(), { default: false, since: 53, sort: true }),
    available_for_dynamic_portgroup: rw(bool(), { default: true, since: 111, sort: true }),
    internal_info: ro(object(), { since: 18 }),
    extra: rw(object(), { default: {} }),
    created_at: ro(time(), { nullable: true, sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    links: ro(list(), { computed: true }),
  },
  queries: {
    node: { type: string(), since: 6, doc: 'Of that node, by UUID or name.' },
    node_uuid: { type: uuid(), doc: 'Of that node.' },
    portgroup: { type: string(), since: 24, doc: 'Of that port group, by UUID or name.' },
    shard: { type: list(string()), since: 82, doc: 'Of nodes in one of these shards.' },
    description_contains: { type: string(255), since: 97 },
    conductor_groups: { type: list(string()), since: 99, doc: 'Of nodes in one of these conductor groups.' },
  },
  columns: { list: ['uuid', 'address'], long: ['node_uuid', 'name', 'local_link_connection', 'pxe_enabled', 'physical_network'] },
  doc: 'A port of a node’s network card.',
})
