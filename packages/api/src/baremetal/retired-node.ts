import { resource, ro, route } from '../define.ts'
import { bool, object, string, time, uuid } from '../types.ts'

const n = { nullable: true } as const

/** The last record of a node that is retired: it stays when the node is deleted. Ours; Ironic has no such thing. */
export const retiredNode = resource({
  service: 'baremetal',
  name: 'retired_node',
  plural: 'retired_nodes',
  path: '/v1/retired_nodes',
  id: 'uuid',
  alias: 'name',
  relations: { owner: 'owner' },
  policy: {
    list: 'baremetal:retired_node:list',
    listAll: 'baremetal:retired_node:list_all',
    show: 'baremetal:retired_node:get',
  },
  fields: {
    uuid: ro(uuid(), { sort: true, doc: 'Of the record; a node may have several, one after another.' }),
    node_uuid: ro(uuid(), { filter: true, sort: true }),
    name: ro(string(), { ...n, sort: true, doc: 'As the node was called.' }),
    owner: ro(string(), { ...n, filter: true, sort: true, doc: 'Who owned it at the end.' }),
    serial: ro(string(), { ...n, filter: true, sort: true, doc: 'Of the machine, as its BMC said it.' }),
    state: ro(string(), {
      filter: true,
      sort: true,
      doc: 'planned, cleaning, not clean, retired, deleted.',
    }),
    reason: ro(string(), n),
    why: ro(string(), { ...n, doc: 'What it waits for, or why it is not clean.' }),
    as_of: ro(time(), { sort: true, doc: 'From when on it is retired, as it was asked for.' }),
    retired_at: ro(time(), { ...n, sort: true, doc: 'When it left the pool.' }),
    cleaned_at: ro(time(), { ...n, sort: true, doc: 'When it was proven clean.' }),
    deleted_at: ro(time(), { ...n, sort: true, doc: 'When the node was deleted.' }),
    document: ro(object(), {
      doc: 'Who it belonged to, what it was made of, what was proven of its cleaning, how its leases ended, and its history.',
    }),
  },
  columns: {
    list: ['name', 'serial', 'state', 'retired_at', 'deleted_at', 'reason'],
    long: ['uuid', 'node_uuid', 'owner', 'cleaned_at', 'why'],
  },
})

const at = '/v1/nodes/:node/retire'

export const retireNode = route({
  name: 'node.retire',
  method: 'POST',
  path: at,
  policies: ['baremetal:node:retire'],
  status: 202,
  body: {
    reason: { type: string(2000, 1), nullable: true, doc: 'Kept for good, with who said it.' },
    as_of: { type: time(), nullable: true, doc: 'From when on; until then nothing changes. Default: now.' },
    delete: { type: bool(), doc: 'Whether the node is deleted once it is proven clean. Its record stays. Default: false.' },
  },
  doc: 'Takes a node out of the pool: it is cleaned, and a last record of it is kept. Refused while it is booked.',
})

export const unretireNode = route({
  name: 'node.retire.undo',
  method: 'DELETE',
  path: at,
  policies: ['baremetal:node:retire'],
  status: 204,
  doc: 'Takes a retirement back, as long as the node is there; the record goes.',
})
