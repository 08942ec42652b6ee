import { consumer as consumerTable } from '@esi/api/identity/consumer'
import { credential as credentialTable } from '@esi/api/identity/credential'
import {
  identityProvider as identityProviderTable,
  mapping as mappingTable,
  serviceProvider as serviceProviderTable,
} from '@esi/api/identity/federation'
import { trust as trustTable } from '@esi/api/identity/trust'
import { toDomain, toProject, toRole, toUser } from './refers.ts'
import { switched, tableCrud } from './table-crud.ts'

/** Who is believed elsewhere or lent something here, in the words of the original's client. */
export const identityProvider = tableCrud(identityProviderTable, {
  ...switched,
  makes: 'by id',
  names: { ...switched.names, domain_id: 'domain', remote_ids: 'remote-id', authorization_ttl: 'authorization-ttl' },
  refers: { domain_id: toDomain },
  lines: { remote_ids: 'remote-id-file' },
})
export const serviceProvider = tableCrud(serviceProviderTable, {
  ...switched,
  makes: 'by id',
  names: { ...switched.names, sp_url: 'service-provider-url' },
})
export const mapping = tableCrud(mappingTable, { makes: 'by id' })
export const consumer = tableCrud(consumerTable)
export const credential = tableCrud(credentialTable, {
  names: { user_id: 'user', project_id: 'project' },
  args: ['user_id'],
  refers: { user_id: toUser, project_id: toProject },
  domains: { user_id: 'user-domain' },
})
export const trust = tableCrud(trustTable, {
  names: {
    trustor_user_id: 'trustor',
    trustee_user_id: 'trustee',
    project_id: 'project',
    roles: 'role',
    expires_at: 'expiration',
    impersonation: 'impersonate',
  },
  args: ['trustor_user_id', 'trustee_user_id'],
  no: { impersonation: 'no-impersonate' },
  refers: { trustor_user_id: toUser, trustee_user_id: toUser, project_id: toProject, roles: toRole },
  domains: { trustor_user_id: 'trustor-domain', trustee_user_id: 'trustee-domain', project_id: 'project-domain' },
})
