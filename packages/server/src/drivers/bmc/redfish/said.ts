import type { IncomingHttpHeaders } from 'node:http'

/** What a BMC is asked, and what it says. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Always a path: nothing is ever sent to another host than the one that the settings name. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}
