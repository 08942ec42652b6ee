import type { SeamDef } from './kit/service.ts'
import { baremetalDrivers } from './seams/baremetal-drivers.ts'
import { everyoneIdentity } from './seams/everyone-identity.ts'
import { leasingBaremetal } from './seams/leasing-baremetal.ts'
import { leasingIdentity } from './seams/leasing-identity.ts'

/** Every way in which a service's need can be met. */
export const seams: readonly SeamDef[] = [everyoneIdentity, baremetalDrivers, leasingBaremetal, leasingIdentity]
