import { type BmcDriver, BmcError, type Settings, type Sighting } from '../../../drivers/bmc/driver.ts'
import { again, type Conductor, done, type Run, wait } from '../../../kit/work/conductor.ts'
import { sharedLom } from '../domain/discovery.ts'
import {
  type AddressRow,
  type DiscoveryRow,
  deleteDiscovery,
  discoveryBy,
  discoveryGroup,
  finishDiscovery,
  type Look,
  waitingOf,
  writeLook,
} from '../store/discovery.ts'
import type { World } from '../world.ts'
import { within } from './hand.ts'

/** Addresses that are asked at once. */
const AT_ONCE = 32
/** Milliseconds for an address to answer at all, and for a BMC to say what it is, with each account. */
const ANSWER = 5000
const TELL = 20_000
/** Milliseconds after which a run begins with no further address, and how many it takes on. */
const TURN = 45_000
const TAKE = 512

export interface Account {
  readonly username: string
  readonly password: string
}

/** Asks addresses for BMCs and what they are. It changes nothing there. */
export const discoveryConductor = (world: World): Conductor => ({
  name: 'discovery',
  key: 'the discovery’s uuid',
  reads: ['baremetal.discovery'],
  owns: ['baremetal.discovery.finished_at', 'baremetal.discovery_address.state', 'baremetal.discovery_address.found'],
  slots: 2,
  limit: 120_000,
  outside: true,
  command: 0,
  groups: () => world.config.groups,
  groupOf: key => discoveryGroup(world.database.db, key),
  async run(key, run) {
    const row = await discoveryBy(world.database.db, key)
    if (!row) return done
    if (run.now() >= row.expires_at) {
      await run.transaction(tx => deleteDiscovery(tx, key))
      return done
    }
    if (row.finished_at !== null) return wait(row.expires_at, 'then it is forgotten')
    await turn(world, row, run)
    const finished = await run.transaction(async tx => {
      if (!(await finishDiscovery(tx, key))) return false
      tx.emit('baremetal', {
        type: 'baremetal.discovery.finished',
        object: { type: 'discovery', id: key },
        projects: row.project === null ? [] : [row.project],
        data: {},
      })
      return true
    })
    return finished ? wait(row.expires_at, 'then it is forgotten') : again(0, 'further addresses')
  },
})

const turn = async (world: World, row: DiscoveryRow, run: Run): Promise<void> => {
  const accounts = row.secrets === null ? [] : (JSON.parse(world.kit.secrets.open(row.secrets)) as Account[])
  const waiting = await waitingOf(world.database.db, row.uuid, TAKE)
  const until = performance.now() + TURN
  let next = 0
  const worker = async () => {
    while (performance.now() < until) {
      const address = waiting[next++]
      if (!address) return
      const look = await lookAt(world, row, address, accounts, run.signal)
      await run.transaction(tx => writeLook(tx, address, look))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const lookAt = async (
  world: World,
  row: DiscoveryRow,
  address: AddressRow,
  accounts: readonly Account[],
  signal: AbortSignal,
): Promise<Look> => {
  const seen = await sighted(seekers(world, row.driver), address, signal)
  if (!seen) return { state: 'silent' }
  const { name, driver, sighting } = seen
  const failed = (fault: string, message: string): Look => ({ state: 'failed', driver: name, error: { fault, message } })
  if (row.trust === 'known' && sighting.certificate !== null)
    return failed(
      'certificate',
      `Nobody whom the server trusts vouches for its certificate, which is ${sighting.certificate}. It was sent no password.`,
    )
  let refused = failed('credentials', 'There is no account to log in with.')
  for (const [account, { username, password }] of accounts.entries()) {
    try {
      const settings = driver.seek!.as(sighting.settings, username, password)
      driver.check(settings)
      return {
        state: 'found',
        driver: name,
        settings: sighting.settings,
        account,
        found: await identity(driver, settings, sighting, signal),
      }
    } catch (error) {
      if (!(error instanceof BmcError)) throw error
      refused = failed(error.fault, error.message)
      // Only another account can help against a refused one.
      if (error.fault !== 'credentials') break
    }
  }
  return refused
}

const identity = async (driver: BmcDriver, settings: Settings, sighting: Sighting, signal: AbortSignal) => {
  const is = await within(signal, TELL, inner =>
    driver.open(settings, undefined).identify({
      signal: inner,
      before: async () => {
        throw new Error('a search changes nothing')
      },
    }),
  )
  const shared = sharedLom(is.macs, is.bmcMacs ?? [])
  return {
    vendor: is.vendor,
    model: is.model,
    serial: is.serial,
    uuid: is.uuid,
    bmc_version: is.bmcVersion,
    cpus: is.cpus,
    memory_mb: is.memoryMb,
    nics: is.macs.map(mac => ({ mac, shared_lom: shared.get(mac) ?? null })),
    certificate: sighting.certificate,
    weak: sighting.weak,
  }
}

export interface Seeker {
  readonly name: string
  readonly driver: BmcDriver
}

/** Hardware types that can be looked for, or the one that is wanted; several names of one driver are one. Those that tell more first. */
export const seekers = (world: World, wanted: string): readonly Seeker[] => {
  const all = world.drivers.names
    .map(name => ({ name, driver: world.drivers.get(name)! }))
    .filter(({ driver }) => driver.seek !== undefined)
  if (wanted !== 'auto') return all.filter(({ name }) => name === wanted)
  const rank = ({ driver }: Seeker) => (driver.can.includes('virtual media') ? 0 : 1)
  return all
    .filter((one, at) => all.findIndex(other => other.driver === one.driver) === at || one.name === one.driver.name)
    .filter(
      (one, _, kept) => one.name === one.driver.name || !kept.some(other => other.driver === one.driver && other.name === one.driver.name),
    )
    .sort((a, b) => rank(a) - rank(b))
}

/** The first of these that answers there; all are asked at once, because what is not there costs the whole time. */
const sighted = async (
  from: readonly Seeker[],
  { host, port }: AddressRow,
  signal: AbortSignal,
): Promise<(Seeker & { readonly sighting: Sighting }) | undefined> => {
  const enough = new AbortController()
  const until = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(ANSWER)])
  const asked = from.map(seeker => ({ seeker, answer: seeker.driver.seek!.at(host, port, until).catch(() => null) }))
  try {
    for (const { seeker, answer } of asked) {
      const sighting = await answer
      signal.throwIfAborted()
      if (sighting) return { ...seeker, sighting }
    }
    return undefined
  } finally {
    enough.abort()
  }
}
