import type { SeamDef } from './kit/service.ts'
import { baremetalDrivers } from './seams/baremetal-drivers.ts'
import { baremetalIdentity } from './seams/baremetal-identity.ts'
import { baremetalKeystone } from './seams/baremetal-keystone.ts'
import { baremetalLeasing } from './seams/baremetal-leasing.ts'
import { everyoneIdentity } from './seams/everyone-identity.ts'
import { everyoneKeystone } from './seams/everyone-keystone.ts'
import { identityLeasing } from './seams/identity-leasing.ts'
import { leasingBaremetal } from './seams/leasing-baremetal.ts'
import { leasingIdentity } from './seams/leasing-identity.ts'
import { leasingIronic } from './seams/leasing-ironic.ts'
import { leasingKeystone } from './seams/leasing-keystone.ts'

/** Every way in which a service's need can be met. */
export const seams: readonly SeamDef[] = [
  everyoneIdentity,
  everyoneKeystone,
  baremetalDrivers,
  baremetalLeasing,
  baremetalIdentity,
  baremetalKeystone,
  identityLeasing,
  leasingBaremetal,
  leasingIronic,
  leasingIdentity,
  leasingKeystone,
]
