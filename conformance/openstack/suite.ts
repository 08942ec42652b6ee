import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { debian } from '../../tools/debian.ts'
import type { Outcome } from '../harness/outcome.ts'
import { startSandbox } from '../harness/site.ts'
import type { Skips } from '../harness/skips.ts'
import { OPENSTACK } from '../packages.ts'
import { startClient } from './client.ts'
import { baremetal } from './rows/baremetal.ts'
import { identity } from './rows/identity.ts'
import { runStory } from './run.ts'

export const stories = [...identity, ...baremetal]

/** Every row of the openstack client, on a sandbox of its own. */
export const openstack = async ({ skips, only = '' }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
  const { ready, why } = debian(...OPENSTACK)
  if (!ready) return [{ id: 'all', result: 'skipped', why }]
  const site = await startSandbox()
  const client = startClient(withNobody(site.clouds, site.folder))
  try {
    const outcomes: Outcome[] = []
    for (const story of stories.filter(s => s.name.includes(only))) outcomes.push(...(await runStory(client, story, skips)))
    return outcomes
  } finally {
    await client.end()
    await site.stop()
  }
}

/** The sandbox's logins, and one that knows where to log in but not as whom. */
export const withNobody = (clouds: string, folder: string): string => {
  const all = parse(readFileSync(clouds, 'utf8'))
  const nobody = { ...all.clouds.admin, auth: { auth_url: all.clouds.admin.auth.auth_url } }
  const file = join(folder, 'clouds.yaml')
  writeFileSync(file, stringify({ clouds: { ...all.clouds, nobody } }), { mode: 0o600 })
  return file
}
