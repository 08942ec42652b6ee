import { esi } from './esi/suite.ts'
import { clientSuites, functional } from './functional/suite.ts'
import type { Outcome } from './harness/outcome.ts'
import type { Skips } from './harness/skips.ts'
import { openstack } from './openstack/suite.ts'
import { contract } from './original/suite.ts'
import { ORIGINAL_IRONIC, ORIGINAL_KEYSTONE, TEMPEST, TEMPEST_BAREMETAL } from './packages.ts'
import { redfishSushy } from './redfish/suite.ts'
import { same } from './same/suite.ts'
import { sdk } from './sdk/suite.ts'
import { type TempestSuite, tempest } from './tempest/run.ts'

export interface Ask {
  readonly skips: Skips
  /** Only cases, stories or classes whose name has this text. */
  readonly only?: string
}

export const tempestIdentity: TempestSuite = {
  name: 'tempest-identity',
  packages: TEMPEST,
  modules: ['tempest.api.identity'],
  // There is no Keystone v2 any more.
  without: ['tempest.api.identity.v2', 'tempest.api.identity.admin.v2'],
}

export const tempestBaremetal: TempestSuite = {
  name: 'tempest-baremetal',
  packages: TEMPEST_BAREMETAL,
  modules: ['ironic_tempest_plugin.tests.api'],
  network: true,
}

export const suites: Readonly<Record<string, (ask: Ask) => Promise<Outcome[]>>> = {
  openstack,
  esi,
  sdk,
  same,
  ...Object.fromEntries(clientSuites.map(suite => [suite.name, functional(suite)])),
  'tempest-identity': tempest(tempestIdentity),
  'tempest-baremetal': tempest(tempestBaremetal),
  'redfish-sushy': redfishSushy,
  'seams-keystone': contract('seams-keystone', 'keystone', ORIGINAL_KEYSTONE),
  'seams-ironic': contract('seams-ironic', 'ironic', ORIGINAL_IRONIC),
}
