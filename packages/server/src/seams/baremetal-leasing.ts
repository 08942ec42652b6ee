import type { SeamDef } from '../kit/service.ts'
import type { Bookings } from '../services/baremetal/needs.ts'
import type { LeasingDoor } from '../services/leasing/index.ts'

/** Until when a node is booked, leasing knows, and that nothing more is from when it leaves; whoever would remove the node asks. */
export const baremetalLeasing: SeamDef = {
  name: 'leasing',
  consumer: 'baremetal',
  need: 'bookings',
  provider: 'leasing',
  make: (door: LeasingDoor): Bookings => ({
    until: node => door.bookedUntil(node),
    leave: (node, at, tried) => door.leave(node, at, tried),
    stay: node => door.stay(node),
  }),
}
