/** What is to be done with many at once: while one lot is under way the next gathers. */
export interface Gathering<T> {
  /** Resolves when it is done, with whatever it was done with; rejects if that failed. */
  add(item: T): Promise<void>
}

export const gathering = <T>(work: (items: readonly T[]) => Promise<void>): Gathering<T> => {
  let waiting: { readonly item: T; readonly done: () => void; readonly failed: (error: unknown) => void }[] = []
  let busy = false

  const go = async (): Promise<void> => {
    busy = true
    while (waiting.length > 0) {
      const lot = waiting
      waiting = []
      try {
        await work(lot.map(one => one.item))
        for (const one of lot) one.done()
      } catch (error) {
        for (const one of lot) one.failed(error)
      }
    }
    busy = false
  }

  return {
    add: item =>
      new Promise((done, failed) => {
        waiting.push({ item, done, failed })
        if (!busy) void go()
      }),
  }
}
