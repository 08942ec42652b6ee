import { resource, ro, rw } from '../define.ts'
import { oneOf } from '../types.ts'
import { flag, id, url } from './types.ts'

/** Where a service is reached. `%(project_id)s` and `$(project_id)s` in its URL stand for the token's project. */
export const endpoint = resource({
  service: 'identity',
  name: 'endpoint',
  plural: 'endpoints',
  path: '/v3/endpoints',
  id: 'id',
  fields: {
    id: ro(id(), { filter: true }),
    // A word that is none finds nothing.
    interface: rw({ ...oneOf('admin', 'internal', 'public'), query: (text: string) => text as 'public' }, { required: true, filter: true }),
    region_id: rw(id(), { nullable: true, filter: true }),
    /** An older word for `region_id`. */
    region: rw(id(), { nullable: true, computed: true }),
    service_id: rw(id(), { required: true, filter: true }),
    url: rw(url(255), { required: true }),
    enabled: rw(flag(), { default: true, filter: true }),
  },
  policy: {
    list: 'identity:list_endpoints',
    show: 'identity:get_endpoint',
    create: 'identity:create_endpoint',
    update: 'identity:update_endpoint',
    delete: 'identity:delete_endpoint',
  },
  relations: {},
  additional: true,
  columns: { list: ['id', 'region_id', 'service_id', 'interface', 'url', 'enabled'] },
})
