import { including, without } from '../../harness/match.ts'
import { DENIED, type Request } from '../request.ts'

export const nodesAndEvents: readonly Request[] = [
  {
    as: 'lessee1',
    command: 'node list',
    send: 'GET /lease/v1/nodes',
    status: 200,
    shows: {
      nodes: [
        {
          name: 'dell1',
          uuid: '$dell1',
          owner: 'owner1',
          lessee: 'lessee1',
          resource_class: 'baremetal',
          provision_state: 'available',
          maintenance: 'False',
          offer_uuid: '$offer',
          lease_uuid: '$lease',
          future_offers: [],
          properties: { cpu_arch: 'x86_64' },
        },
      ],
    },
  },
  { as: 'lessee2', command: 'node list', send: 'GET /lease/v1/nodes', status: 200, shows: { nodes: [] } },
  {
    as: 'owner1',
    command: 'node list --lessee lessee1',
    send: 'GET /lease/v1/nodes?lessee=lessee1',
    status: 200,
    shows: { nodes: [{ name: 'dell1' }] },
  },
  {
    as: 'owner1',
    command: 'node list --owner owner1 --resource-class baremetal',
    send: 'GET /lease/v1/nodes?owner=owner1&resource_class=baremetal',
    status: 200,
    shows: { nodes: [{ name: 'dell1' }, { name: 'dell2' }, { name: 'dell3' }] },
  },
  { as: 'lessee1', command: 'baremetal node list', send: 'GET /baremetal/v1/nodes', status: 200, shows: { nodes: [{ name: 'dell1' }] } },
  {
    as: 'lessee1',
    command: 'event list',
    send: 'GET /lease/v1/events',
    status: 200,
    shows: {
      events: including({
        event_type: 'esi_leap.lease.fulfill.end',
        object_type: 'lease',
        object_uuid: '$lease',
        resource_type: 'ironic_node',
        resource_uuid: '$dell1',
      }),
    },
  },
  {
    as: 'lessee2',
    command: 'event list',
    send: 'GET /lease/v1/events',
    status: 200,
    shows: { events: without({ object_uuid: '$lease' }) },
  },
  {
    as: 'admin',
    command: 'event list --project lessee1 --event-type … --resource-type ironic_node --resource-uuid dell1',
    send: 'GET /lease/v1/events?event_type=esi_leap.lease.fulfill.end&resource_type=ironic_node&resource_uuid=dell1&lessee_or_owner_id=lessee1',
    status: 200,
    shows: { events: including({ event_type: 'esi_leap.lease.fulfill.end' }) },
  },
  {
    as: 'admin',
    command: 'event list --last-notification-time',
    send: 'GET /lease/v1/events?last_event_time=$in1h',
    status: 200,
    shows: { events: [] },
  },
  {
    as: 'lessee1',
    command: 'event list --last-event-id',
    send: 'GET /lease/v1/events?last_event_id=1',
    status: 200,
    shows: { events: including({ object_uuid: '$lease' }) },
  },
  // The client sends the time to live as a text.
  {
    as: 'lessee2',
    command: 'console auth token create dell1 --token-ttl 60',
    send: 'POST /lease/v1/console_auth_tokens',
    body: { token_ttl: '60', node_uuid_or_name: 'dell1' },
    status: 404,
  },
  { as: 'lessee1', command: 'console auth token delete dell1', send: 'DELETE /lease/v1/console_auth_tokens/dell1', status: 200 },
]

export const ends: readonly Request[] = [
  { as: 'lessee2', command: 'lease delete', send: 'DELETE /lease/v1/leases/$lease', status: 403, shows: DENIED },
  { as: 'lessee1', command: 'lease delete', send: 'DELETE /lease/v1/leases/$lease', status: 200, shows: null },
  { as: 'lessee1', command: 'lease show', send: 'GET /lease/v1/leases/$lease', status: 200, shows: { status: 'deleted' }, until: true },
  { as: 'lessee1', command: 'lease delete', send: 'DELETE /lease/v1/leases/$lease', status: 404 },
  {
    as: 'lessee1',
    command: 'lease list --status any',
    send: 'GET /lease/v1/leases?status=any',
    status: 200,
    shows: { leases: including({ uuid: '$lease', status: 'deleted' }) },
  },
  { as: 'lessee1', command: 'baremetal node list', send: 'GET /baremetal/v1/nodes', status: 200, shows: { nodes: [] } },
  { as: 'owner1', command: 'lease delete conf-lease', send: 'DELETE /lease/v1/leases/conf-lease', status: 200, shows: null },
  { as: 'owner1', command: 'offer delete conf-offer', send: 'DELETE /lease/v1/offers/conf-offer', status: 200, shows: null },
  { as: 'lessee1', command: 'lease show', send: 'GET /lease/v1/leases/$lease3', status: 200, shows: { status: 'deleted' }, until: true },
  { as: 'owner1', command: 'offer delete', send: 'DELETE /lease/v1/offers/$offer', status: 200, shows: null },
  { as: 'owner2', command: 'offer delete', send: 'DELETE /lease/v1/offers/$offer4', status: 200, shows: null },
  { as: 'owner1', command: 'offer delete', send: 'DELETE /lease/v1/offers/$offer', status: 404 },
  { as: 'lessee2', command: 'lease list', send: 'GET /lease/v1/leases', status: 200, shows: { leases: [] }, until: true },
]
