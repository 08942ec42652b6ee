import { once, resource, ro } from '../define.ts'
import { list, object, string, time, uuid } from '../types.ts'
import { when } from './time.ts'

/** A thing that its owner, or its present lessee, gives up for lease for a time. */
export const offer = resource({
  service: 'leasing',
  name: 'offer',
  plural: 'offers',
  path: '/v1/offers',
  id: 'uuid',
  alias: 'name',
  fields: {
    uuid: ro(uuid()),
    name: once(string(255), { nullable: true, sort: true }),
    project_id: ro(string()),
    project: ro(string(), { nullable: true }),
    lessee_id: once(string(), { nullable: true, doc: 'Only this project, by name or id, and those below it may see and claim the offer.' }),
    lessee: ro(string(), { nullable: true }),
    resource_type: once(string(), { nullable: true }),
    resource_uuid: once(string(255, 1), { required: true, doc: 'The thing, by name or uuid.' }),
    resource: ro(string(), { nullable: true }),
    resource_class: ro(string(), { nullable: true }),
    resource_properties: ro(object()),
    start_time: once(time(), { nullable: true, sort: true, doc: 'Without it: now.' }),
    end_time: once(time(), { nullable: true, sort: true, doc: 'Without it: for ever.' }),
    status: ro(string(), { sort: true }),
    properties: once(object(), { nullable: true }),
    availabilities: ro(list(), { computed: true, doc: 'Pairs of times between which it can be claimed; what is shown can be had.' }),
    parent_lease_uuid: ro(uuid(), { nullable: true }),
  },
  policy: {
    list: 'esi_leap:offer:get_all',
    listAll: 'esi_leap:offer:offer_admin',
    show: 'esi_leap:offer:get',
    create: 'esi_leap:offer:create',
    delete: 'esi_leap:offer:delete',
  },
  relations: { project_id: 'project_id' },
  queries: {
    project_id: { type: string() },
    resource_type: { type: string() },
    resource_class: { type: string() },
    resource_uuid: { type: string() },
    start_time: { type: when(), doc: 'With end_time: offers that contain this span.' },
    end_time: { type: when() },
    available_start_time: { type: when(), doc: 'With available_end_time: offers that are free for the whole of this span.' },
    available_end_time: { type: when() },
    status: { type: string(), doc: 'One status, or `any`. Without it: those that can still be claimed.' },
  },
  columns: {
    list: ['uuid', 'resource', 'resource_class', 'lessee', 'start_time', 'end_time', 'status', 'availabilities'],
    long: ['resource_properties', 'project', 'parent_lease_uuid'],
  },
})
