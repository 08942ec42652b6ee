import { Refused } from '@esi/api/dialect'

/** Logins that failed a moment ago, as this process saw them: whoever guesses is stopped before anything is looked at. */
export interface Attempts {
  /** Before a login as that user from that address. Throws `Refused('limit')`, with the time to wait, where too many have failed. */
  begin(user: string, address: string | undefined): Attempt
}

export interface Attempt {
  /** The password was right: the attempt counts for nothing. */
  passed(): void
}

const WINDOW = 60_000
/** Names that are remembered; beyond, the oldest are forgotten. */
const MOST = 100_000

interface Count {
  n: number
  readonly until: number
}

export const createAttempts = (
  limits: { readonly perUser: number; readonly perAddress: number },
  now: () => number = () => performance.now(),
): Attempts => {
  const users = new Map<string, Count>()
  const addresses = new Map<string, Count>()

  const count = (all: Map<string, Count>, key: string, most: number): Count => {
    const at = now()
    const known = all.get(key)
    if (known && known.until > at) {
      if (known.n < most) return known
      const seconds = Math.ceil((known.until - at) / 1000)
      throw new Refused('limit', `Too many failed logins; try again in ${seconds} s.`, { retryAfter: seconds })
    }
    // A Map keeps the order in which things came, and all live equally long: the first ones are the first to end.
    for (const [old, { until }] of all) {
      if (until > at && all.size < MOST) break
      all.delete(old)
    }
    const fresh = { n: 0, until: at + WINDOW }
    all.delete(key)
    all.set(key, fresh)
    return fresh
  }

  return {
    begin(user, address) {
      const counts = [count(users, user, limits.perUser)]
      if (address !== undefined) counts.push(count(addresses, address, limits.perAddress))
      // Counted from the start, or a thousand at once would all be let through.
      for (const each of counts) each.n++
      let open = true
      return {
        passed() {
          if (!open) return
          open = false
          for (const each of counts) each.n--
        },
      }
    },
  }
}
