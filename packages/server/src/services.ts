import type { ServiceDef } from './kit/service.ts'
import { baremetal } from './services/baremetal/index.ts'
import { identity } from './services/identity/index.ts'
import { leasing } from './services/leasing/index.ts'

/** Every service there is. */
export const services: readonly ServiceDef[] = [identity, baremetal, leasing]
