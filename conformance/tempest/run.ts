import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { debian } from '../../tools/debian.ts'
import { type BareSite, startBareSite } from '../harness/bare.ts'
import { keystoneAs } from '../harness/login.ts'
import { startNetworkStandIn } from '../harness/network.ts'
import type { Outcome } from '../harness/outcome.ts'
import { runPython } from '../harness/python.ts'
import { applySkips, type Skips } from '../harness/skips.ts'
import { RULES, tempestConf } from './conf.ts'

export interface TempestSuite {
  readonly name: string
  readonly packages: readonly string[]
  readonly modules: readonly string[]
  readonly without?: readonly string[]
  /** What a test needs a network service for is made at a stand-in. */
  readonly network?: true
}

const DRIVER = fileURLToPath(new URL('../harness/unittest_driver.py', import.meta.url))

/** Runs tempest's modules on a fresh site, class by class, in one process. */
export const tempest =
  (suite: TempestSuite) =>
  async ({ skips, only = '' }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
    const { ready, why } = debian(...suite.packages)
    if (!ready) return [{ id: 'all', result: 'skipped', why }]
    await using opened = new AsyncDisposableStack()
    const site = await startBareSite({
      // As the original runs the suite: with a network interface that has VIFs.
      baremetal: { drivers: ['fake-hardware', 'ipmi', 'redfish'], ...(suite.network ? { networkInterface: 'flat' } : {}) },
      identity: { rules: { history: RULES.history, failures: RULES.failures, lockout: `${RULES.lockout}s` } },
    })
    opened.defer(() => site.stop())
    if (suite.network) {
      const network = await startNetworkStandIn()
      opened.defer(() => network.stop())
      await announce(site, network.url)
    }
    const folder = join(site.folder, 'tempest')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'tempest.conf'),
      tempestConf({
        url: site.url,
        folder,
        adminPassword: site.adminPassword,
        microversions: ['1.1', '1.78'],
        network: suite.network ?? false,
      }),
      { mode: 0o600 },
    )
    const argv = ['--only', only, ...(suite.without ?? []).flatMap(m => ['--without', m]), ...suite.modules]
    const env = { TEMPEST_CONFIG_DIR: folder, TEMPEST_CONFIG: 'tempest.conf' }
    return applySkips(skips, suite.name, await runPython(DRIVER, argv, { cwd: folder, env }))
  }

/** Puts the stand-in into the catalog, as an operator does. */
const announce = async (site: BareSite, url: string): Promise<void> => {
  const { ask } = await keystoneAs(`${site.url}/identity`, { name: 'admin', password: site.adminPassword }, 'system')
  const { service } = await ask('POST', '/v3/services', { service: { type: 'network', name: 'a stand-in' } })
  await ask('POST', '/v3/endpoints', { endpoint: { service_id: service.id, interface: 'public', region_id: 'RegionOne', url } })
}
