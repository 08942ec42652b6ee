import { Refused } from '@esi/api/dialect'
import { constraint } from '../../kit/db/errors.ts'

/** Every failed login is answered alike, whatever was wrong. */
export const unauthenticated = (): Refused => new Refused('unauthenticated', 'The request you have made requires authentication.')

export const noToken = (): Refused => new Refused('missing', 'Could not find token.')

export const missing = (what: string, id: string): Refused => new Refused('missing', `Could not find ${what}: ${id.slice(0, 255)}.`)

export const forbiddenAction = (what: string): Refused =>
  new Refused('forbidden', `You are not authorized to perform the requested action: ${what}.`)

export const invalid = (message: string): Refused => new Refused('invalid', message)

export const immutable = (what: string, id: string, deed: 'update' | 'delete'): Refused =>
  new Refused('forbidden', `Cannot ${deed} immutable resource: ${what} ${id}. Set resource option "immutable" to false first.`)

const conflict = (type: string, details: string): Refused =>
  new Refused('conflict', `Conflict occurred attempting to store ${type} - ${details}.`)

type Draft = Readonly<Record<string, unknown>>

const duplicate = (type: string) => (draft: Draft) => conflict(type, `Duplicate entry found with name ${String(draft['name'])}`)

/** What a broken constraint means, by its name. */
const constraints: Readonly<Record<string, (draft: Draft) => Refused>> = {
  project_name: draft =>
    conflict(
      'project',
      `it is not permitted to have two projects with either the same name or same id in the same domain: name is ${String(draft['name'])}, project id ${String(draft['id'])}`,
    ),
  domain_name: draft =>
    conflict('project', `it is not permitted to have two projects acting as domains with the same name: ${String(draft['name'])}`),
  project_pkey: draft => conflict('project', `Duplicate entry found with id ${String(draft['id'])}`),
  user_name: duplicate('user'),
  federated_user_once: () => conflict('federated_user', 'Duplicate entry'),
  group_name: duplicate('group'),
  role_name: duplicate('role'),
  application_credential_name: duplicate('application_credential'),
  registered_limit_once: () => conflict('registered_limit', 'Duplicate entry'),
  limit_once: () => conflict('limit', 'Duplicate entry'),
  registered_limit_service_id_fkey: () => invalid('Expecting to find service_id in registered_limit.'),
  registered_limit_region_id_fkey: () => invalid('Expecting to find region_id in registered_limit.'),
  identity_provider_pkey: draft => conflict('identity_provider', `Duplicate entry found with ID ${String(draft['id'])}`),
  service_provider_pkey: draft => conflict('service_provider', `Duplicate entry found with ID ${String(draft['id'])}`),
  mapping_pkey: draft => conflict('mapping', `Duplicate entry found with ID ${String(draft['id'])}`),
  protocol_mapping_id_fkey: draft =>
    new Refused('conflict', `The mapping ${String(draft['id'])} is used by a protocol and cannot be deleted.`),
  identity_provider_domain_id_fkey: () =>
    new Refused('forbidden', 'The domain is that of an identity provider; delete the identity provider first.'),
  credential_pkey: () => conflict('credential', 'Duplicate entry'),
  credential_user_id_fkey: draft => missing('user', String(draft['user_id'])),
  credential_project_id_fkey: draft => missing('project', String(draft['project_id'])),
  region_pkey: draft => conflict('region', `Duplicate ID, ${String(draft['id'])}`),
  region_parent_region_id_fkey: draft => missing('region', String(draft['parent_region_id'] ?? draft['id'])),
  endpoint_service_id_fkey: draft => invalid(`Could not find service: ${String(draft['service_id'])}.`),
  endpoint_region_id_fkey: draft => invalid(`Could not find region: ${String(draft['region_id'])}.`),
  user_domain_id_fkey: draft => missing('domain', String(draft['domain_id'])),
  group_domain_id_fkey: draft => missing('domain', String(draft['domain_id'])),
  role_domain_id_fkey: draft => missing('domain', String(draft['domain_id'])),
  project_domain_id_fkey: draft => invalid(`Could not find domain: ${String(draft['domain_id'])}.`),
  project_parent_id_fkey: draft => invalid(`Could not find project: ${String(draft['parent_id'])}.`),
}

export const refuse = (error: unknown, draft: Draft): Refused | undefined => {
  const name = constraint(error)
  return name === undefined ? undefined : constraints[name]?.(draft)
}
