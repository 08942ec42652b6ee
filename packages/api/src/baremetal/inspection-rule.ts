import { once, resource, ro, rw } from '../define.ts'
import { bool, int, list, string, time, uuid } from '../types.ts'
import { actions, conditions } from './inspection-ops.ts'

/** What inspection does with what it finds, by condition. Source: the Bare Metal API reference. */
export const inspectionRule = resource({
  service: 'baremetal',
  name: 'inspection_rule',
  plural: 'inspection_rules',
  path: '/v1/inspection_rules',
  id: 'uuid',
  since: 96,
  relations: {},
  policy: {
    list: 'baremetal:inspection_rule:get',
    show: 'baremetal:inspection_rule:get',
    create: 'baremetal:inspection_rule:create',
    update: 'baremetal:inspection_rule:update',
    delete: 'baremetal:inspection_rule:delete',
  },
  brief: ['uuid', 'priority', 'phase', 'description', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    description: rw(string(255), { nullable: true, default: null, sort: true }),
    phase: rw(string(16), { nullable: true, default: 'main', sort: true, filter: true }),
    priority: rw(int(0, 9999), { default: 0, sort: true, doc: 'The highest comes first.' }),
    sensitive: rw(bool(), { default: false, doc: 'Conditions and actions are shown to nobody, and stay so.' }),
    conditions: rw(conditions(), { default: [], secret: true }),
    actions: rw(actions(), { required: true, secret: true }),
    created_at: ro(time(), { nullable: true, sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    links: ro(list(), { computed: true }),
  },
  columns: { list: ['uuid', 'description', 'phase', 'priority'], long: ['sensitive', 'conditions', 'actions'] },
  doc: 'What inspection does with what it finds.',
})
