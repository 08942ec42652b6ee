import { type Expected, including, without } from '../harness/match.ts'

/** A request as esi's own client sends it, and what must come of it. */
export interface Request {
  /** A login of clouds.yaml. */
  readonly as: string
  /** The command that sends it. */
  readonly command: string
  readonly send: string
  /** Sent as JSON; `$name` in a text stands for what an earlier one has kept. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly status: number
  readonly shows?: Expected
  readonly keep?: Readonly<Record<string, string>>
  /** Again until it is so, for what a conductor does meanwhile. */
  readonly until?: true
}

const refusal = (text: RegExp): Expected => ({ faultcode: 'Client', faultstring: text, debuginfo: null })
const DENIED = refusal(/Access was denied/)
const FOR_EVER = '9999-12-31T23:59:59.999999'

// Every field of the client's tables: it fails on one that is missing.
const offerFields = {
  name: null,
  project: 'owner1',
  lessee: null,
  lessee_id: null,
  resource: 'dell1',
  resource_type: 'ironic_node',
  resource_class: 'baremetal',
  resource_properties: { cpu_arch: 'x86_64' },
  end_time: FOR_EVER,
  status: 'available',
  properties: {},
  parent_lease_uuid: null,
} satisfies Expected

const leaseFields = {
  name: null,
  project: 'lessee1',
  owner: 'owner1',
  resource: 'dell1',
  resource_type: 'ironic_node',
  resource_class: 'baremetal',
  resource_properties: { cpu_arch: 'x86_64' },
  end_time: '$in3h',
  expire_time: null,
  purpose: null,
  properties: {},
  parent_lease_uuid: null,
} satisfies Expected

