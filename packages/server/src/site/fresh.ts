import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'

/** What the configuration of a site is called where none is named. */
export const SITE_FILE = 'esi.yaml'

const HEAD = `# A site. All settings are in docs/configuration.md; each can also be given as ESI_... in the environment.
# The API speaks HTTP on this machine only. For others to reach it: listen: 0.0.0.0:7777, and tls: with certificate and key.
`

/** Writes the least that a site needs, unless there is a file; tells whether it did. What the site keeps goes beside it. */
export const writeSite = (file: string, listen: string | undefined): boolean => {
  if (existsSync(file)) return false
  const state = join(dirname(resolve(file)), 'esi-state')
  writeFileSync(file, HEAD + stringify({ listen: listen ?? '127.0.0.1:7777', state }), { flag: 'wx', mode: 0o644 })
  return true
}
