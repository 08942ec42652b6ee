import type { Bmc, Settings } from '../../drivers/bmc/driver.ts'
import type { Item } from '../../kit/resource/view.ts'
import type { Secrets } from '../../kit/secrets/secrets.ts'
import { join, split } from './secrets.ts'
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