const offers: readonly Request[] = [
  { as: 'lessee1', command: 'offer list', send: 'GET /lease/v1/offers', status: 200, shows: { offers: [] } },
  {
    as: 'owner1',
    command: 'offer create dell1',
    send: 'POST /lease/v1/offers',
    body: { resource_uuid: 'dell1' },
    status: 201,
    shows: { ...offerFields, availabilities: [[/^\d{4}-/, FOR_EVER]] },
    keep: { offer: 'uuid', dell1: 'resource_uuid' },
  },
  {
    as: 'owner1',
    command: 'offer create dell1',
    send: 'POST /lease/v1/offers',
    body: { resource_uuid: 'dell1' },
    status: 409,
    shows: refusal(/Time conflict for ironic_node/),
  },
  {
    as: 'owner1',
    command: 'offer create dell4',
    send: 'POST /lease/v1/offers',
    body: { resource_uuid: 'dell4' },
    status: 404,
    shows: refusal(/dell4/),
  },
  {
    as: 'lessee1',
    command: 'offer create dell1',
    send: 'POST /lease/v1/offers',
    body: { resource_uuid: 'dell1' },
    status: 403,
    shows: DENIED,
  },
  { as: 'owner1', command: 'offer create gone', send: 'POST /lease/v1/offers', body: { resource_uuid: 'gone' }, status: 404 },
  {
    as: 'owner1',
    command: "offer create dell2 --start-time … --end-time … --name conf-offer --properties '…'",
    send: 'POST /lease/v1/offers',
    body: { resource_uuid: 'dell2', start_time: '$in1h', end_time: '$in3d', properties: { note: 'x' }, name: 'conf-offer' },
    status: 201,
    shows: { name: 'conf-offer', start_time: '$in1h', end_time: '$in3d', properties: { note: 'x' }, availabilities: [['$in1h', '$in3d']] },
    keep: { offer2: 'uuid' },
  },
  {
    as: 'owner2',
    command: 'offer create dell4 --lessee lessee2',
    send: 'POST /lease/v1/offers',
    body: { lessee_id: 'lessee2', resource_uuid: 'dell4' },
    status: 201,
    shows: { lessee: 'lessee2', resource: 'dell4' },
    keep: { offer4: 'uuid' },
  },
  {
    as: 'lessee1',
    command: 'offer list',
    send: 'GET /lease/v1/offers',
    status: 200,
    shows: { offers: [{ uuid: '$offer' }, { uuid: '$offer2' }] },
  },
  {
    as: 'lessee2',
    command: 'offer list',
    send: 'GET /lease/v1/offers',
    status: 200,
    shows: { offers: [{ uuid: '$offer' }, { uuid: '$offer2' }, { uuid: '$offer4' }] },
  },
  { as: 'lessee1', command: 'offer show', send: 'GET /lease/v1/offers/$offer', status: 200, shows: { ...offerFields, uuid: '$offer' } },
  { as: 'lessee1', command: 'offer show conf-offer', send: 'GET /lease/v1/offers/conf-offer', status: 200, shows: { uuid: '$offer2' } },
  { as: 'lessee1', command: 'offer show', send: 'GET /lease/v1/offers/$offer4', status: 403, shows: DENIED },
  { as: 'lessee1', command: 'offer show gone', send: 'GET /lease/v1/offers/gone', status: 404 },
  {
    as: 'lessee1',
    command: 'offer list --status available',
    send: 'GET /lease/v1/offers?status=available',
    status: 200,
    shows: { offers: including({ uuid: '$offer' }) },
  },
  {
    as: 'lessee1',
    command: 'offer list --status deleted',
    send: 'GET /lease/v1/offers?status=deleted',
    status: 200,
    shows: { offers: [] },
  },
  {
    as: 'lessee1',
    command: 'offer list --time-range',
    send: 'GET /lease/v1/offers?start_time=$in1h&end_time=$in3h',
    status: 200,
    shows: { offers: including({ uuid: '$offer' }, { uuid: '$offer2' }) },
  },
  {
    as: 'lessee1',
    command: 'offer list --availability-range',
    send: 'GET /lease/v1/offers?available_start_time=$in1h&available_end_time=$in3h',
    status: 200,
    shows: { offers: including({ uuid: '$offer' }, { uuid: '$offer2' }) },
  },
  {
    as: 'lessee1',
    command: 'offer list --now',
    send: 'GET /lease/v1/offers?available_start_time=$in1h&available_end_time=9999-12-31T00%3A00%3A00',
    status: 200,
    shows: { offers: including({ uuid: '$offer' }) },
  },
  {
    as: 'lessee1',
    command: 'offer list --project owner1',
    send: 'GET /lease/v1/offers?project_id=owner1',
    status: 200,
    shows: { offers: [{ uuid: '$offer' }, { uuid: '$offer2' }] },
  },
  {
    as: 'lessee1',
    command: 'offer list --resource-type ironic_node --resource-uuid dell1',
    send: 'GET /lease/v1/offers?resource_uuid=dell1&resource_type=ironic_node',
    status: 200,
    shows: { offers: [{ uuid: '$offer' }] },
  },
  {
    as: 'lessee1',
    command: 'offer list --resource-class baremetal',
    send: 'GET /lease/v1/offers?resource_class=baremetal',
    status: 200,
    shows: { offers: including({ uuid: '$offer' }) },
  },
  { as: 'lessee1', command: 'offer delete', send: 'DELETE /lease/v1/offers/$offer', status: 403, shows: DENIED },
]

