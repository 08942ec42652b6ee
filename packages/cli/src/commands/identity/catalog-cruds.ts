import { endpoint as endpointTable } from '@esi/api/identity/endpoint'
import { endpointGroup as endpointGroupTable } from '@esi/api/identity/endpoint-group'
import { limit as limitTable, registeredLimit as registeredLimitTable } from '@esi/api/identity/limit'
import { policy as policyTable } from '@esi/api/identity/policy'
import { region as regionTable } from '@esi/api/identity/region'
import { service as serviceTable } from '@esi/api/identity/service'
import { toDomain, toProject, toService } from './refers.ts'
import { switched, tableCrud } from './table-crud.ts'

/** What is in the catalog, and how much of it there may be, in the words of the original's client. */
export const service = tableCrud(serviceTable, { args: ['type'], ...switched })
export const endpoint = tableCrud(endpointTable, {
  ...switched,
  names: { ...switched.names, service_id: 'service', region_id: 'region' },
  args: ['service_id', 'interface', 'url'],
  refers: { service_id: toService },
})
export const region = tableCrud(regionTable, { args: ['id'], names: { parent_region_id: 'parent-region' } })
export const endpointGroup = tableCrud(endpointGroupTable, { args: ['name', 'filters'], whole: ['filters'] })
export const registeredLimit = tableCrud(registeredLimitTable, {
  makes: 'in lists',
  args: ['resource_name'],
  names: { service_id: 'service', region_id: 'region' },
  refers: { service_id: toService },
})
export const limit = tableCrud(limitTable, {
  makes: 'in lists',
  args: ['resource_name'],
  names: { project_id: 'project', domain_id: 'domain', service_id: 'service', region_id: 'region' },
  refers: { project_id: toProject, domain_id: toDomain, service_id: toService },
})
export const policy = tableCrud(policyTable, { names: { blob: 'rules' }, args: ['blob'], files: ['blob'] })
