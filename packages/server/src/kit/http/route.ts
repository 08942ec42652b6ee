import type { AnyResource, Body, BodyOf, RouteSpec, Version } from '@esi/api/define'
import type { WireRequest } from '@esi/api/dialect'
import type { Instant } from '@esi/api/time'
import type { Caller, Credentials } from '../auth/caller.ts'
import type { Origin } from '../db/transaction.ts'
import type { Log } from '../log/log.ts'
import type { Target } from '../policy/types.ts'

/** One request, with all that its handler may know of the world outside the database. */
export interface Context extends Origin {
  /** `req-<uuid>`, as in `X-Openstack-Request-Id`. */
  readonly id: string
  readonly at: Instant
  readonly version: Version
  /** Absent on open routes without a token. */
  readonly caller: Caller | undefined
  /** The caller as rules know it; throws `Refused('unauthenticated')` when there is none. */
  readonly who: Credentials
  /** The project the token is for. */
  readonly project: string | undefined
  readonly wire: WireRequest
  readonly address: string
  readonly log: Log
  readonly signal: AbortSignal
  may(rule: string, target?: Target): boolean
  /** Throws `Refused('forbidden')` in the original's words. */
  require(rule: string, target?: Target): void
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON; `Json` text and streams go out as they are. */
  readonly body?: unknown
}

export interface Input<B extends Body = Body, Q extends Body = Body> {
  readonly params: Readonly<Record<string, string>>
  readonly body: BodyOf<B>
  readonly query: BodyOf<Q>
  /** The body as it came, for routes that declare none. */
  readonly raw: unknown
}

export interface Route {
  readonly spec: RouteSpec
  /** The resource whose plain operation it is, and which one; for OpenAPI. */
  readonly of?: { readonly resource: AnyResource; readonly operation: 'list' | 'show' | 'create' | 'update' | 'delete' }
  handle(context: Context, input: Input<any, any>): Promise<Reply>
}

/** A declared route and what it does, typed by its declaration. */
export const handle = <const S extends RouteSpec>(
  spec: S,
  run: (
    context: Context,
    input: Input<S['body'] extends Body ? S['body'] : Body, S['query'] extends Body ? S['query'] : Body>,
  ) => Promise<Reply>,
): Route => ({ spec, handle: run as Route['handle'] })
