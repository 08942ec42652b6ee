import type { Conductor } from '../../../kit/work/conductor.ts'
import type { World } from '../world.ts'
import { allocationConductor } from './allocation.ts'
import { passwordConductor } from './bmc-password.ts'
import { discoveryConductor } from './discovery.ts'
import { hardwareCalls } from './hardware-call.ts'
import { nodeConductor } from './node.ts'
import { stuckConductor } from './node-stuck.ts'
import { powerSync } from './power-sync.ts'
import { replacementConductor } from './replacement.ts'
import { retirementConductor } from './retirement.ts'

/** Everything that the service conducts. */
export const conductorsOf = (world: World): readonly Conductor[] => [
  nodeConductor(world),
  powerSync(world),
  hardwareCalls(world),
  stuckConductor(world),
  allocationConductor(world),
  discoveryConductor(world),
  passwordConductor(world),
  retirementConductor(world),
  replacementConductor(world),
]
