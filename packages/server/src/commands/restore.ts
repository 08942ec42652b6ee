import { hostname, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { checkKnown, loadBackup, ours } from '../kit/db/backup/load.ts'
import { lastEvent, othersAt } from '../kit/db/backup/others.ts'
import { openBackup, proveBackup } from '../kit/db/backup/read.ts'
import type { Manifest } from '../kit/db/backup/write.ts'
import { migrationFiles } from '../kit/db/migrate.ts'
import { atDatabase } from '../site/direct.ts'
import { givenSite, SITE_HELP, SITE_OPTIONS } from '../site/given.ts'
import { keysOf } from '../site/keys.ts'
import { folders } from '../site/migrations.ts'
import { atWorkbench } from '../site/workbench.ts'
import { options, UsageError } from '../usage.ts'

const HELP = `Usage: esi-server restore --from FILE [--replace] [--dry-run] (--config FILE | --state DIR)

Makes the database what a backup says: all of it, or nothing if it is stopped on the way. Stop all servers first. Afterwards the site is
held, because the machines may not be as the backup has them: "esi-server hold --differences" compares, "esi-server hold --site --lift"
lets it go on.

  --from FILE     a file that "esi-server backup" wrote
  --replace       drops what is in the database now; without it only an empty database is filled
  --without-keys  also where the master keys are not here that its secrets are sealed with
  --dry-run       proves the file, and says what would be restored and what would be lost
${SITE_HELP}`

/** `esi-server restore`. */
export const restore = async (words: readonly string[]): Promise<number> => {
  const given = options(words, {
    ...SITE_OPTIONS,
    from: { type: 'string' },
    replace: { type: 'boolean' },
    'without-keys': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (given.from === undefined) throw new UsageError('Say what is to be restored: --from FILE.')
  const file = resolve(given.from)
  const { config, log } = givenSite(given)
  const files = migrationFiles(folders)
  const { manifest, rows } = await proveBackup(file)
  checkKnown(manifest, files)
  const total = [...rows.values()].reduce((a, b) => a + b, 0)
  say(`${file} is whole: ${total} rows of ${rows.size} tables, as they were at ${manifest.at} on PostgreSQL ${manifest.postgres}.`)
  const keyFile = config.masterKeys ?? join(config.state, 'keys', 'master')
  const lacking = keysLacking(manifest, keysOf(keyFile))
  if (lacking.length > 0) {
    const words = `Its secrets are sealed with the master keys ${lacking.join(', ')}, which ${keyFile} does not have`
    if (!given['without-keys'] && !given['dry-run']) throw new Error(`${words}. Put them there first; if they are lost: --without-keys.`)
    say(`${words}.`)
  }
  await atDatabase(config, log, async ({ client, what }) => {
    const there = await ours(client, files)
    const others = await othersAt(client)
    if (there.length > 0) say(await lost(client, what))
    if (given['dry-run']) {
      if (there.length > 0 && !given.replace) say('It would only be replaced with --replace.')
      if (others.length > 0) say(`Servers would have to be stopped first: ${others.join(', ')} (their process ids).`)
      return
    }
    if (others.length > 0) throw new Error(`Servers use the database: ${others.join(', ')} (their process ids). Stop them all first.`)
    if (there.length > 0 && !given.replace) throw new Error('Nothing was restored; with --replace what is there is dropped.')
    await loadBackup(client, await openBackup(file), { files, replace: given.replace ?? false })
  })
  if (given['dry-run']) return say('Nothing was changed.')
  // Whoever opens it next sees that it is not what it was, and holds it; so do we, before anybody else.
  const held = await atWorkbench(config, log, async ({ database, holds, clock }) => {
    await database.transaction({ at: clock.now(), by: {} }, async tx =>
      tx.emit('site', {
        type: 'site.backup.restored',
        object: { type: 'backup', id: file },
        projects: [],
        data: { by: `${userInfo().username} on ${hostname()}`, at: manifest.at, rows: total },
      }),
    )
    return (await holds.list()).some(hold => hold.scope === 'site')
  })
  say('It is restored.')
  return say(
    held
      ? 'The site is held. Start a server, compare with "esi-server hold --differences", then "esi-server hold --site --lift".'
      : 'No server had ever worked on it, so the site is not held.',
  )
}

const keysLacking = ({ about }: Manifest, here: readonly string[]): string[] =>
  (Array.isArray(about['keys']) ? (about['keys'] as string[]) : []).filter(id => !here.includes(id))

const lost = async (client: Parameters<typeof lastEvent>[0], what: string): Promise<string> => {
  const last = await lastEvent(client)
  return `${what} has a database already${last === undefined ? '' : `; the last that happened there was at ${last}`}.`
}

const say = (text: string): number => {
  process.stdout.write(`${text}\n`)
  return 0
}
