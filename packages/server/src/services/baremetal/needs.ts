import type { BmcDriver } from '../../drivers/bmc/driver.ts'

/** What the service asks of others. */
export interface Needs {
  readonly drivers: Drivers
}

/** Where drivers come from. */
export interface Drivers {
  /** The driver of a hardware type; throws `BmcError('settings')` where there is none of that name. */
  load(name: string): Promise<BmcDriver>
}
