import { once, resource, ro, route, rw } from '../define.ts'
import { object, string, time, uuid } from '../types.ts'
import { when } from './time.ts'

/** A thing in another project's hands for a time. */
export const lease = resource({
  service: 'leasing',
  name: 'lease',
  plural: 'leases',
  path: '/v1/leases',
  id: 'uuid',
  alias: 'name',
  fields: {
    uuid: ro(uuid()),
    name: once(string(255), { nullable: true, sort: true }),
    project_id: once(string(255, 1), { required: true, doc: 'The lessee, by name or id.' }),
    project: ro(string(), { nullable: true }),
    owner_id: ro(string()),
    owner: ro(string(), { nullable: true }),
    resource_type: once(string(), { nullable: true }),
    resource_uuid: once(string(255, 1), { required: true, doc: 'The thing, by name or uuid.' }),
    resource: ro(string(), { nullable: true }),
    resource_class: ro(string(), { nullable: true }),
    resource_properties: ro(object()),
    start_time: once(time(), { nullable: true, sort: true, doc: 'Without it: now.' }),
    fulfill_time: ro(time(), { nullable: true, doc: 'When the lessee really got it.' }),
    expire_time: ro(time(), { nullable: true, doc: 'When the rights really ended.' }),
    end_time: rw(time(), { nullable: true, sort: true }),
    status: ro(string(), { sort: true }),
    properties: once(object(), { nullable: true }),
    purpose: once(string(255), { nullable: true }),
    offer_uuid: ro(uuid(), { nullable: true }),
    parent_lease_uuid: ro(uuid(), { nullable: true }),
    waiting: ro(string(), { nullable: true, doc: 'Why it has not begun, or not ended, although it is time.' }),
    end_record: ro(object(), { nullable: true, doc: 'What was proven when the thing was made ready for the next, and no more than that.' }),
  },
  policy: {
    list: 'esi_leap:lease:get_all',
    listAll: 'esi_leap:lease:lease_admin',
    show: 'esi_leap:lease:get',
    create: 'esi_leap:lease:create',
    update: 'esi_leap:lease:update',
    delete: 'esi_leap:lease:delete',
  },
  relations: { owner_id: 'owner_id', project_id: 'project_id' },
  queries: {
    project_id: { type: string() },
    owner_id: { type: string() },
    start_time: { type: when(), doc: 'With end_time: leases that have some of this span.' },
    end_time: { type: when() },
    status: { type: string(), doc: 'One status, or `any`. Without it: those that have not ended.' },
    offer_uuid: { type: string() },
    view: { type: string(), doc: '`all`: those of all projects.' },
    resource_type: { type: string() },
    resource_uuid: { type: string() },
    resource_class: { type: string() },
    purpose: { type: string() },
  },
  columns: {
    list: ['uuid', 'resource', 'resource_class', 'project', 'start_time', 'end_time', 'offer_uuid', 'status', 'purpose'],
    long: ['resource_properties', 'expire_time', 'fulfill_time', 'owner', 'parent_lease_uuid', 'waiting'],
  },
})

/**
 * A lease within an offer. The original takes every field of a lease here and looks at these five; the others are read and do
 * not count.
 */
export const claim = route({
  name: 'offer.claim',
  method: 'POST',
  path: '/v1/offers/:offer/claim',
  policies: ['esi_leap:offer:claim'],
  body: {
    start_time: { type: time(), nullable: true, doc: 'Without it: now.' },
    end_time: { type: time(), nullable: true, doc: 'Without it: as long as leases usually are, at most to what comes next.' },
    name: { type: string(255), nullable: true },
    purpose: { type: string(255), nullable: true },
    properties: { type: object(), nullable: true },
    project_id: { type: string(), nullable: true, doc: 'Not looked at: the lessee is who claims.' },
    resource_type: { type: string(), nullable: true, doc: 'Not looked at.' },
    resource_uuid: { type: string(), nullable: true, doc: 'Not looked at.' },
    resource_class: { type: string(), nullable: true, doc: 'Not looked at.' },
  },
  status: 201,
})
