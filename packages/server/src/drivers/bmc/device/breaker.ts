import { BmcError } from '../driver.ts'

/** What it goes by: a clock that never goes back, and its limits. */
interface Options {
  readonly millis: () => number
  /** That many failures in a row, and rests of that many milliseconds. */
  readonly limits: { readonly failures: number; readonly rest: number }
}

/**
 * Spares callers the wait for a BMC that is gone: after some requests in a row without an answer all are refused at once, and after
 * a rest one of them may try. An answer of any kind closes it again.
 */
export class Breaker {
  readonly #origin: string
  readonly #options: Options
  #failures = 0
  #restsUntil = 0
  #last = ''

  constructor(origin: string, options: Options) {
    this.#origin = origin
    this.#options = options
  }

  /** Nothing to remember: it answers, or nobody has asked for so long that what was known is worth nothing. */
  get healthy(): boolean {
    return this.#failures === 0 || this.#options.millis() > this.#restsUntil + 10 * this.#options.limits.rest
  }

  /** Right before a request. Callers come one at a time, so the first one after the rest is the only one that tries. */
  pass(): void {
    if (this.#failures < this.#options.limits.failures) return
    const left = this.#restsUntil - this.#options.millis()
    if (left <= 0) return
    const message =
      `The BMC at ${this.#origin} did not answer ${this.#failures} times in a row and is left alone for another ${Math.ceil(left / 1000)} s. ` +
      `Last time: ${this.#last}`
    throw new BmcError('unreachable', message)
  }

  answered(): void {
    this.#failures = 0
  }

  failed(why: string): void {
    this.#failures += 1
    this.#last = why
    this.#restsUntil = this.#options.millis() + this.#options.limits.rest
  }
}
