import { resource, ro, rw } from '../define.ts'
import { string } from '../types.ts'
import { id, isFlag, name, options } from './types.ts'

/** What somebody may be in a project, in a domain or in the system. Without a domain it is everybody's. */
export const role = resource({
  service: 'identity',
  name: 'role',
  plural: 'roles',
  path: '/v3/roles',
  id: 'id',
  fields: {
    id: ro(id(), { filter: true }),
    name: rw(name(255), { required: true, filter: true, sort: true }),
    domain_id: rw(id(), { nullable: true }),
    description: rw(string(255), { nullable: true }),
    options: rw(options({ immutable: isFlag }), { default: {} }),
  },
  policy: {
    list: 'identity:list_roles',
    show: 'identity:get_role',
    create: 'identity:create_role',
    update: 'identity:update_role',
    delete: 'identity:delete_role',
  },
  relations: { name: 'name', domain_id: 'domain_id' },
  additional: true,
  queries: { domain_id: { type: id() } },
  columns: { list: ['id', 'name'], long: ['domain_id', 'description'] },
})
