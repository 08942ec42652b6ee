import type { SeamDef } from '../kit/service.ts'
import type { Projects } from '../services/leasing/needs.ts'

/** What identity's door offers of projects. */
interface IdentityDoor {
  readonly projects: Projects
}

/** Leasing asks identity for projects, and hears of new names. */
export const leasingIdentity: SeamDef = {
  name: 'identity',
  consumer: 'leasing',
  need: 'projects',
  provider: 'identity',
  reactions: [{ on: 'identity.project.updated', wake: event => [{ conductor: 'project', key: event.object.id }] }],
  make: (door: IdentityDoor): Projects => ({
    find: ident => door.projects.find(ident),
    names: ids => door.projects.names(ids),
    lineage: id => door.projects.lineage(id),
  }),
}
