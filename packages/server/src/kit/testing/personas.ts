import type { Caller } from '../auth/caller.ts'

const ROLES = ['admin', 'manager', 'member', 'reader'] as const

/** A caller with a project of that name; with `member` come the roles that it implies. */
export const persona = (name: string, role: (typeof ROLES)[number], project: string = name): Caller => ({
  user: { id: idOf(`user ${name}`), name, domain: 'default' },
  project: { id: idOf(`project ${project}`), name: project, domain: 'default' },
  roles: ROLES.slice(ROLES.indexOf(role)),
})

/** The same id for the same words, in every run. */
export const idOf = (words: string): string => Buffer.from(words.padEnd(16, '.').slice(-16)).toString('hex')

/** Who asks in tests, by the token that each of them has. */
export const personas = {
  admin: persona('admin', 'admin'),
  /** Owns things. */
  owner: persona('owner', 'member'),
  /** Reads what the owner's project has, and no more. */
  auditor: persona('auditor', 'reader', 'owner'),
  lessee: persona('lessee', 'member'),
  /** Has nothing to do with either. */
  stranger: persona('stranger', 'member'),
  system: { user: { id: idOf('user system'), name: 'system', domain: 'default' }, system: true, roles: [...ROLES] },
} as const satisfies Record<string, Caller>

export type Persona = keyof typeof personas
