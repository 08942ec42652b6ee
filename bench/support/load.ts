import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Request {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface Common {
  readonly url: string
  readonly connections: number
  /** Ends after so many seconds or so many requests, whichever is given. */
  readonly seconds?: number
  readonly count?: number
  /** Begin again when all were asked. Without it each is asked once. */
  readonly cycle?: boolean
  /** So many are asked before, and not counted. */
  readonly warm?: number
}

export interface HttpJob extends Common {
  readonly kind: 'http'
  readonly headers: Readonly<Record<string, string>>
  readonly requests: readonly Request[]
}

export interface SqlJob extends Common {
  readonly kind: 'sql'
  /** One after the other on one connection: one job. */
  readonly statements: readonly string[]
  /** For each job, the values of each statement; none where it has none. */
  readonly values?: readonly (readonly (readonly unknown[] | null)[])[]
}

export type Job = HttpJob | SqlJob

export interface Done {
  readonly count: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** How many got which answer. */
  readonly answers: Readonly<Record<string, number>>
  /** Size of the last answer. */
  readonly bytes: number
}

/** A client in a process of its own. */
export class Client {
  readonly #child: ChildProcess
  constructor() {
    this.#child = fork(fileURLToPath(new URL('./client.ts', import.meta.url)), [], { serialization: 'advanced' })
  }

  async run(job: Job): Promise<Done> {
    const over = new AbortController()
    const heard = once(this.#child, 'message', { signal: over.signal }).then(([message]) => message as { done?: Done; error?: string })
    const gone = once(this.#child, 'exit', { signal: over.signal }).then(([code]) => ({
      error: `the client ended with ${code}`,
      done: undefined,
    }))
    this.#child.send(job)
    try {
      const said = await Promise.race([heard, gone])
      if (said.done) return said.done
      throw new Error(said.error)
    } finally {
      over.abort()
      await Promise.allSettled([heard, gone])
    }
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
