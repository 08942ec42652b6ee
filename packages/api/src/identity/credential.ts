import { type RouteSpec, resource, ro, rw } from '../define.ts'
import { string } from '../types.ts'
import { id } from './types.ts'

/** Something that is kept for a user: keys for EC2 signatures (`ec2`), a certificate, whatever a program knows the type of. */
export const credential = resource({
  service: 'identity',
  name: 'credential',
  plural: 'credentials',
  path: '/v3/credentials',
  id: 'id',
  fields: {
    id: ro(string(64, 1)),
    user_id: rw(id(), { required: true, filter: true }),
    /** Needed for the type `ec2`. */
    project_id: rw(id(), { nullable: true }),
    type: rw(string(255, 1), { required: true, filter: true }),
    /** A text; for the type `ec2` it is JSON with `access` and `secret`. */
    blob: rw(string(65_535), { required: true, secret: true, computed: true }),
  },
  policy: {
    list: 'identity:list_credentials',
    show: 'identity:get_credential',
    create: 'identity:create_credential',
    update: 'identity:update_credential',
    delete: 'identity:delete_credential',
  },
  relations: { user_id: 'user_id' },
  additional: true,
  columns: { list: ['id', 'type', 'user_id', 'project_id'] },
})

const all = '/v3/users/:user/credentials/OS-EC2'
const one = `${all}/:access`

/** The same credentials of the type `ec2`, by their access key; and the exchange of a signature for a token. */
export const ec2Routes = {
  list: { name: 'ec2_credential.list', method: 'GET', path: all, policies: ['identity:ec2_list_credentials'], status: 200 },
  create: { name: 'ec2_credential.create', method: 'POST', path: all, policies: ['identity:ec2_create_credential'], status: 201 },
  show: { name: 'ec2_credential.show', method: 'GET', path: one, policies: ['identity:ec2_get_credential'], status: 200 },
  delete: { name: 'ec2_credential.delete', method: 'DELETE', path: one, policies: ['identity:ec2_delete_credential'], status: 204 },
  s3: { name: 's3_token.issue', method: 'POST', path: '/v3/s3tokens', policies: ['identity:s3tokens_validate'], status: 200 },
  token: { name: 'ec2_token.issue', method: 'POST', path: '/v3/ec2tokens', policies: ['identity:ec2tokens_validate'], status: 200 },
} as const satisfies Record<string, RouteSpec>
