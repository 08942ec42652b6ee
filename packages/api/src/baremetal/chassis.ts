import { once, resource, ro, rw } from '../define.ts'
import { list, object, string, time, uuid } from '../types.ts'

/** A box that holds nodes. */
export const chassis = resource({
  service: 'baremetal',
  name: 'chassis',
  plural: 'chassis',
  path: '/v1/chassis',
  id: 'uuid',
  detail: true,
  relations: {},
  policy: {
    list: 'baremetal:chassis:get',
    listAll: 'baremetal:chassis:get',
    show: 'baremetal:chassis:get',
    create: 'baremetal:chassis:create',
    update: 'baremetal:chassis:update',
    delete: 'baremetal:chassis:delete',
  },
  brief: ['uuid', 'description', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true }),
    description: rw(string(255), { nullable: true, default: null, sort: true }),
    extra: rw(object(), { default: {} }),
    created_at: ro(time(), { nullable: true, sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    links: ro(list(), { computed: true }),
    nodes: ro(list(), { computed: true }),
  },
  columns: { list: ['uuid', 'description'], long: ['created_at', 'updated_at', 'extra'] },
  doc: 'A box that holds nodes.',
})
