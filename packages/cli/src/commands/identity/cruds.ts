import { domain as domainTable } from '@esi/api/identity/domain'
import { endpoint as endpointTable } from '@esi/api/identity/endpoint'
import { group as groupTable } from '@esi/api/identity/group'
import { project as projectTable } from '@esi/api/identity/project'
import { region as regionTable } from '@esi/api/identity/region'
import { role as roleTable } from '@esi/api/identity/role'
import { service as serviceTable } from '@esi/api/identity/service'
import { user as userTable } from '@esi/api/identity/user'
import type { Crud } from '../../crud.ts'
import { anyResource } from '../../entries/entry.ts'
import { identityClient } from '../../services.ts'

const crud = (table: object, more: Pick<Crud, 'names' | 'named'> = {}): Crud => ({
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
