/** One HTTP exchange; node and browsers each have their own way to do it. */
export type Transport = (request: Outgoing) => Promise<Incoming>

export interface Outgoing {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface Incoming {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/** No answer at all: the address, the network or the certificate. */
export class Unreachable extends Error {
  readonly url: string
  constructor(url: string, why: string) {
    super(`Cannot reach ${new URL(url).origin}: ${why}`)
    this.name = 'Unreachable'
    this.url = url
  }
}
