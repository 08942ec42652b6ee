import { isSecretKey } from '@esi/api/baremetal/masks'
import { type BmcDriver, BmcError, type Settings } from '../../drivers/bmc/driver.ts'
import type { Log } from '../../kit/log/log.ts'
import type { Item } from '../../kit/resource/view.ts'
import type { Secrets } from '../../kit/secrets/secrets.ts'
import type { Drivers } from './needs.ts'
import { join } from './secrets.ts'

/** The hardware types of this installation, loaded once before the first request. */
export class Enabled {
  readonly #drivers = new Map<string, BmcDriver>()
  readonly #secrets: Secrets
  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  async load(names: readonly string[], from: Drivers, log: Log): Promise<void> {
    for (const name of names) {
      this.#drivers.set(name, await from.load(name))
      log.debug({ driver: name }, 'loaded a driver')
    }
  }

  get names(): string[] {
    return [...this.#drivers.keys()].sort()
  }

  get(name: string): BmcDriver | undefined {
    return this.#drivers.get(name)
  }

  /** Whether a key of that driver's settings is a secret: because the driver says so, or by its name. */
  secret(name: string): (key: string) => boolean {
    const settings = this.#drivers.get(name)?.settings ?? {}
    return key => (Object.hasOwn(settings, key) && settings[key]!.secret === true) || isSecretKey(key)
  }

  /** A node's driver and its whole driver info, secrets and all: for calls to the driver only. */
  of(node: Readonly<Item>): { readonly driver: BmcDriver; readonly settings: Settings } {
    const name = node['driver'] as string
    const driver = this.get(name)
    if (!driver) throw new BmcError('settings', `The driver ${name} is not enabled here.`)
    return { driver, settings: join(node['driver_info'] as Item, node['driver_secrets'] as string | null, this.#secrets) }
  }

  async close(): Promise<void> {
    for (const driver of new Set(this.#drivers.values())) await driver.close?.()
  }
}
