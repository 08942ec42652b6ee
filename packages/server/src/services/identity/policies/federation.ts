import type { PolicyDefault } from '../../../kit/policy/types.ts'
import { ADMIN, READERS, rule } from './rule.ts'

/** Who may come from elsewhere, and as whom. */
export const federation: readonly PolicyDefault[] = [
  // identity_provider
  rule('identity:create_identity_provider', ADMIN, 'Create identity provider.', ['PUT /v3/OS-FEDERATION/identity_providers/:idp']),
  rule('identity:list_identity_providers', READERS, 'List identity providers.', ['GET /v3/OS-FEDERATION/identity_providers']),
  rule('identity:get_identity_provider', READERS, 'Get identity provider.', ['GET /v3/OS-FEDERATION/identity_providers/:idp']),
  rule('identity:update_identity_provider', ADMIN, 'Update identity provider.', ['PATCH /v3/OS-FEDERATION/identity_providers/:idp']),
  rule('identity:delete_identity_provider', ADMIN, 'Delete identity provider.', ['DELETE /v3/OS-FEDERATION/identity_providers/:idp']),
  // protocol
  rule('identity:create_protocol', ADMIN, 'Create federated protocol.', [
    'PUT /v3/OS-FEDERATION/identity_providers/:idp/protocols/:protocol',
  ]),
  rule('identity:update_protocol', ADMIN, 'Update federated protocol.', [
    'PATCH /v3/OS-FEDERATION/identity_providers/:idp/protocols/:protocol',
  ]),
  rule('identity:get_protocol', READERS, 'Get federated protocol.', ['GET /v3/OS-FEDERATION/identity_providers/:idp/protocols/:protocol']),
  rule('identity:list_protocols', READERS, 'List federated protocols.', ['GET /v3/OS-FEDERATION/identity_providers/:idp/protocols']),
  rule('identity:delete_protocol', ADMIN, 'Delete federated protocol.', [
    'DELETE /v3/OS-FEDERATION/identity_providers/:idp/protocols/:protocol',
  ]),
  // mapping
  rule('identity:create_mapping', ADMIN, 'Create a new federated mapping containing one or more sets of rules.', [
    'PUT /v3/OS-FEDERATION/mappings/:mapping',
  ]),
  rule('identity:get_mapping', READERS, 'Get a federated mapping.', ['GET /v3/OS-FEDERATION/mappings/:mapping']),
  rule('identity:list_mappings', READERS, 'List federated mappings.', ['GET /v3/OS-FEDERATION/mappings']),
  rule('identity:delete_mapping', ADMIN, 'Delete a federated mapping.', ['DELETE /v3/OS-FEDERATION/mappings/:mapping']),
  rule('identity:update_mapping', ADMIN, 'Update a federated mapping.', ['PATCH /v3/OS-FEDERATION/mappings/:mapping']),
  // service_provider
  rule('identity:create_service_provider', ADMIN, 'Create federated service provider.', [
    'PUT /v3/OS-FEDERATION/service_providers/:service_provider',
  ]),
  rule('identity:list_service_providers', READERS, 'List federated service providers.', ['GET /v3/OS-FEDERATION/service_providers']),
  rule('identity:get_service_provider', READERS, 'Get federated service provider.', [
    'GET /v3/OS-FEDERATION/service_providers/:service_provider',
  ]),
  rule('identity:update_service_provider', ADMIN, 'Update federated service provider.', [
    'PATCH /v3/OS-FEDERATION/service_providers/:service_provider',
  ]),
  rule('identity:delete_service_provider', ADMIN, 'Delete federated service provider.', [
    'DELETE /v3/OS-FEDERATION/service_providers/:service_provider',
  ]),
]
