import { dialect } from '@esi/api/identity/dialect'
import { endpointGroup } from '@esi/api/identity/endpoint-group'
import { policy } from '@esi/api/identity/policy'
import { endpointGroups } from '../store/endpoint-filter.ts'
import { policyStore } from '../store/policies.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'

export const policyResource = (house: House): Keystone =>
  new Keystone({ resource: policy, dialect, database: house.database, store: policyStore, concerns: () => [] })

export const endpointGroupResource = (house: House): Keystone =>
  new Keystone({ resource: endpointGroup, dialect, database: house.database, store: endpointGroups, concerns: () => [] })
