/** Other people's clients and tools, from Debian's packages, for the tests that need them. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'

/** The Python that Debian's python3-* packages belong to; another may be first in PATH. */
export const PYTHON = '/usr/bin/python3'

/** For running such a client: Debian's own Python first, certificates from us alone. */
export const clientEnvironment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const kept = Object.entries(process.env).filter(
    (pair): pair is [string, string] =>
      pair[1] !== undefined && !/^(\w+_CA_BUNDLE|SSL_CERT_FILE|SSL_CERT_DIR|PYTHON\w*|VIRTUAL_ENV|OS_\w+)$/.test(pair[0]),
  )
  return { ...Object.fromEntries(kept), PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${process.env['PATH'] ?? ''}`, ...more }
}

export interface Readiness {
  readonly ready: boolean
  /** What to do about it, when it is not. */
  readonly why: string
}

/** How things are run; tests put something else in its place. */
export interface Machine {
  readonly root: boolean
  readonly apt: boolean
  /** Which of the packages are not installed. */
  missing(packages: readonly string[]): string[]
  /** Runs apt-get under the lock; tells whether it ended well. */
  install(packages: readonly string[]): boolean
}

const LOCK = '/var/lock/esi-apt'
/** The lists are fetched at most once in that many milliseconds. */
const FRESH = 3_600_000
const LONGEST = 600_000

const apt = (...args: string[]): boolean =>
  spawnSync('flock', [`${LOCK}/lock`, 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: LONGEST,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' },
  }).status === 0

const missing = (packages: readonly string[]): string[] =>
  packages.filter(name => {
    const asked = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Abbrev}', name], { encoding: 'utf8' })
    return asked.status !== 0 || !asked.stdout.startsWith('ii')
  })

const updatedLately = (): boolean => {
  try {
    return Date.now() - statSync(`${LOCK}/updated`).mtimeMs < FRESH
  } catch {
    return false
  }
}

const thisMachine = (): Machine => ({
  root: process.getuid?.() === 0,
  apt: process.env['ESI_APT'] !== 'no' && existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/flock'),
  missing,
  install(packages) {
    mkdirSync(LOCK, { recursive: true })
    const get = () => apt('install', '-y', '--no-install-recommends', ...packages)
    if (get()) return true
    if (updatedLately() || !apt('update')) return false
    writeFileSync(`${LOCK}/updated`, '')
    return get()
  },
})

/**
 * Whether these packages are there; as root with apt they are installed first. For `describe.skipIf(!debian('ipmitool').ready)`.
 * `ESI_APT=no` installs nothing.
 */
export const debian = (...packages: string[]): Readiness => ready(thisMachine(), packages)

export const ready = (machine: Machine, packages: readonly string[]): Readiness => {
  const wrong = packages.filter(name => !/^[a-z0-9][a-z0-9+.-]+$/.test(name))
  if (wrong.length) throw new Error(`not a Debian package: ${wrong.join(', ')}`)
  const yes = { ready: true, why: '' }
  const lacking = machine.missing(packages)
  if (!lacking.length) return yes
  const line = `apt-get install -y --no-install-recommends ${lacking.join(' ')}`
  if (!machine.root || !machine.apt) return { ready: false, why: `needs ${lacking.join(', ')}: ${machine.root ? '' : 'sudo '}${line}` }
  machine.install(lacking)
  // Its own word counts less than what is there; another worker may have installed them.
  const left = machine.missing(lacking)
  return left.length ? { ready: false, why: `${left.join(', ')} could not be installed; see why with: ${line}` } : yes
}
