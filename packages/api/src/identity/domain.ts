import { once, resource, rw } from '../define.ts'
import { string } from '../types.ts'
import { flag, id, isFlag, name, options, tags } from './types.ts'

/** A realm of names: users, groups and projects belong to one. It is itself a project that acts as one. */
export const domain = resource({
  service: 'identity',
  name: 'domain',
  plural: 'domains',
  path: '/v3/domains',
  id: 'id',
  fields: {
    /** Chosen by clients as `explicit_domain_id`. */
    id: once(id(), { filter: true }),
    name: rw(name(64), { required: true, filter: true, sort: true }),
    description: rw(string(65_535), { nullable: true, default: '' }),
    enabled: rw(flag(), { default: true, filter: true }),
    tags: rw(tags(), { default: [] }),
    options: rw(options({ immutable: isFlag }), { default: {} }),
  },
  policy: {
    list: 'identity:list_domains',
    show: 'identity:get_domain',
    create: 'identity:create_domain',
    update: 'identity:update_domain',
    delete: 'identity:delete_domain',
  },
  relations: { id: 'id' },
  additional: true,
  ignored: ['explicit_domain_id'],
  columns: { list: ['id', 'name', 'enabled', 'description'] },
})
