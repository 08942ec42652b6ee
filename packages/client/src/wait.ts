export interface WaitOptions<T> {
  /** Milliseconds until it gives up; default 30 minutes. */
  readonly timeout?: number
  /** Milliseconds between looks; grows from 200 to this. */
  readonly interval?: number
  readonly signal?: AbortSignal
  /** Told of every look, for progress. */
  readonly progress?: (value: T) => void
}

export class WaitTimeout extends Error {}

/** Looks until `until` says yes; `until` may throw to say that it will never come. */
export const waitFor = async <T>(look: () => Promise<T>, until: (value: T) => boolean, options: WaitOptions<T> = {}): Promise<T> => {
  const end = Date.now() + (options.timeout ?? 30 * 60_000)
  let pause = 200
  for (;;) {
    const value = await look()
    options.progress?.(value)
    if (until(value)) return value
    if (Date.now() >= end) throw new WaitTimeout('It took longer than the time that was given to wait for it; it goes on without us.')
    options.signal?.throwIfAborted()
    await new Promise(resolve => setTimeout(resolve, pause))
    pause = Math.min(pause * 1.3, options.interval ?? 2_000)
  }
}
