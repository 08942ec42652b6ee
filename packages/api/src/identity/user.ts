import { resource, ro, rw } from '../define.ts'
import { list, string, time } from '../types.ts'
import { flag, id, isFlag, name, options } from './types.ts'

const rules = (value: unknown): boolean =>
  Array.isArray(value) && value.every(rule => Array.isArray(rule) && rule.length > 0 && rule.every(method => typeof method === 'string'))

/** Who logs in. Attributes that Keystone does not know are kept as they come (an e-mail address, say). */
export const user = resource({
  service: 'identity',
  name: 'user',
  plural: 'users',
  path: '/v3/users',
  id: 'id',
  fields: {
    id: ro(id(), { filter: true }),
    name: rw(name(255), { required: true, filter: true, sort: true }),
    domain_id: rw(id(), { filter: true }),
    enabled: rw(flag(), { default: true, filter: true }),
    default_project_id: rw(id(), { nullable: true }),
    /** Never read back. */
    password: rw(string(4096), { nullable: true, secret: true, computed: true }),
    password_expires_at: ro(time(), { nullable: true }),
    options: rw(
      options({
        ignore_change_password_upon_first_use: isFlag,
        ignore_password_expiry: isFlag,
        ignore_lockout_failure_attempts: isFlag,
        ignore_user_inactivity: isFlag,
        lock_password: isFlag,
        multi_factor_auth_enabled: isFlag,
        multi_factor_auth_rules: rules,
      }),
      { default: {} },
    ),
    /** As whom identity providers know the user: `idp_id`, and `protocols` with `protocol_id` and `unique_id`. */
    federated: rw(list(), { computed: true }),
  },
  policy: {
    list: 'identity:list_users',
    show: 'identity:get_user',
    create: 'identity:create_user',
    update: 'identity:update_user',
    delete: 'identity:delete_user',
  },
  relations: { id: 'id', domain_id: 'domain_id' },
  additional: true,
  queries: {
    password_expires_at: { type: string() },
    /** Of users whom a provider elsewhere knows. */
    idp_id: { type: string() },
    protocol_id: { type: string() },
    unique_id: { type: string() },
  },
  columns: { list: ['id', 'name'], long: ['domain_id', 'enabled'] },
})
