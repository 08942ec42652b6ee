import { readdirSync, statfsSync, statSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fromMillis } from '@esi/api/time'
import { checkKnown } from '../kit/db/backup/load.ts'
import { proveBackup } from '../kit/db/backup/read.ts'
import { dropKept, finishUpgrade, type Plan, planUpgrade, upgrade } from '../kit/db/embedded/upgrade.ts'
import { sqlstate } from '../kit/db/errors.ts'
import { migrationFiles } from '../kit/db/migrate.ts'
import { connect } from '../kit/db/pool.ts'
import { mendEvents } from '../kit/events/mend.ts'
import { readMark } from '../kit/hold/mark.ts'
import { look, readable, trust } from '../kit/hold/store.ts'
import { suspicion } from '../kit/hold/suspicion.ts'
import { uuid } from '../kit/ids/ids.ts'
import type { Log } from '../kit/log/log.ts'
import type { SiteConfig } from '../main.ts'
import { givenSite, SITE_HELP, SITE_OPTIONS } from '../site/given.ts'
import { folders } from '../site/migrations.ts'
import { atWorkbench } from '../site/workbench.ts'
import { options, UsageError } from '../usage.ts'

const HELP = `Usage: esi-server upgrade-database [--dry-run] (--config FILE | --state DIR)
       esi-server upgrade-database --drop-old

Brings the embedded database to the PostgreSQL that this version has, when it was made by an older one. Stop all servers first. All rows
are copied into a new database beside the old one and counted, then the new one takes its place; the old one is kept. Stopped anywhere,
do it again: it goes on, and until the last moment the old database is in place as it was. The old PostgreSQL's programs are needed
once; without them the command says how to get them.

  --old-binaries DIR  where they are; found by itself where distributions have them
  --from-backup FILE  takes the rows from a backup of "esi-server backup" instead; the site is held afterwards
  --drop-old          removes the old database that an upgrade has kept
  --dry-run           only says what would be done
${SITE_HELP}`

const UNDEFINED_TABLE = '42P01'

/** `esi-server upgrade-database`. `after` is told of each step when it is done. */
export const upgradeDatabase = async (words: readonly string[], after: (step: string) => void = () => {}): Promise<number> => {
  const given = options(words, {
    ...SITE_OPTIONS,
    'old-binaries': { type: 'string' },
    'from-backup': { type: 'string' },
    'drop-old': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  if ([given['old-binaries'], given['from-backup'], given['drop-old']].filter(v => v !== undefined).length > 1)
    throw new UsageError('Say one of --old-binaries, --from-backup and --drop-old.')
  const { config, log } = givenSite(given)
  if (config.database.url !== undefined)
    throw new Error(
      'This site has a PostgreSQL of yours (database.url): upgrade it with its own tools, or move: esi-server backup, then restore into a new one.',
    )
  const folder = join(config.state, 'database')
  const files = migrationFiles(folders)
  const fromBackup = given['from-backup'] === undefined ? undefined : resolve(given['from-backup'])
  const plan = planUpgrade(folder, { oldBinaries: given['old-binaries'], fromBackup }, log)
  if (given['drop-old']) return dropOld(plan, given['dry-run'] ?? false)
  if (plan.state === 'nothing')
    return say(`The database in ${plan.data} is of PostgreSQL ${plan.to}, as this version has it.${keptToo(plan)}`)
  if (fromBackup !== undefined) checkKnown((await proveBackup(fromBackup)).manifest, files)
  if (given['dry-run']) return tell(plan, fromBackup)
  const done = await upgrade(folder, plan, {
    files,
    fromBackup,
    log,
    say,
    judge: url =>
      on(url, log, async db => isTrusted(await look(db, await readable(db)), config)).catch(e => {
        // Of a version that knew nothing of holds.
        if (sqlstate(e) === UNDEFINED_TABLE) return false
        throw e
      }),
    settle: (url, trusted) =>
      on(url, log, async (db, pool) => {
        await mendEvents(pool)
        // Whoever moved it knows that it is the same; anything else is judged at the start as always.
        if (trusted) await trust(db, await readable(db), uuid(), fromMillis(Date.now()))
      }),
    after,
  })
  finishUpgrade(plan)
  after('finished')
  await told(config, log, { from: done.from, to: done.to, rows: done.rows })
  say(`The database is of PostgreSQL ${done.to} now. The old one is kept in ${done.kept}.`)
  return say('When all is well: esi-server upgrade-database --drop-old')
}

type Db = ReturnType<typeof connect>

const on = async <T>(url: string, log: Log, work: (db: Db['db'], pool: Db['pool']) => Promise<T>): Promise<T> => {
  const connections = connect({ url, name: 'esi upgrade', size: 2, log })
  try {
    return await work(connections.db, connections.pool)
  } finally {
    await connections.end()
  }
}

const isTrusted = (seen: Awaited<ReturnType<typeof look>>, config: SiteConfig): boolean =>
  seen.site !== undefined && seen.site.found === null && suspicion(seen, readMark(join(config.state, 'site.json'))) === undefined

const told = (config: SiteConfig, log: Log, data: Record<string, unknown>): Promise<void> =>
  atWorkbench(config, log, ({ database, clock }) =>
    database.transaction({ at: clock.now(), by: {} }, async tx =>
      tx.emit('site', {
        type: 'site.database.upgraded',
        object: { type: 'database', id: hostname() },
        projects: [],
        data: { by: `${userInfo().username} on ${hostname()}`, ...data },
      }),
    ),
  )

const tell = (plan: Plan, fromBackup: string | undefined): number => {
  if (plan.state !== 'copy') return say(`An upgrade from PostgreSQL ${plan.from} to ${plan.to} was not finished; it would be.`)
  say(`The database in ${plan.data} was made by PostgreSQL ${plan.from}; this version has ${plan.to}.`)
  say(
    plan.old
      ? `It would be read with PostgreSQL ${plan.old.version} in ${plan.old.bin} and copied into a new one beside it.`
      : `A new one would be made beside it from ${fromBackup}, and the site held.`,
  )
  const { bavail, bsize } = statfsSync(dirname(plan.data))
  say(`It has ${mega(size(plan.data))} MB, and ${mega(bavail * bsize)} MB are free.`)
  return say(`The old one would be kept as data.postgresql-${plan.from} beside it. Nothing was changed.`)
}

const dropOld = (plan: Plan, dry: boolean): number => {
  if (plan.state !== 'nothing') throw new Error('The upgrade is not finished; the old database is still needed.')
  if (plan.kept.length === 0) return say('No old database is kept.')
  if (dry) return say(`Would remove ${plan.kept.map(name => join(dirname(plan.data), name)).join(', ')}.`)
  for (const at of dropKept(plan)) say(`${at} is removed.`)
  return 0
}

const keptToo = ({ data, kept }: Plan): string =>
  kept.length === 0 ? '' : ` An older one is kept in ${kept.map(name => join(dirname(data), name)).join(', ')}; --drop-old removes it.`

const mega = (bytes: number): number => Math.ceil(bytes / 1e6)

const size = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0) : 0),
    0,
  )

const say = (text: string): number => {
  process.stdout.write(`${text}\n`)
  return 0
}
