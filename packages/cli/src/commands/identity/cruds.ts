import { consumer as consumerTable } from '@esi/api/identity/consumer'
import { credential as credentialTable } from '@esi/api/identity/credential'
import { domain as domainTable } from '@esi/api/identity/domain'
import { endpoint as endpointTable } from '@esi/api/identity/endpoint'
import { endpointGroup as endpointGroupTable } from '@esi/api/identity/endpoint-group'
import {
  identityProvider as identityProviderTable,
  mapping as mappingTable,
  serviceProvider as serviceProviderTable,
} from '@esi/api/identity/federation'
import { group as groupTable } from '@esi/api/identity/group'
import { limit as limitTable, registeredLimit as registeredLimitTable } from '@esi/api/identity/limit'
import { policy as policyTable } from '@esi/api/identity/policy'
import { project as projectTable } from '@esi/api/identity/project'
import { region as regionTable } from '@esi/api/identity/region'
import { role as roleTable } from '@esi/api/identity/role'
import { service as serviceTable } from '@esi/api/identity/service'
import { trust as trustTable } from '@esi/api/identity/trust'
import { user as userTable } from '@esi/api/identity/user'
import type { Crud } from '../../crud.ts'
import { anyResource } from '../../entries/entry.ts'
import { identityClient } from '../../services.ts'

const crud = (table: object, more: Pick<Crud, 'names' | 'named' | 'makes'> = {}): Crud => ({
  resource: anyResource(table),
  client: identityClient(anyResource(table)),
  ...more,
})

export const project = crud(projectTable, {
  named: true,
  names: { domain_id: 'domain', parent_id: 'parent', options: 'option', tags: 'tag' },
})
export const user = crud(userTable, { named: true, names: { domain_id: 'domain', default_project_id: 'project', options: 'option' } })
export const group = crud(groupTable, { named: true, names: { domain_id: 'domain' } })
export const domain = crud(domainTable, { named: true, names: { options: 'option', tags: 'tag' } })
export const role = crud(roleTable, { named: true, names: { domain_id: 'domain', options: 'option' } })
export const service = crud(serviceTable)
export const endpoint = crud(endpointTable, { names: { service_id: 'service', region_id: 'region' } })
export const region = crud(regionTable, { names: { parent_region_id: 'parent-region' } })

export const credential = crud(credentialTable, { names: { user_id: 'user', project_id: 'project' } })
export const consumer = crud(consumerTable)
export const endpointGroup = crud(endpointGroupTable, { named: true, names: { filters: 'filter' } })
export const identityProvider = crud(identityProviderTable, {
  makes: 'by id',
  names: { domain_id: 'domain', remote_ids: 'remote-id', authorization_ttl: 'authorization-ttl' },
})
export const serviceProvider = crud(serviceProviderTable, { makes: 'by id' })
export const mapping = crud(mappingTable, { makes: 'by id' })
export const registeredLimit = crud(registeredLimitTable, { makes: 'in lists', names: { service_id: 'service', region_id: 'region' } })
export const limit = crud(limitTable, {
  makes: 'in lists',
  names: { project_id: 'project', domain_id: 'domain', service_id: 'service', region_id: 'region' },
})
export const policy = crud(policyTable)
export const trust = crud(trustTable, {
  names: { trustor_user_id: 'trustor', trustee_user_id: 'trustee', project_id: 'project', roles: 'role', expires_at: 'expiration' },
})
