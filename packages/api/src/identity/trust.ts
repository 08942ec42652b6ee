import { once, type RouteSpec, resource, ro } from '../define.ts'
import { int, list, time } from '../types.ts'
import { flag, id } from './types.ts'

/** Roles in one project that a user lends to another: the trustor to the trustee, who logs in with the trust as scope. */
export const trust = resource({
  service: 'identity',
  name: 'trust',
  plural: 'trusts',
  path: '/v3/OS-TRUST/trusts',
  id: 'id',
  fields: {
    id: ro(id()),
    trustor_user_id: once(id(), { required: true, filter: true }),
    trustee_user_id: once(id(), { required: true, filter: true }),
    project_id: once(id(), { nullable: true }),
    /** Tokens are the trustor's, not the trustee's. */
    impersonation: once(flag(), { required: true }),
    roles: once(list()),
    expires_at: once(time(), { nullable: true }),
    /** Tokens that can still be had; null: as many as one likes. */
    remaining_uses: once(int(1), { nullable: true }),
    allow_redelegation: once(flag()),
    /** How often it may be lent on. */
    redelegation_count: once(int(0), { nullable: true }),
    redelegated_trust_id: ro(id(), { nullable: true }),
  },
  policy: {
    list: 'identity:list_trusts',
    show: 'identity:get_trust',
    create: 'identity:create_trust',
    delete: 'identity:delete_trust',
  },
  relations: {},
  additional: true,
  columns: { list: ['id', 'expires_at', 'impersonation', 'project_id', 'trustee_user_id', 'trustor_user_id'] },
})

const one = '/v3/OS-TRUST/trusts/:trust'

export const trustRoutes = {
  list: {
    name: 'trust.list',
    method: 'GET',
    path: '/v3/OS-TRUST/trusts',
    policies: ['identity:list_trusts', 'identity:list_trusts_for_trustor', 'identity:list_trusts_for_trustee'],
    status: 200,
  },
  create: { name: 'trust.create', method: 'POST', path: '/v3/OS-TRUST/trusts', policies: ['identity:create_trust'], status: 201 },
  show: { name: 'trust.show', method: 'GET', path: one, policies: ['identity:get_trust'], status: 200 },
  delete: { name: 'trust.delete', method: 'DELETE', path: one, policies: ['identity:delete_trust'], status: 204 },
  roles: { name: 'trust.roles', method: 'GET', path: `${one}/roles`, policies: ['identity:list_roles_for_trust'], status: 200 },
  role: { name: 'trust.role', method: 'GET', path: `${one}/roles/:role`, policies: ['identity:get_role_for_trust'], status: 200 },
} as const satisfies Record<string, RouteSpec>
