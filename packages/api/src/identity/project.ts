import { resource, ro, rw } from '../define.ts'
import { string } from '../types.ts'
import { flag, id, isFlag, name, options, tags } from './types.ts'

/** Who owns and leases: a project in a domain, below another project or at its top. */
export const project = resource({
  service: 'identity',
  name: 'project',
  plural: 'projects',
  path: '/v3/projects',
  id: 'id',
  fields: {
    id: ro(id(), { filter: true }),
    name: rw(name(64), { required: true, filter: true, sort: true }),
    domain_id: rw(id(), { nullable: true, filter: true }),
    description: rw(string(65_535), { nullable: true, default: '' }),
    enabled: rw(flag(), { default: true, filter: true }),
    parent_id: rw(id(), { nullable: true, filter: true }),
    is_domain: rw(flag(), { default: false }),
    tags: rw(tags(), { default: [] }),
    options: rw(options({ immutable: isFlag }), { default: {} }),
  },
  policy: {
    list: 'identity:list_projects',
    show: 'identity:get_project',
    create: 'identity:create_project',
    update: 'identity:update_project',
    delete: 'identity:delete_project',
  },
  relations: { id: 'id', domain_id: 'domain_id' },
  additional: true,
  queries: {
    is_domain: { type: flag() },
    tags: { type: tags() },
    'tags-any': { type: tags() },
    'not-tags': { type: tags() },
    'not-tags-any': { type: tags() },
  },
  ignored: ['parents_as_list', 'parents_as_ids', 'subtree_as_list', 'subtree_as_ids', 'include_limits'],
  columns: { list: ['id', 'name'], long: ['domain_id', 'description', 'enabled'] },
})
