import type { Kysely } from 'kysely'
import type { Bmc, Settings } from '../../drivers/bmc/driver.ts'
import type { Item } from '../../kit/resource/view.ts'
import type { Secrets } from '../../kit/secrets/secrets.ts'
import { join, split } from './secrets.ts'
import { besideAtBmc } from './store/bmc-password.ts'
import type { Conducted } from './store/conduct-node.ts'
import type { World } from './world.ts'

/** The passwords of a change: one of them works. */
export interface Keys {
  readonly next: string
  /** The one that worked before; absent until that is known. */
  readonly old?: string
  /** Of a change before it that was never ended. */
  readonly others: readonly string[]
}

export const sealed = (keys: Keys, secrets: Secrets): string => secrets.seal(JSON.stringify(keys))
export const opened = (text: string, secrets: Secrets): Keys => JSON.parse(secrets.open(text)) as Keys

interface Reached {
  readonly uuid: string
  readonly driver: string
  readonly driver_info: Item
  readonly driver_secrets: string | null
}

/** The name of the account by which a node's BMC is reached; undefined where there is none, or its driver is not enabled here. */
export const accountName = (world: World, node: object): string | undefined => {
  const account = world.drivers.get((node as Reached).driver)?.account
  const name = account && (node as Reached).driver_info[account.username]
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** The other nodes that are reached by the same account of the same BMC: with its password theirs changes. */
export const sharingAccount = async (world: World, db: Kysely<any>, node: Readonly<Item>): Promise<readonly Conducted[]> => {
  const name = accountName(world, node)
  return name === undefined ? [] : (await besideAtBmc(db, String(node['uuid']))).filter(other => accountName(world, other) === name)
}

/** The password that is kept of a node's BMC; an empty one if there is none. */
export const storedPassword = (world: World, node: object): string => {
  const { driver, settings } = world.drivers.of(node as Item)
  const password = driver.account && settings[driver.account.password]
  return typeof password === 'string' ? password : ''
}

/** A node reached by another password: the driver's handle, and what is to be kept of it. */
export const withPassword = (world: World, node: object, password: string) => {
  const { uuid, driver, driver_info, driver_secrets } = node as Reached
  const known = world.drivers.get(driver)!
  const key = known.account!.password
  const whole = join(driver_info, driver_secrets, world.kit.secrets)
  const { shown, sealed: kept } = split({ ...whole, [key]: password }, world.drivers.secret(driver), driver_secrets, world.kit.secrets)
  const settings: Settings = { ...whole, [key]: password }
  return { info: shown, secrets: kept, open: (): Bmc => known.open(settings, uuid) }
}
