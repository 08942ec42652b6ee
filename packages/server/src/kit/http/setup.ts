import type { Dialect } from '@esi/api/dialect'
import type { Authenticator } from '../auth/caller.ts'
import type { Clock } from '../clock/clock.ts'
import type { Log } from '../log/log.ts'
import type { Policy } from '../policy/types.ts'
import type { Reply, Route } from './route.ts'
import type { SocketRoute } from './socket-route.ts'

/** A service as the HTTP server sees it. */
export interface Served {
  readonly name: string
  readonly prefix: string
  readonly dialect: Dialect
  readonly routes: readonly Route[]
  readonly policy: Policy
  readonly sockets?: readonly SocketRoute[]
  readonly notFound?: () => Reply
  /** The path that is meant by another form of it; both without the prefix. */
  readonly meant?: (path: string) => string
}

export interface ServerSetup {
  readonly services: readonly Served[]
  readonly authenticator: Authenticator | undefined
  readonly clock: Clock
  readonly log: Log
  readonly publicUrl?: string
  /** How one lets oneself in, for the `WWW-Authenticate` of a 401 (RFC 9110); `origin`: the scheme and host that the client called. */
  readonly challenge?: (origin: string) => string
  /** HTTPS with this certificate chain and its key, PEM. Another pair is given to the server itself: `app.server.setSecureContext`. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Seconds within which a body must have arrived; default 60. */
  readonly bodySeconds?: number
  /** Told of every request that was answered, for metrics. */
  readonly observe?: (what: { service: string; route: string; method: string; status: number; seconds: number }) => void
}
