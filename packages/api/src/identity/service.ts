import { resource, ro, rw } from '../define.ts'
import { string } from '../types.ts'
import { flag, id, name } from './types.ts'

/** A service of the catalog. */
export const service = resource({
  service: 'identity',
  name: 'service',
  plural: 'services',
  path: '/v3/services',
  id: 'id',
  fields: {
    id: ro(id(), { filter: true }),
    type: rw(name(255), { required: true, filter: true, sort: true }),
    name: rw(string(255, 1), { filter: true, sort: true, default: '' }),
    description: rw(string(65_535), { nullable: true }),
    enabled: rw(flag(), { default: true }),
  },
  policy: {
    list: 'identity:list_services',
    show: 'identity:get_service',
    create: 'identity:create_service',
    update: 'identity:update_service',
    delete: 'identity:delete_service',
  },
  relations: {},
  additional: true,
  columns: { list: ['id', 'name', 'type'], long: ['description', 'enabled'] },
})
