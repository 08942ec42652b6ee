/** One request that reached a BMC. */
export interface Call {
  readonly seq: number
  readonly at: string
  readonly machine: string
  readonly method: string
  readonly path: string
  /** Who asked; null before it was proven. */
  user: string | null
  /** As it came, passwords masked; text that is no JSON is told by its length only. */
  body: unknown
  /** What was answered; null when nothing was. */
  status: number | null
  outcome: 'under way' | 'answered' | 'cut' | 'hangs' | 'garbled' | 'gone'
  /** The fault that struck it. */
  fault: string | null
  /** Whether it asked for a change of the machine or its BMC (all but reads, and sessions). */
  readonly changes: boolean
  /** Whether what it asked for was carried out. */
  done: boolean
  ms: number | null
}

export interface CallQuery {
  readonly machine?: string | undefined
  readonly after?: number | undefined
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly changes?: boolean | undefined
}

const SESSIONS = /\/Sessions(\/|$)/

/** Everything that was asked, the last `kept` of it. */
export class CallLog {
  private readonly kept: number
  private entries: Call[] = []
  private last = 0
  private waiting = new Set<() => void>()
  /** How many are no longer here. */
  dropped = 0

  constructor(kept = 50_000) {
    this.kept = kept
  }

  begin(machine: string, method: string, path: string, at: number): Call {
    const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
    const call: Call = {
      seq: ++this.last,
      at: new Date(at).toISOString(),
      machine,
      method,
      path,
      user: null,
      body: null,
      status: null,
      outcome: 'under way',
      fault: null,
      changes: !reads && !SESSIONS.test(path),
      done: false,
      ms: null,
    }
    this.entries.push(call)
    // In bulk: one at a time would move the whole list for each call.
    if (this.entries.length > this.kept * 1.25) {
      const over = this.entries.length - this.kept
      this.entries = this.entries.slice(over)
      this.dropped += over
    }
    return call
  }

  /** Tells those who wait that there is something new. */
  settled(): void {
    for (const wake of this.waiting) wake()
  }

  find(query: CallQuery = {}): Call[] {
    return this.entries.filter(
      c =>
        (query.machine === undefined || c.machine === query.machine) &&
        (query.after === undefined || c.seq > query.after) &&
        (query.method === undefined || c.method === query.method) &&
        (query.path === undefined || c.path.includes(query.path)) &&
        (query.changes === undefined || c.changes === query.changes),
    )
  }

  /** Resolves when a call has been settled, or after `ms`. */
  next(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.waiting.add(done)
    })
  }

  clear(): void {
    this.entries = []
    this.dropped = 0
  }

  get lastSeq(): number {
    return this.last
  }
}

const SECRET = /passw|token|secret|newkey|oldkey/i

/** The same without passwords, also those inside URLs. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/(\w+:\/\/)[^/@\s]*@/g, '$1***@')
  if (Array.isArray(value)) return value.map(masked)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, SECRET.test(k) && v !== null ? '***' : masked(v)]))
}
