import type { Story } from '../question.ts'
import { identityDocuments } from './identity-documents.ts'
import { identityLogin } from './identity-login.ts'
import { identityPeople } from './identity-people.ts'
import { identityProjects } from './identity-projects.ts'
import { identityRoles } from './identity-roles.ts'

export const identity: readonly Story[] = [...identityDocuments, ...identityLogin, ...identityPeople, ...identityProjects, ...identityRoles]
