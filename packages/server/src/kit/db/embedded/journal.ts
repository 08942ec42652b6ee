import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** How far an upgrade has come, for whoever goes on with it; beside the data. */
export interface Journal {
  readonly from: string
  readonly to: string
  /** `copying`: the old data are in place, and whatever is beside them is begun anew. `switching`: the new ones are whole. */
  readonly step: 'copying' | 'switching'
  /** What the old data are called afterwards. */
  readonly kept: string
  readonly rows?: number
}

const fileOf = (data: string): string => join(dirname(data), 'upgrade.json')

export const readJournal = (data: string): Journal | undefined =>
  existsSync(fileOf(data)) ? (JSON.parse(readFileSync(fileOf(data), 'utf8')) as Journal) : undefined

export const writeJournal = (data: string, journal: Journal): void => {
  const file = fileOf(data)
  writeFileSync(`${file}.new`, `${JSON.stringify(journal)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

export const removeJournal = (data: string): void => rmSync(fileOf(data), { force: true })

/** Between two names there may be no data for a moment: no fresh ones must be made in their place. */
export const checkUpgraded = (data: string): void => {
  const journal = readJournal(data)
  if (journal)
    throw new Error(
      `The database in ${data} is being brought from PostgreSQL ${journal.from} to ${journal.to}, and that was not finished. ` +
        'Nothing is lost. Go on with: esi-server upgrade-database',
    )
}
