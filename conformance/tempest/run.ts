import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { debian } from '../../tools/debian.ts'
import { startBareSite } from '../harness/bare.ts'
import type { Outcome } from '../harness/outcome.ts'
import { runPython } from '../harness/python.ts'
import { applySkips, type Skips } from '../harness/skips.ts'
import { tempestConf } from './conf.ts'

export interface TempestSuite {
  readonly name: string
  readonly packages: readonly string[]
  readonly modules: readonly string[]
  readonly without?: readonly string[]
}

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url))

/** Runs tempest's modules on a fresh site, class by class, in one process. */
export const tempest =
  (suite: TempestSuite) =>
  async ({ skips, only = '' }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
    const { ready, why } = debian(...suite.packages)
    if (!ready) return [{ id: 'all', result: 'skipped', why }]
    const site = await startBareSite({ baremetal: { drivers: ['fake-hardware', 'ipmi', 'redfish'] } })
    try {
      const folder = join(site.folder, 'tempest')
      mkdirSync(folder)
      writeFileSync(
        join(folder, 'tempest.conf'),
        tempestConf({ url: site.url, folder, adminPassword: site.adminPassword, microversions: ['1.1', '1.78'] }),
        { mode: 0o600 },
      )
      const argv = ['--only', only, ...(suite.without ?? []).flatMap(m => ['--without', m]), ...suite.modules]
      const env = { TEMPEST_CONFIG_DIR: folder, TEMPEST_CONFIG: 'tempest.conf' }
      return applySkips(skips, suite.name, await runPython(DRIVER, argv, { cwd: folder, env }))
    } finally {
      await site.stop()
    }
  }
