import { fileURLToPath } from 'node:url'
import { debian } from '../../tools/debian.ts'
import type { Outcome } from '../harness/outcome.ts'
import { runPython } from '../harness/python.ts'
import { type Site, startSandbox } from '../harness/site.ts'
import { applySkips, type Skips } from '../harness/skips.ts'
import { SDK } from '../packages.ts'

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url))

/** openstacksdk, keystoneauth and Keystone's client on a sandbox that is up. */
export const runSdk = async (site: Site, skips: Skips, only = ''): Promise<Outcome[]> =>
  applySkips(skips, 'sdk', await runPython(DRIVER, ['--only', only], { cwd: site.folder, env: { OS_CLIENT_CONFIG_FILE: site.clouds } }))

export const sdk = async ({ skips, only }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
  const { ready, why } = debian(...SDK)
  if (!ready) return [{ id: 'all', result: 'skipped', why }]
  const site = await startSandbox()
  try {
    return await runSdk(site, skips, only)
  } finally {
    await site.stop()
  }
}
