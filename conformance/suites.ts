import type { Outcome } from './harness/outcome.ts'
import type { Skips } from './harness/skips.ts'
import { openstack } from './openstack/suite.ts'

export interface Ask {
  readonly skips: Skips
  /** Only cases, stories or classes whose name has this text. */
  readonly only?: string
}

export const suites: Readonly<Record<string, (ask: Ask) => Promise<Outcome[]>>> = { openstack }
