import type { Outcome } from '../harness/outcome.ts'
import { applySkips, type Skips } from '../harness/skips.ts'
import { runVitest } from '../harness/vitest.ts'
import { COMMAND, installed } from './sushy.ts'

const CONFIG = 'conformance/redfish/vitest.config.ts'

/** The contract of BMC drivers, by our Redfish driver on OpenStack's Redfish emulator. */
export const redfishSushy = async ({ skips, only }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
  if (!installed())
    return [{ id: 'all', result: 'skipped', why: `needs the command ${COMMAND} of sushy-tools, of which Debian has no package` }]
  return applySkips(skips, 'redfish-sushy', await runVitest(CONFIG, 'conformance/redfish/contracts/sushy.contract.ts', { only }))
}