const claims: readonly Request[] = [
  {
    as: 'lessee1',
    command: 'offer claim --end-time',
    send: 'POST /lease/v1/offers/$offer/claim',
    body: { end_time: '$in3h' },
    status: 201,
    shows: { ...leaseFields, offer_uuid: '$offer', status: 'created' },
    keep: { lease: 'uuid' },
  },
  {
    as: 'lessee2',
    command: 'offer claim --end-time',
    send: 'POST /lease/v1/offers/$offer/claim',
    body: { end_time: '$in3h' },
    status: 409,
    shows: refusal(/has no availabilities at given time range/),
  },
  {
    as: 'lessee2',
    command: "offer claim --start-time --end-time --properties '…'",
    send: 'POST /lease/v1/offers/$offer/claim',
    body: { end_time: '$in3d', start_time: '$in5h', properties: { a: 'b' } },
    status: 201,
    shows: { project: 'lessee2', start_time: '$in5h', properties: { a: 'b' } },
    keep: { lease2: 'uuid' },
  },
  {
    as: 'lessee1',
    command: 'offer claim conf-offer --start-time --end-time',
    send: 'POST /lease/v1/offers/conf-offer/claim',
    body: { end_time: '$in3h', start_time: '$in1h' },
    status: 201,
    shows: { offer_uuid: '$offer2', status: 'created' },
    keep: { lease3: 'uuid' },
  },
  {
    as: 'lessee1',
    command: 'offer claim conf-offer',
    send: 'POST /lease/v1/offers/conf-offer/claim',
    body: { end_time: '$in5d', start_time: '$in3d' },
    status: 409,
  },
  {
    as: 'lessee1',
    command: 'offer claim conf-offer',
    send: 'POST /lease/v1/offers/conf-offer/claim',
    body: { end_time: '$in3d', start_time: '$in5d' },
    status: 400,
  },
  {
    as: 'lessee1',
    command: 'offer claim conf-offer',
    send: 'POST /lease/v1/offers/conf-offer/claim',
    body: { end_time: 'soon' },
    status: 400,
  },
  { as: 'lessee1', command: 'offer claim gone', send: 'POST /lease/v1/offers/gone/claim', body: {}, status: 404 },
  {
    as: 'lessee1',
    command: 'lease show',
    send: 'GET /lease/v1/leases/$lease',
    status: 200,
    shows: { ...leaseFields, uuid: '$lease', offer_uuid: '$offer', status: 'active', fulfill_time: /^\d{4}-/ },
    until: true,
  },
]

