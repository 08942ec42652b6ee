import type { Story } from '../question.ts'
import { identityDocuments } from './identity-documents.ts'
import { identityLogin } from './identity-login.ts'

export const identity: readonly Story[] = [...identityDocuments, ...identityLogin]
