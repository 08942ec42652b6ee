import { resource, ro, rw } from '../define.ts'
import { string } from '../types.ts'
import { id } from './types.ts'

/** A program that may ask users to lend it their roles (OAuth 1.0a). Its secret is shown once. */
export const consumer = resource({
  service: 'identity',
  name: 'consumer',
  plural: 'consumers',
  path: '/v3/OS-OAUTH1/consumers',
  id: 'id',
  fields: {
    id: ro(id()),
    description: rw(string(65_535), { nullable: true }),
  },
  policy: {
    list: 'identity:list_consumers',
    show: 'identity:get_consumer',
    create: 'identity:create_consumer',
    update: 'identity:update_consumer',
    delete: 'identity:delete_consumer',
  },
  relations: {},
  additional: true,
  columns: { list: ['id', 'description'] },
})
