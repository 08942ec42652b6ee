import { resolve } from 'node:path'
import { siteTable } from '../config.ts'
import { readConfigFile } from '../kit/config/file.ts'
import { readConfig } from '../kit/config/read.ts'
import { createLog } from '../kit/log/create.ts'
import { type SiteConfig, startSite } from '../main.ts'
import { hindered } from '../site/privileges.ts'
import { options, UsageError } from '../usage.ts'

const HELP = `Usage: esi-server start [--state DIR] [--listen HOST:PORT]
       esi-server start --config FILE [--listen HOST:PORT]

Without --config: a sandbox with a virtual rack, logins and a story to try, kept in the state folder. A second one on the same
folder joins as a replica. With --config: a site of yours; no virtual rack and no logins but those that you make.

  --state DIR         where everything of the sandbox is kept; .esi in the working folder if left out
  --listen HOST:PORT  where the API listens; 127.0.0.1:7777 if left out
  --config FILE       the configuration of a site (YAML)
  --log LEVEL         debug, info, warn or error; a sandbox tells only of warnings

A certificate that is renewed is shown within two seconds, by itself; SIGHUP has a site look at once. See also: esi-server reload
`

/** `esi-server start`: runs until it is told to stop. */
export const start = async (words: readonly string[]): Promise<number> => {
  const given = options(words, {
    state: { type: 'string' },
    listen: { type: 'string' },
    config: { type: 'string' },
    log: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  const over = { ...(given.listen ? { listen: given.listen } : {}), ...(given.log ? { log: { level: given.log } } : {}) }
  const stopped = signalled()
  if (given.config) {
    const file = readConfigFile(given.config)
    const config = readConfig(siteTable, { ...file, given: { ...(file.given as object), ...over }, env: process.env })
    const why = hindered(config.listen)
    if (why !== undefined) throw new UsageError(why)
    const log = createLog(config.log)
    const site = await startSite(config, log)
    log.info({ url: site.url, services: site.services.map(s => s.name), database: site.database }, 'the site is up')
    const reload = () => void site.reload().catch(e => log.error({ err: e }, 'the certificate could not be looked at'))
    process.on('SIGHUP', reload)
    await stopped
    process.off('SIGHUP', reload)
    log.info({}, 'stopping')
    await site.stop()
    return 0
  }
  const { startSandbox } = await import('../sandbox/sandbox.ts')
  const config: SiteConfig = readConfig(siteTable, {
    given: { state: resolve(given.state ?? '.esi'), log: { level: 'warn' }, ...over },
    env: process.env,
  })
  const site = await startSandbox(config, createLog({ ...config.log, format: config.log.format ?? 'text' }), text =>
    process.stdout.write(`${text}\n`),
  )
  await stopped
  process.stdout.write('stopping\n')
  await site.stop()
  return 0
}

/** Milliseconds within which two signals are one: Ctrl-C reaches the whole group, and npm hands it on once more. */
const ECHO = 1000

/** Resolves at the first SIGTERM or SIGINT; a second one does not wait for what still runs. */
const signalled = (): Promise<void> =>
  new Promise(resolve => {
    let asked: number | undefined
    const stop = () => {
      if (asked !== undefined && performance.now() - asked > ECHO) process.exit(130)
      asked ??= performance.now()
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
