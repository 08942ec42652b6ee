import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { siteTable } from '../config.ts'
import { readConfigFile } from '../kit/config/file.ts'
import { readConfig } from '../kit/config/read.ts'
import { createLog } from '../kit/log/create.ts'
import type { Log } from '../kit/log/log.ts'
import type { SiteConfig } from '../main.ts'
import { UsageError } from '../usage.ts'

/** Options by which a command names its site. */
export const SITE_OPTIONS = { config: { type: 'string' }, state: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

export const SITE_HELP = `  --config FILE  the configuration of a site (YAML)
  --state DIR    the state folder of a sandbox; .esi in the working folder if left out
`

/** The site that a command is about. Its log goes to standard error, because the command's own words are on standard output. */
export const givenSite = (given: { config?: string | undefined; state?: string | undefined }): { config: SiteConfig; log: Log } => {
  if (given.config !== undefined && given.state !== undefined) throw new UsageError('A site has --config or --state, not both.')
  const log = (level: SiteConfig['log']['level']) => createLog({ level, format: 'text', to: process.stderr })
  if (given.config !== undefined) {
    const config: SiteConfig = readConfig(siteTable, { ...readConfigFile(given.config), env: process.env })
    return { config, log: log(config.log.level === 'info' ? 'warn' : config.log.level) }
  }
  const state = resolve(given.state ?? '.esi')
  if (!existsSync(state)) throw new UsageError(`There is no ${state}. Name the folder of a sandbox with --state, or a site with --config.`)
  return { config: readConfig(siteTable, { given: { state }, env: process.env }), log: log('warn') }
}
