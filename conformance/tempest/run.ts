import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { clientEnvironment, debian, PYTHON } from '../../tools/debian.ts'
import { startBareSite } from '../harness/bare.ts'
import type { Outcome } from '../harness/outcome.ts'
import type { Skips } from '../harness/skips.ts'
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
    const site = await startBareSite({ baremetal: { drivers: ['fake-hardware', 'redfish'] } })
    try {
      const folder = join(site.folder, 'tempest')
      mkdirSync(folder)
      writeFileSync(
        join(folder, 'tempest.conf'),
        tempestConf({ url: site.url, folder, adminPassword: site.adminPassword, microversions: ['1.1', '1.78'] }),
        { mode: 0o600 },
      )
      const outcomes = await drive(folder, ['--only', only, ...(suite.without ?? []).flatMap(m => ['--without', m]), ...suite.modules])
      const allowed = skips.get(suite.name)
      return outcomes.map(o => {
        const reason = allowed?.get(o.id)
        if (reason === undefined) return o
        return o.result === 'passed'
          ? { ...o, result: 'failed', why: 'skips.yaml names it, and it passes: take it out' }
          : { ...o, result: 'skipped', why: reason }
      })
    } finally {
      await site.stop()
    }
  }

const drive = async (folder: string, argv: readonly string[]): Promise<Outcome[]> => {
  const env = clientEnvironment({ TEMPEST_CONFIG_DIR: folder, TEMPEST_CONFIG: 'tempest.conf', PYTHONWARNINGS: 'ignore', LC_ALL: 'C.UTF-8' })
  const child = spawn(PYTHON, [DRIVER, ...argv], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-10_000)))
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const outcomes: Outcome[] = []
  for await (const line of createInterface({ input: child.stdout })) outcomes.push(JSON.parse(line))
  const code = await ended
  if (code !== 0) throw new Error(`tempest ended with ${code}:\n${said}`)
  return outcomes
}
