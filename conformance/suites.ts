import { esi } from './esi/suite.ts'
import type { Outcome } from './harness/outcome.ts'
import type { Skips } from './harness/skips.ts'
import { openstack } from './openstack/suite.ts'
import { sdk } from './sdk/suite.ts'
import { tempest } from './tempest/run.ts'

export interface Ask {
  readonly skips: Skips
  /** Only cases, stories or classes whose name has this text. */
  readonly only?: string
}

export const suites: Readonly<Record<string, (ask: Ask) => Promise<Outcome[]>>> = {
  openstack,
  esi,
  sdk,
  'tempest-identity': tempest({
    name: 'tempest-identity',
    packages: ['tempest'],
    modules: ['tempest.api.identity'],
    without: ['tempest.api.identity.v2', 'tempest.api.identity.admin.v2'],
  }),
  'tempest-baremetal': tempest({
    name: 'tempest-baremetal',
    packages: ['tempest', 'ironic-tempest-plugin'],
    modules: ['ironic_tempest_plugin.tests.api'],
  }),
}
