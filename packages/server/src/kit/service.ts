import type { Dialect } from '@esi/api/dialect'
import type { Clock } from './clock/clock.ts'
import type { SealedColumn } from './db/reseal.ts'
import type { Database } from './db/transaction.ts'
import type { Reaction } from './events/event.ts'
import type { Feed } from './events/feed.ts'
import type { Reply, Route } from './http/route.ts'
import type { SocketRoute } from './http/socket-route.ts'
import type { Log } from './log/log.ts'
import type { PolicyDefault } from './policy/types.ts'
import type { Secrets } from './secrets/secrets.ts'
import type { Conductor } from './work/conductor.ts'

/** What the kit gives every service. */
export interface Kit {
  readonly clock: Clock
  readonly database: Database
  /** Events as they happen, in whatever process. */
  readonly feed: Pick<Feed, 'subscribe'>
  readonly secrets: Secrets
  readonly log: Log
  /** What clients call us: scheme, host and port, without a path; for documents and catalogs. */
  readonly publicUrl: string
  /** The folder for files that are ours; shared by the replicas on this machine. */
  readonly state: string
  /** Ends when the process stops. */
  readonly signal: AbortSignal
  /** False in a process that only answers requests. */
  readonly conducts?: boolean
}

/** A service that is up: what it serves, what it conducts, and the door through which seams call it. */
export interface Running<Door = unknown> {
  readonly routes: readonly Route[]
  readonly conductors: readonly Conductor[]
  /** What it serves over WebSockets. */
  readonly sockets?: readonly SocketRoute[]
  readonly door: Door
  /** Once a process, after migrations and before the first request. */
  start?(): Promise<void>
  stop?(): Promise<void>
  /** What an operator is to watch, at this moment; labels are names of kinds and places, never of tenants or machines. */
  measures?(): Promise<readonly Measure[]>
  /** Where machines are not as the database has them; asked while the site is held, so it may read hardware and changes nothing. */
  differences?(): Promise<readonly Difference[]>
}

export interface Measure {
  /** As Prometheus has it: `esi_<service>_…`. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly values: readonly { readonly of: Readonly<Record<string, string>>; readonly value: number }[]
}

/** Something that the database and the outside world say differently. */
export interface Difference {
  /** Id of the thing, and its name. */
  readonly thing: string
  readonly name: string | null
  readonly field: string
  readonly database: string
  /** Also why it could not be read. */
  readonly machine: string
}

export interface ServiceDef<Config = any, Needs = any, Door = any> {
  readonly name: string
  /** Path prefix: `/baremetal`. */
  readonly prefix: string
  readonly title: string
  readonly dialect: Dialect
  /** How the catalog names it: type, name and path below the public URL. */
  readonly catalog: readonly { readonly type: string; readonly name: string; readonly path: string }[]
  readonly policies: readonly PolicyDefault[]
  /** Numbered SQL files, each run once; they make and change one schema of the service's own name. */
  readonly migrations: URL
  /** Every column that holds what `Kit.secrets` has sealed, so that it can be sealed anew with another master key. */
  readonly sealed?: readonly SealedColumn[]
  /** A `late` one may be of a service that needs this one in turn: it is given as a function, for use once all are up. */
  readonly needs: Readonly<Record<string, 'required' | 'optional' | 'late'>>
  readonly config: (given: unknown) => Config
  start(kit: Kit, config: Config, needs: Needs): Running<Door>
  /** The reply to a request that no route matches, where the original has one of its own. */
  readonly notFound?: () => Reply
  /** The path that is meant by another form of it that clients use: both without the prefix. */
  readonly meant?: (path: string) => string
}

/** How a need is met: by another service's door, or by something outside. */
export interface SeamDef {
  /** What a configuration calls it where a need can be met in several ways; the provider's name for a local one. */
  readonly name: string
  readonly consumer: string
  readonly need: string
  /** The service whose door it goes through; absent for a remote one. */
  readonly provider?: string
  /** Work that the provider's events cause for the consumer. */
  readonly reactions?: readonly Reaction[]
  /** It needs neither another service nor a configuration: it is there whenever nothing else is chosen. */
  readonly own?: boolean
  make(door: any, kit: Kit, config: unknown): object
}

export const service = <Config, Needs, Door>(def: ServiceDef<Config, Needs, Door>): ServiceDef<Config, Needs, Door> => def
