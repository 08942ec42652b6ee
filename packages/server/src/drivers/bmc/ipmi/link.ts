import { abortError } from '../device/abort.ts'
import { Breaker } from '../device/breaker.ts'
import { Lane } from '../device/lane.ts'
import { BmcError, type Call } from '../driver.ts'
import { commandFault, type Ended, garbled, otherCipher, sessionFault } from './faults.ts'
import type { Options } from './options.ts'
import { run } from './run.ts'
import type { Target } from './settings.ts'

/** Best first: SHA-256, then SHA-1, which is all that older BMCs have. Weaker ones only where the settings name them. */
const SUITES = [17, 3]

/** One BMC as its account reaches it: one command at a time, each a run of ipmitool with a session of its own. */
export class Link {
  readonly target: Target
  readonly options: Options
  readonly #lane = new Lane()
  readonly #breaker: Breaker
  #suite: number | null = null
  #refused: { readonly until: number; readonly error: BmcError } | null = null
  #quirk: Promise<number> | null = null

  constructor(target: Target, options: Options) {
    this.target = target
    this.options = options
    this.#breaker = new Breaker(target.name, options)
  }

  /** Asks; the answer's bytes. Sent once. */
  async raw(what: string, bytes: readonly number[], call: Call): Promise<readonly number[]> {
    return this.#bytes(what, (await this.#ask(what, bytes, call, false)).out)
  }

  /** Asks for a change, right after the fence. */
  async write(what: string, bytes: readonly number[], call: Call): Promise<void> {
    await this.#ask(what, bytes, call, true)
  }

  /** As `write`, with bytes that must not stand on a command line, where everybody on this machine could read them. */
  async secretly(what: string, bytes: readonly number[], call: Call): Promise<void> {
    const line = `raw ${words(bytes).join(' ')}`
    await this.#enter(call, true, () =>
      this.#run(what, ['exec', '/dev/stdin'], call.signal, true, this.options.limits.command, false, line),
    )
  }

  /** A change by one of ipmitool's own commands; only for what may be sent twice. */
  async set(what: string, words: readonly string[], call: Call): Promise<void> {
    await this.#say(what, words, call, true, this.options.limits.command)
  }

  /** What one of ipmitool's own commands prints. */
  async report(what: string, words: readonly string[], call: Call): Promise<string> {
    return (await this.#say(what, words, call, false, this.options.limits.report)).out
  }

  /** As `report`, or null where the BMC has no such thing. */
  async find(what: string, words: readonly string[], call: Call): Promise<string | null> {
    try {
      return await this.report(what, words, call)
    } catch (error) {
      if (error instanceof BmcError && (error.fault === 'unsupported' || error.fault === 'refused')) return null
      throw error
    }
  }

  /** The cipher suite that its sessions have, after a command that proves that there can be one. */
  async suite(call: Call): Promise<number> {
    await this.raw('device id', [0x06, 0x01], call)
    return this.target.cipher ?? this.#suite ?? SUITES[0]!
  }

  /** IANA's number of the manufacturer; asked once. */
  manufacturer(call: Call): Promise<number> {
    this.#quirk ??= this.raw('device id', [0x06, 0x01], call).then(
      bytes => (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8) | (((bytes[8] ?? 0) & 0x0f) << 16),
    )
    this.#quirk.catch(() => {
      this.#quirk = null
    })
    return this.#quirk
  }

  #bytes(what: string, out: string): readonly number[] {
    const digits = out.trim().split(/\s+/)
    if (!digits.every(digit => /^[0-9a-f]{2}$/.test(digit))) throw garbled(this.target, what)
    return digits.map(digit => Number.parseInt(digit, 16))
  }

  async #ask(what: string, bytes: readonly number[], call: Call, writes: boolean): Promise<Ended> {
    return await this.#enter(call, writes, () =>
      this.#run(what, ['raw', ...words(bytes)], call.signal, writes, this.options.limits.command, true),
    )
  }

  async #say(what: string, words: readonly string[], call: Call, writes: boolean, limit: number): Promise<Ended> {
    return await this.#enter(call, writes, () => this.#run(what, words, call.signal, writes, limit, false))
  }

  async #enter<T>(call: Call, writes: boolean, work: () => Promise<T>): Promise<T> {
    return await this.#lane.run(call.signal, async () => {
      this.#breaker.pass()
      if (this.#refused && this.options.millis() < this.#refused.until) throw this.#refused.error
      if (writes) {
        await call.before()
        if (call.signal.aborted) throw abortError(call.signal)
      }
      return await work()
    })
  }

  async #run(
    what: string,
    words: readonly string[],
    signal: AbortSignal,
    writes: boolean,
    limit: number,
    verbose: boolean,
    input?: string,
  ): Promise<Ended> {
    const ended = await this.#suited(words, signal, limit, verbose, input)
    if (ended.status === 0) {
      this.#breaker.answered()
      this.#refused = null
      return ended
    }
    // Only when verbose does it say why there is no session, and then its reports have another form.
    const why = sessionFault(this.target, ended)
    if (why !== null && !verbose) {
      const again = await this.#suited(['raw', '0x06', '0x01'], signal, limit, true)
      throw this.#failed(sessionFault(this.target, again) ?? why)
    }
    throw this.#failed(why ?? commandFault(this.target, what, ended, writes))
  }

  #failed(error: BmcError): BmcError {
    if (error.fault === 'unreachable') this.#breaker.failed(error.message)
    else this.#breaker.answered()
    if (error.fault === 'credentials') this.#refused = { until: this.options.millis() + this.options.limits.lockout, error }
    return error
  }

  async #suited(words: readonly string[], signal: AbortSignal, limit: number, verbose: boolean, input?: string): Promise<Ended> {
    const { cipher } = this.target
    const suites = cipher !== null ? [cipher] : this.#suite === null ? SUITES : [this.#suite, ...SUITES.filter(s => s !== this.#suite)]
    let last: Ended | undefined
    for (const suite of suites) {
      last = await run(this.options, this.target, suite, words, { signal, limit, verbose, ...(input === undefined ? {} : { input }) })
      if (last.status !== 0 && otherCipher(last)) continue
      // A BMC that did not answer has not said which it has.
      if (last.status === 0) this.#suite = suite
      return last
    }
    return last!
  }
}

const words = (bytes: readonly number[]): readonly string[] => bytes.map(byte => `0x${byte.toString(16).padStart(2, '0')}`)
