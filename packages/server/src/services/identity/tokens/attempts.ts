import { createHash } from 'node:crypto'
import { Refused } from '@esi/api/dialect'

/** Logins that failed a moment ago, wherever: whoever guesses is stopped before anything is looked at. */
export interface Attempts {
  /** Before a login as that user from that address. Throws `Refused('limit')`, with the time to wait, where too many have failed. */
  begin(user: string, address: string | undefined): Attempt
  /** Another process has counted as many failures as there may be. */
  learn(failures: Failures): void
}

export interface Attempt {
  /** The password was right: the attempt counts for nothing. */
  passed(): void
  /** It was wrong: it counts for all processes. Of an attempt of which neither is said only this process knows. */
  failed(): Promise<void>
}

/** What has failed in one window. The key is a hash, because people type their password as their name. */
export interface Failures {
  readonly key: string
  readonly n: number
  /** End of the window, in milliseconds since 1970. */
  readonly until: number
}

export interface Failing {
  readonly key: string
  readonly is: 'user' | 'address'
  readonly most: number
}

export interface AttemptsOptions {
  readonly limits: { readonly perUser: number; readonly perAddress: number }
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Counts a failure where all processes do, in a window that ends then unless there is one, and gives what is counted now. */
  readonly share: (failing: readonly Failing[], until: number) => Promise<readonly Failures[]>
  readonly onError: (error: unknown) => void
}

export const WINDOW = 60_000
/** Names that are remembered; beyond, the oldest are forgotten. */
const MOST = 100_000

interface Count {
  /** Under way here, and those that could not be shared. */
  own: number
  /** As all processes have counted, when it was last heard. */
  all: number
  until: number
}

/** A good login asks nobody; a failure is counted for all, and whoever counts the last one that may be tells the others. */
export const createAttempts = ({ limits, now, share, onError }: AttemptsOptions): Attempts => {
  const counts = new Map<string, Count>()

  const remember = (key: string, count: Count, at: number): Count => {
    // A Map keeps the order in which things came, and all live about equally long: the first ones are the first to end.
    for (const [old, { until }] of counts) {
      if (until > at && counts.size < MOST) break
      counts.delete(old)
    }
    counts.delete(key)
    counts.set(key, count)
    return count
  }

  const open = ({ key, most }: Failing): Count => {
    const at = now()
    const known = counts.get(key)
    if (!known || known.until <= at) return remember(key, { own: 0, all: 0, until: at + WINDOW }, at)
    if (known.own + known.all < most) return known
    const seconds = Math.ceil((known.until - at) / 1000)
    throw new Refused('limit', `Too many failed logins; try again in ${seconds} s.`, { retryAfter: seconds })
  }

  return {
    begin(user, address) {
      const failing: Failing[] = [{ key: keyOf('user', user), is: 'user', most: limits.perUser }]
      if (address !== undefined) failing.push({ key: keyOf('address', address), is: 'address', most: limits.perAddress })
      const mine = failing.map(each => ({ key: each.key, count: open(each) }))
      // Counted from the start, or a thousand at once would all be let through.
      for (const { count } of mine) count.own++
      let pending = true
      return {
        passed() {
          if (!pending) return
          pending = false
          for (const { count } of mine) count.own--
        },
        async failed() {
          if (!pending) return
          pending = false
          try {
            const shared = await share(failing, now() + WINDOW)
            for (const { key, count } of mine) {
              count.own--
              const told = shared.find(each => each.key === key)
              if (told) Object.assign(count, { all: told.n, until: told.until })
            }
          } catch (e) {
            // Then it counts here alone.
            onError(e)
          }
        },
      }
    },
    learn({ key, n, until }) {
      const at = now()
      if (until <= at) return
      const known = counts.get(key)
      if (known && known.until > at) Object.assign(known, { all: Math.max(known.all, n), until })
      else remember(key, { own: 0, all: n, until }, at)
    },
  }
}

const keyOf = (is: Failing['is'], name: string): string => createHash('sha256').update(`${is}\u0000${name}`).digest('base64url')
