import type { Story } from '../question.ts'
import { identityCatalog } from './identity-catalog.ts'
import { identityDelegation } from './identity-delegation.ts'
import { identityDocuments } from './identity-documents.ts'
import { identityFederation } from './identity-federation.ts'
import { identityKeys } from './identity-keys.ts'
import { identityLimits } from './identity-limits.ts'
import { identityLogin } from './identity-login.ts'
import { identityPeople } from './identity-people.ts'
import { identityPersonas } from './identity-personas.ts'
import { identityProjects } from './identity-projects.ts'
import { identityRoles } from './identity-roles.ts'

export const identity: readonly Story[] = [
  ...identityDocuments,
  ...identityLogin,
  ...identityPeople,
  ...identityProjects,
  ...identityRoles,
  ...identityCatalog,
  ...identityLimits,
  ...identityDelegation,
  ...identityKeys,
  ...identityFederation,
  ...identityPersonas,
]
