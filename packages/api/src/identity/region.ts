import { once, resource, rw } from '../define.ts'
import { string } from '../types.ts'
import { id } from './types.ts'

/** A part of the catalog. Its identifier may be chosen. */
export const region = resource({
  service: 'identity',
  name: 'region',
  plural: 'regions',
  path: '/v3/regions',
  id: 'id',
  fields: {
    id: once(string(255), { filter: true }),
    description: rw(string(255), { nullable: true, default: '' }),
    parent_region_id: rw(id(), { nullable: true, filter: true }),
  },
  policy: {
    list: 'identity:list_regions',
    show: 'identity:get_region',
    create: 'identity:create_region',
    update: 'identity:update_region',
    delete: 'identity:delete_region',
  },
  relations: {},
  additional: true,
  columns: { list: ['id', 'parent_region_id', 'description'] },
})
