import type { PolicyDefault } from '../../kit/policy/types.ts'

const rule = (name: string, text: string, doc: string, ...operations: string[]): PolicyDefault => ({ name, rule: text, doc, operations })
const member = 'rule:is_admin or rule:is_owner or rule:is_lessee'
const tied = 'rule:is_admin or rule:is_lease_owner or rule:is_lease_lessee'

/** The original's rules under their own names; the last group is ours. */
export const policies: readonly PolicyDefault[] = [
  rule('is_admin', 'role:admin or role:esi_leap_admin', 'Whoever may do everything.'),
  rule('is_owner', 'role:owner or role:esi_leap_owner', 'Whoever may offer and lease out.'),
  rule('is_lessee', 'role:lessee or role:esi_leap_lessee', 'Whoever may claim.'),
  rule('is_offer_owner', 'project_id:%(offer.project_id)s', "The offer's project."),
  rule('is_lease_owner', 'project_id:%(lease.owner_id)s', 'The project that leases out.'),
  rule('is_lease_lessee', 'project_id:%(lease.project_id)s', 'The project that the lease is for.'),
  rule(
    'esi_leap:lease:lease_admin',
    'rule:is_admin',
    'All leases, of any length.',
    'POST /v1/leases',
    'GET /v1/leases',
    'POST /v1/offers/{offer}/claim',
  ),
  rule('esi_leap:lease:create', 'rule:is_admin or rule:is_owner', 'Lease something out directly.', 'POST /v1/leases'),
  rule('esi_leap:lease:update', 'rule:is_admin', "Move a lease's end.", 'PATCH /v1/leases/{lease}'),
  rule('esi_leap:lease:get', tied, 'See a lease.', 'GET /v1/leases/{lease}'),
  rule('esi_leap:lease:get_all', member, "List the project's leases.", 'GET /v1/leases'),
  rule('esi_leap:lease:delete', tied, 'End a lease.', 'DELETE /v1/leases/{lease}'),
  rule('esi_leap:offer:offer_admin', 'rule:is_admin', 'All offers, and offers of what others own.', 'POST /v1/offers', 'GET /v1/offers'),
  rule('esi_leap:offer:create', 'rule:is_admin or rule:is_owner', 'Offer something.', 'POST /v1/offers'),
  rule('esi_leap:offer:get', member, 'See an offer.', 'GET /v1/offers/{offer}'),
  rule('esi_leap:offer:get_all', member, 'List offers.', 'GET /v1/offers'),
  rule('esi_leap:offer:delete', 'rule:is_admin or rule:is_offer_owner', 'End an offer.', 'DELETE /v1/offers/{offer}'),
  rule('esi_leap:offer:claim', member, 'Lease what is offered.', 'POST /v1/offers/{offer}/claim'),
  rule('esi_leap:node:node_admin', 'rule:is_admin', 'Offers and leases of all nodes.', 'GET /v1/nodes'),
  rule('esi_leap:node:get_all', member, 'List nodes with their offers and leases.', 'GET /v1/nodes'),
  rule('esi_leap:event:event_admin', 'rule:is_admin', "All projects' events.", 'GET /v1/events'),
  rule('esi_leap:event:get_all', member, "List the project's events.", 'GET /v1/events'),
  rule('esi_leap:console_auth_token:create', member, 'A key to the console of a visible node.', 'POST /v1/console_auth_tokens'),
  rule(
    'esi_leap:console_auth_token:delete',
    member,
    'Void all keys to the console of a visible node.',
    'DELETE /v1/console_auth_tokens/{node}',
  ),
  rule(
    'esi_leap:maintenance:create',
    'rule:is_admin or rule:is_owner',
    'Keep a thing of ones own from being leased.',
    'POST /v1/maintenances',
  ),
  rule('esi_leap:maintenance:get_all', 'rule:is_admin or rule:is_owner', "List the project's maintenance.", 'GET /v1/maintenances'),
  rule(
    'esi_leap:maintenance:delete',
    'rule:is_admin or rule:is_owner',
    "End the project's maintenance.",
    'DELETE /v1/maintenances/{maintenance}',
  ),
]
