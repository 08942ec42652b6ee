import { type Bmc, BmcError, type Call } from '../../drivers/bmc/driver.ts'
import type { Difference } from '../../kit/service.ts'
import { within } from './conductors/hand.ts'
import type { Conducted } from './store/conduct-node.ts'
import { verifiedIn } from './store/known.ts'
import type { World } from './world.ts'

/** Machines that are read at once, and milliseconds that each reading may take. */
const AT_ONCE = 32
const LIMIT = 15_000

/** What machines say differently from the database, of the groups that this process serves. Reads, and changes nothing anywhere. */
export const differences = async (world: World): Promise<readonly Difference[]> => {
  const nodes = await verifiedIn(world.database.db, world.config.groups)
  const found: Difference[][] = []
  let next = 0
  const one = async (): Promise<void> => {
    for (let i = next++; i < nodes.length; i = next++) found[i] = await compare(world, nodes[i]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return found.flat()
}

const compare = async (world: World, node: Conducted): Promise<Difference[]> => {
  const differs: Difference[] = []
  const note = (field: string, database: unknown, machine: unknown) => {
    if (database === null || database === undefined || machine === null || database === machine) return
    differs.push({ thing: node.uuid, name: node.name, field, database: word(database), machine: word(machine) })
  }
  try {
    const { driver, settings } = world.drivers.of(node as unknown as Record<string, unknown>)
    const bmc = driver.open(settings, node.uuid)
    const read = <T>(work: (bmc: Bmc, call: Call) => Promise<T>): Promise<T> =>
      within(world.kit.signal, LIMIT, signal => work(bmc, { signal, before: never }))
    const known = node.driver_internal_info['identity'] as { uuid?: unknown; serial?: unknown } | undefined
    const is = await read((b, call) => b.identify(call))
    note('system uuid', known?.uuid, is.uuid)
    note('serial number', known?.serial, is.serial)
    note('power', node.power_state, `power ${await read((b, call) => b.power(call))}`)
    if (driver.can.includes('boot mode'))
      note('boot mode', node.boot_mode, await able(read(async (b, call) => (await b.bootMode?.(call)) ?? null)))
    if (driver.can.includes('secure boot'))
      note('secure boot', node.secure_boot, await able(read(async (b, call) => (await b.secureBoot?.(call)) ?? null)))
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    differs.push({
      thing: node.uuid,
      name: node.name,
      field: 'power',
      database: node.power_state ?? 'unknown',
      machine: `could not be read: ${error.message}`,
    })
  }
  return differs
}

const word = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value))

/** Nothing that is said of a machine that cannot do it. */
const able = async <T>(work: Promise<T>): Promise<T | null> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof BmcError && (error.fault === 'unsupported' || error.fault === 'refused')) return null
    throw error
  }
}

const never = (): Promise<void> => Promise.reject(new Error('what only compares must not write to a machine'))
