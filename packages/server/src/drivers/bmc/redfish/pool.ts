import { Link } from './link.ts'
import type { Options } from './options.ts'
import type { Target } from './settings.ts'

interface Entry {
  readonly link: Link
  users: number
  timer: NodeJS.Timeout | null
  /** Set while session and connection are being ended, so that the next user waits for it and one BMC never has two. */
  closing: Promise<void> | null
}

/** One link for each BMC and account, ended once nobody has used it for a while: 10,000 open connections are 1 GB. */
export class Pool {
  readonly #options: Options
  readonly #entries = new Map<string, Entry>()

  constructor(options: Options) {
    this.#options = options
  }

  async use<T>(target: Target, work: (link: Link) => Promise<T>): Promise<T> {
    const entry = this.#entry(target)
    entry.users += 1
    if (entry.timer) clearTimeout(entry.timer)
    entry.timer = null
    try {
      await entry.closing
      return await work(entry.link)
    } finally {
      entry.users -= 1
      if (entry.users === 0) this.#rest(target.key, entry)
    }
  }

  #entry(target: Target): Entry {
    const known = this.#entries.get(target.key)
    if (known) return known
    const made: Entry = { link: new Link(target, this.#options), users: 0, timer: null, closing: null }
    this.#entries.set(target.key, made)
    return made
  }

  #rest(key: string, entry: Entry): void {
    entry.timer = setTimeout(() => void this.#end(key, entry), this.#options.limits.idle)
    // Waiting for it keeps no process alive: a clean stop calls close().
    entry.timer.unref()
  }

  async #end(key: string, entry: Entry): Promise<void> {
    if (entry.timer) clearTimeout(entry.timer)
    entry.timer = null
    entry.closing ??= entry.link.close().finally(() => {
      entry.closing = null
    })
    await entry.closing
    if (entry.users > 0 || entry.timer) return
    // What is known about a BMC that does not answer outlives its connection; it is looked at again later.
    if (entry.link.healthy) this.#entries.delete(key)
    else this.#rest(key, entry)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries].map(([key, entry]) => this.#end(key, entry)))
    for (const [key, entry] of this.#entries) {
      // Somebody came in meanwhile, and leaves a session that must be found again.
      if (entry.users > 0) continue
      if (entry.timer) clearTimeout(entry.timer)
      this.#entries.delete(key)
    }
  }
}
