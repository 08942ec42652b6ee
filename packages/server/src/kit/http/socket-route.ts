import type { Duplex } from 'node:stream'
import type { Log } from '../log/log.ts'

/** What a client that wants a WebSocket (RFC 6455) shows; it sends no header of its own, as browsers cannot. */
export interface SocketAsk {
  readonly query: URLSearchParams
  readonly address: string
  readonly log: Log
  /** Ends when the client is gone, also before it was answered. */
  readonly signal: AbortSignal
}

/** Bytes both ways between a client and something of the service's. */
export interface SocketRoute {
  /** Below the service's prefix, without variable parts. */
  readonly path: string
  /** Judges who asks, by what the query holds, and gives what it is connected to; throws `Refused`. */
  open(ask: SocketAsk): Promise<Duplex>
}
