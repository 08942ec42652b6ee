import { existsSync, statSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { contentsOf } from '../kit/db/backup/contents.ts'
import { proveBackup } from '../kit/db/backup/read.ts'
import { writeBackup } from '../kit/db/backup/write.ts'
import { migrationFiles } from '../kit/db/migrate.ts'
import { atDatabase } from '../site/direct.ts'
import { givenSite, SITE_HELP, SITE_OPTIONS } from '../site/given.ts'
import { keysOf } from '../site/keys.ts'
import { folders } from '../site/migrations.ts'
import { options, UsageError } from '../usage.ts'

const HELP = `Usage: esi-server backup --to FILE [--dry-run] (--config FILE | --state DIR)

Writes the whole database, as it is at one moment, into a file of its own format that every version of PostgreSQL from 15 on can be
restored from, and reads it back to prove it. Servers go on meanwhile. A file that is there is not written over. The master keys are not
in it: without them its secrets cannot be opened. Back with it: esi-server restore

  --to FILE   the file; ending it with a date is a good idea. Only its owner may read it
  --dry-run   only says what would be in it
${SITE_HELP}`

/** `esi-server backup`. */
export const backup = async (words: readonly string[]): Promise<number> => {
  const given = options(words, { ...SITE_OPTIONS, to: { type: 'string' }, 'dry-run': { type: 'boolean' } })
  if (given.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (given.to === undefined) throw new UsageError('Say where it is to go: --to FILE.')
  const file = resolve(given.to)
  if (existsSync(file)) throw new UsageError(`${file} is there already; a backup is not written over.`)
  const { config, log } = givenSite(given)
  const keys = keysOf(config.masterKeys ?? join(config.state, 'keys', 'master'))
  return atDatabase(config, log, async ({ client, what, tell }) => {
    if (given['dry-run']) {
      const { tables, postgres, migrations, others } = await contentsOf(client)
      say(`Would write ${tables.length} tables of ${what} (PostgreSQL ${postgres}, ${migrations.length} changes) to ${file}.`)
      return notIn(others)
    }
    const known = new Set(migrationFiles(folders).map(f => `${f.schema}/${f.name}`))
    const by = `${userInfo().username} on ${hostname()}`
    const { manifest } = await writeBackup(client, file, { by, keys })
    const { rows } = await proveBackup(file)
    const total = [...rows.values()].reduce((a, b) => a + b, 0)
    const size = statSync(file).size
    const newer = manifest.migrations.filter(m => !known.has(`${m.schema}/${m.name}`))
    if (newer.length > 0) log.warn({ newer }, 'a newer version has changed the database: only that version can restore this backup')
    await tell({
      type: 'site.backup.made',
      object: { type: 'backup', id: file },
      data: { by, at: manifest.at, tables: rows.size, rows: total, bytes: size },
    })
    say(`${total} rows of ${rows.size} tables, as they were at ${manifest.at}, are in ${file} (${size} bytes), and were read back.`)
    if (keys.length > 0) say(`Its secrets are sealed with the master key ${keys[0]}: keep the key file too, somewhere else.`)
    return notIn(manifest.others)
  })
}

const notIn = (others: readonly string[]): number =>
  others.length === 0 ? 0 : say(`Not in it, because it is not ours: the schemas ${others.join(', ')}.`)

const say = (text: string): number => {
  process.stdout.write(`${text}\n`)
  return 0
}
