import type { SeamDef } from '../kit/service.ts'
import type { Projects } from '../services/leasing/needs.ts'

/** What identity's door offers of projects. */
interface IdentityDoor {
  readonly projects: Required<Projects>
}

/** Leasing asks identity for projects, and hears of new names and of those that are no more. */
export const leasingIdentity: SeamDef = {
  name: 'identity',
  consumer: 'leasing',
  need: 'projects',
  provider: 'identity',
  reactions: ['updated', 'deleted', 'holdings_ending'].map(what => ({
    on: `identity.project.${what}`,
    wake: event => [{ conductor: 'project', key: event.object.id }],
  })),
  make: (door: IdentityDoor): Projects => ({
    find: ident => door.projects.find(ident),
    names: ids => door.projects.names(ids),
    lineage: id => door.projects.lineage(id),
    ended: id => door.projects.ended(id),
  }),
}
