import type { SeamDef } from '../kit/service.ts'
import type { Projects } from '../services/baremetal/needs.ts'

/** What identity's door offers of projects. */
interface IdentityDoor {
  readonly projects: Projects
}

/** To whom a node is given must be there. */
export const baremetalIdentity: SeamDef = {
  name: 'identity',
  consumer: 'baremetal',
  need: 'projects',
  provider: 'identity',
  make: (door: IdentityDoor): Projects => ({ find: ident => door.projects.find(ident) }),
}
