import type { Instant } from '@esi/api/time'
import type { BmcDriver } from '../../drivers/bmc/driver.ts'

/** What the service asks of others. */
export interface Needs {
  readonly drivers: Drivers
  /** Whoever books nodes; may in turn need this service, so it is asked for only when it is used. */
  readonly bookings?: () => Bookings
  readonly projects?: Projects
}

/** Where drivers come from. */
export interface Drivers {
  /** The driver of a hardware type; throws `BmcError('settings')` where there is none of that name. */
  load(name: string): Promise<BmcDriver>
}

/** What is booked on nodes, from now on. */
export interface Bookings {
  /** Until when a node is booked; FOREVER without end, undefined when it is not. */
  until(node: string): Promise<Instant | undefined>
  /**
   * From that moment on nothing more can be booked on a node that is about to leave: to be called before that is written down, which
   * takes back what it did if it never is. With `until` the node is booked beyond that, and nothing was changed; `offers` are those
   * that end then, or at once where all of them is later. `tried` changes nothing.
   */
  leave?(
    node: string,
    at: Instant,
    tried: boolean,
  ): Promise<{
    readonly until: Instant | undefined
    readonly offers: readonly { readonly uuid: string; readonly name: string | null; readonly whole: boolean }[]
  }>
  /** To be called before it is written down that it does not leave after all; the node is booked as before once it is. */
  stay?(node: string): Promise<void>
}

/** What is known of projects. */
export interface Projects {
  /** By identifier, or by a name that only one has. */
  find(ident: string): Promise<{ readonly id: string; readonly name: string } | undefined>
}
