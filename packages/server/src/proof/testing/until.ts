import { setTimeout as sleep } from 'node:timers/promises'

/** Looks until it is so. `limit` only keeps a broken run from hanging; what is proven does not depend on it. */
export const until = async (what: string, so: () => Promise<unknown> | unknown, limit = 100_000, every = 50): Promise<void> => {
  const late = performance.now() + limit
  let trouble: unknown
  for (;;) {
    try {
      if (await so()) return
      trouble = undefined
    } catch (e) {
      trouble = e
    }
    if (performance.now() > late) throw new Error(`it never came to this: ${what}`, { cause: trouble })
    await sleep(every)
  }
}
