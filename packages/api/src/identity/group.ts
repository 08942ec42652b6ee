import { resource, ro, rw } from '../define.ts'
import { string } from '../types.ts'
import { id, name } from './types.ts'

/** Users who have what the group has. */
export const group = resource({
  service: 'identity',
  name: 'group',
  plural: 'groups',
  path: '/v3/groups',
  id: 'id',
  fields: {
    id: ro(id(), { filter: true }),
    name: rw(name(64), { required: true, filter: true, sort: true }),
    domain_id: rw(id(), { filter: true }),
    description: rw(string(65_535), { nullable: true, default: '' }),
  },
  policy: {
    list: 'identity:list_groups',
    show: 'identity:get_group',
    create: 'identity:create_group',
    update: 'identity:update_group',
    delete: 'identity:delete_group',
  },
  relations: { id: 'id', domain_id: 'domain_id' },
  additional: true,
  columns: { list: ['id', 'name'], long: ['domain_id', 'description'] },
})
