/** Remote storage of nodes: who they are to it, and which volumes they boot from. Source: the Bare Metal API reference. */
import { once, resource, ro, rw } from '../define.ts'
import { int, list, object, oneOf, string, time, uuid } from '../types.ts'
import { maskSecrets } from './masks.ts'

const policy = {
  list: 'baremetal:volume:list',
  listAll: 'baremetal:volume:list_all',
  show: 'baremetal:volume:get',
  create: 'baremetal:volume:create',
  update: 'baremetal:volume:update',
  delete: 'baremetal:volume:delete',
} as const

// What ties them to projects is their node.
const relations = { 'node.owner': 'node_owner', 'node.lessee': 'node_lessee' } as const
const queries = { node: { type: string(), doc: 'Of that node, by UUID or name.' } } as const

const common = {
  extra: rw(object(), { default: {} }),
  created_at: ro(time(), { nullable: true, sort: true }),
  updated_at: ro(time(), { nullable: true, sort: true }),
  links: ro(list(), { computed: true }),
} as const

export const connector = resource({
  service: 'baremetal',
  name: 'volume_connector',
  plural: 'connectors',
  path: '/v1/volume/connectors',
  id: 'uuid',
  since: 32,
  relations,
  policy,
  brief: ['uuid', 'node_uuid', 'type', 'connector_id', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    node_uuid: rw(uuid(), { required: true, sort: true }),
    type: rw(oneOf('iqn', 'ip', 'mac', 'wwnn', 'wwpn', 'port', 'portgroup'), { required: true, sort: true }),
    connector_id: rw(string(255, 1), { required: true, sort: true, doc: 'What the storage knows the node by: an IQN, a MAC address, …' }),
    ...common,
  },
  queries,
  columns: { list: ['uuid', 'node_uuid', 'type', 'connector_id'], long: ['extra', 'created_at', 'updated_at'] },
  doc: 'What a storage knows a node by.',
})

export const target = resource({
  service: 'baremetal',
  name: 'volume_target',
  plural: 'targets',
  path: '/v1/volume/targets',
  id: 'uuid',
  since: 32,
  relations,
  policy,
  brief: ['uuid', 'node_uuid', 'volume_type', 'boot_index', 'volume_id', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    node_uuid: rw(uuid(), { required: true, sort: true }),
    volume_type: rw(string(64, 1), { required: true, sort: true, doc: 'iscsi, fibre_channel, …' }),
    boot_index: rw(int(0, 2_147_483_647), { required: true, sort: true, doc: '0 is what the node boots from; one each for a node.' }),
    volume_id: rw(string(255, 1), { required: true, sort: true }),
    properties: rw(object(), {
      default: {},
      secret: true,
      wire: maskSecrets,
      read: {
        policy: 'baremetal:volume:view_target_properties',
        hidden: {
          as: {
            redacted_contents:
              '** Value redacted: Requires permission baremetal:volume:view_target_properties access. Permission denied. **',
          },
        },
      },
      doc: 'How the storage is reached. Secrets are kept sealed and shown as ******.',
    }),
    ...common,
  },
  queries,
  columns: { list: ['uuid', 'node_uuid', 'volume_type', 'boot_index', 'volume_id'], long: ['extra', 'created_at', 'updated_at'] },
  doc: 'A volume that a node boots from or has attached.',
})