const leases: readonly Request[] = [
  {
    as: 'lessee1',
    command: 'lease list',
    send: 'GET /lease/v1/leases',
    status: 200,
    shows: { leases: [{ uuid: '$lease' }, { uuid: '$lease3' }] },
  },
  {
    as: 'owner1',
    command: 'lease list',
    send: 'GET /lease/v1/leases',
    status: 200,
    shows: { leases: [{ uuid: '$lease' }, { uuid: '$lease2' }, { uuid: '$lease3' }] },
  },
  { as: 'owner2', command: 'lease list', send: 'GET /lease/v1/leases', status: 200, shows: { leases: [] } },
  { as: 'lessee1', command: 'lease list --all', send: 'GET /lease/v1/leases?view=all', status: 403, shows: DENIED },
  {
    as: 'admin',
    command: 'lease list --all',
    send: 'GET /lease/v1/leases?view=all',
    status: 200,
    shows: { leases: including({ uuid: '$lease' }, { uuid: '$lease2' }, { uuid: '$lease3' }) },
  },
  { as: 'lessee2', command: 'lease show', send: 'GET /lease/v1/leases/$lease', status: 403, shows: refusal(/Access was denied to lease/) },
  { as: 'owner1', command: 'lease show', send: 'GET /lease/v1/leases/$lease', status: 200, shows: { uuid: '$lease' } },
  {
    as: 'lessee1',
    command: 'lease list --status active',
    send: 'GET /lease/v1/leases?status=active',
    status: 200,
    shows: { leases: [{ uuid: '$lease' }] },
  },
  {
    as: 'lessee1',
    command: 'lease list --offer-uuid',
    send: 'GET /lease/v1/leases?offer_uuid=$offer',
    status: 200,
    shows: { leases: [{ uuid: '$lease' }] },
  },
  {
    as: 'lessee1',
    command: 'lease list --time-range',
    send: 'GET /lease/v1/leases?start_time=$in1h&end_time=$in3h',
    status: 200,
    shows: { leases: [{ uuid: '$lease' }, { uuid: '$lease3' }] },
  },
  {
    as: 'owner1',
    command: 'lease list --owner owner1',
    send: 'GET /lease/v1/leases?owner_id=owner1',
    status: 200,
    shows: { leases: including({ uuid: '$lease' }) },
  },
  { as: 'owner1', command: 'lease list --project lessee1', send: 'GET /lease/v1/leases?project_id=lessee1', status: 403, shows: DENIED },
  {
    as: 'admin',
    command: 'lease list --project lessee1 --owner owner1',
    send: 'GET /lease/v1/leases?project_id=lessee1&owner_id=owner1',
    status: 200,
    shows: { leases: [{ uuid: '$lease' }, { uuid: '$lease3' }] },
  },
  {
    as: 'lessee1',
    command: 'lease list --resource-type ironic_node --resource-uuid dell1',
    send: 'GET /lease/v1/leases?resource_uuid=dell1&resource_type=ironic_node',
    status: 200,
    shows: { leases: [{ uuid: '$lease' }] },
  },
  { as: 'lessee1', command: 'lease list --purpose x', send: 'GET /lease/v1/leases?purpose=x', status: 200, shows: { leases: [] } },
  {
    as: 'lessee1',
    command: 'lease update --end-time',
    send: 'PATCH /lease/v1/leases/$lease',
    body: { end_time: '$in4h' },
    status: 403,
    shows: DENIED,
  },
  {
    as: 'admin',
    command: 'lease update --end-time',
    send: 'PATCH /lease/v1/leases/$lease',
    body: { end_time: '$in4h' },
    status: 200,
    shows: { end_time: '$in4h' },
  },
  { as: 'admin', command: 'lease update --end-time', send: 'PATCH /lease/v1/leases/$lease', body: { end_time: '$in3d' }, status: 409 },
  {
    as: 'owner1',
    command: "lease create dell3 lessee1 --start-time --end-time --name conf-lease --purpose testing --properties '…'",
    send: 'POST /lease/v1/leases',
    body: {
      resource_uuid: 'dell3',
      start_time: '$in1h',
      end_time: '$in3h',
      properties: { k: 1 },
      purpose: 'testing',
      name: 'conf-lease',
      project_id: 'lessee1',
    },
    status: 201,
    shows: { ...leaseFields, name: 'conf-lease', resource: 'dell3', purpose: 'testing', properties: { k: 1 }, offer_uuid: null },
  },
  {
    as: 'owner1',
    command: 'lease create dell3 lessee2 --start-time --end-time',
    send: 'POST /lease/v1/leases',
    body: { end_time: '$in3h', start_time: '$in1h', project_id: 'lessee2', resource_uuid: 'dell3' },
    status: 409,
  },
  {
    as: 'lessee1',
    command: 'lease create dell3 lessee1',
    send: 'POST /lease/v1/leases',
    body: { project_id: 'lessee1', resource_uuid: 'dell3' },
    status: 403,
  },
  {
    as: 'owner1',
    command: 'lease create dell3 gone',
    send: 'POST /lease/v1/leases',
    body: { project_id: 'gone', resource_uuid: 'dell3' },
    status: 400,
  },
  { as: 'lessee1', command: 'lease show conf-lease', send: 'GET /lease/v1/leases/conf-lease', status: 200, shows: { purpose: 'testing' } },
  {
    as: 'lessee1',
    command: 'lease list --purpose testing',
    send: 'GET /lease/v1/leases?purpose=testing',
    status: 200,
    shows: { leases: [{ name: 'conf-lease' }] },
  },
]

const nodesAndEvents: readonly Request[] = [
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

const ends: readonly Request[] = [
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

export const requests: readonly Request[] = [...offers, ...claims, ...leases, ...nodesAndEvents, ...ends]
