import type { SeamDef } from '../kit/service.ts'
import type { Holdings } from '../services/identity/needs.ts'
import type { LeasingDoor } from '../services/leasing/index.ts'

/** What projects hold, leasing knows; whoever would disable or delete one asks. */
export const identityLeasing: SeamDef = {
  name: 'leasing',
  consumer: 'identity',
  need: 'holdings',
  provider: 'leasing',
  make: (door: LeasingDoor): Holdings => ({ of: projects => door.heldBy(projects) }),
}
