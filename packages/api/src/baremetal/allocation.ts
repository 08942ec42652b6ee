import { once, resource, ro, route, rw } from '../define.ts'
import { list, object, string, time, uuid } from '../types.ts'
import { traits } from './types.ts'

const n = { nullable: true, default: null } as const

/** A wish for a node of some kind: `allocating`, then `active` with a node or `error`. Source: the Bare Metal API reference. */
export const allocation = resource({
  service: 'baremetal',
  name: 'allocation',
  plural: 'allocations',
  path: '/v1/allocations',
  id: 'uuid',
  alias: 'name',
  since: 52,
  relations: { owner: 'owner' },
  policy: {
    list: 'baremetal:allocation:list',
    listAll: 'baremetal:allocation:list_all',
    show: 'baremetal:allocation:get',
    create: 'baremetal:allocation:create',
    update: 'baremetal:allocation:update',
    delete: 'baremetal:allocation:delete',
  },
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true, doc: 'Becomes the node’s instance_uuid.' }),
    name: rw(string(255), { ...n, sort: true, doc: 'A node of the same name is preferred.' }),
    resource_class: once(string(80), { ...n, filter: true, sort: true, doc: 'May be left out only with `node`.' }),
    traits: once(traits(), { default: [], doc: 'The node has all of them.' }),
    candidate_nodes: once(list(string()), { default: [], doc: 'One of these, by UUID or name.' }),
    owner: once(string(255), { ...n, since: 60, filter: true, sort: true, doc: 'The project that owns or leases the node.' }),
    extra: rw(object(), { default: {} }),
    state: ro(string(), { filter: true, sort: true }),
    last_error: ro(string(65_536), { ...n, sort: true }),
    node_uuid: ro(uuid(), { ...n, sort: true }),
    created_at: ro(time(), { nullable: true, sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    links: ro(list(), { computed: true }),
  },
  queries: { node: { type: string(), doc: 'Of that node, by UUID or name.' } },
  columns: { list: ['uuid', 'name', 'resource_class', 'state', 'node_uuid'], long: ['owner', 'last_error', 'traits', 'candidate_nodes'] },
  doc: 'A wish for a node of some kind, and the node that it got.',
})

export const getNodeAllocation = route({
  name: 'node.allocation.show',
  method: 'GET',
  path: '/v1/nodes/:node/allocation',
  since: 52,
  below: 'missing',
  policies: ['baremetal:node:get', 'baremetal:allocation:get'],
  status: 200,
  query: { fields: { type: list(string()) } },
})
export const deleteNodeAllocation = route({
  name: 'node.allocation.delete',
  method: 'DELETE',
  path: '/v1/nodes/:node/allocation',
  since: 52,
  below: 'missing',
  policies: ['baremetal:node:get', 'baremetal:allocation:delete'],
  status: 204,
})
