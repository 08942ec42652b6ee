import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { Client, type Dispatcher } from 'undici'
import { abortError } from '../device/abort.ts'
import { Breaker } from '../device/breaker.ts'
import { Lane } from '../device/lane.ts'
import { BmcError } from '../driver.ts'
import type { Options } from './options.ts'
import type { Answer, Ask } from './said.ts'
import type { Target } from './settings.ts'
import { connector, NotConnected } from './tls.ts'

/** A request may have been sent, and no answer came: nobody knows whether it was carried out. */
export class Lost extends Error {
  readonly fault: BmcError
  /** It took too long, rather than broke. */
  readonly late: boolean
  constructor(fault: BmcError, late = false) {
    super(fault.message)
    this.fault = fault
    this.late = late
  }
}

const unzip = promisify(gunzip)

// How gzip begins (RFC 1952, 2.3.1).
const GZIP = Buffer.from([0x1f, 0x8b])
/** Node's word for more coming out than may. */
const TOO_MUCH = 'ERR_BUFFER_TOO_LARGE'

/** One connection to one BMC, one request at a time, within limits. Knows HTTP and nothing of Redfish. */
export class Wire {
  readonly #target: Target
  readonly #options: Options
  readonly #lane = new Lane()
  readonly breaker: Breaker
  #client: Client | null = null

  constructor(target: Target, options: Options) {
    this.#target = target
    this.#options = options
    this.breaker = new Breaker(target.origin, options)
  }

  /** `first` runs once it is this request's turn, right before it is sent. */
  ask(ask: Ask, signal: AbortSignal, first?: () => Promise<void>): Promise<Answer> {
    return this.#lane.run(signal, async () => {
      this.breaker.pass()
      await first?.()
      if (signal.aborted) throw abortError(signal)
      return await this.#send(ask, signal)
    })
  }

  async #send(ask: Ask, signal: AbortSignal): Promise<Answer> {
    const { limits } = this.#options
    const late = AbortSignal.timeout(limits.request)
    try {
      const reply = await this.#open().request({
        method: ask.method,
        path: ask.path,
        headers: { accept: 'application/json', 'odata-version': '4.0', 'user-agent': 'esi', ...type(ask), ...ask.headers },
        body: ask.body === undefined ? null : JSON.stringify(ask.body),
        signal: AbortSignal.any([signal, late]),
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      const text = await this.#read(reply)
      this.breaker.answered()
      const answer = { status: reply.statusCode, headers: reply.headers, text }
      this.#options.heard?.(ask, answer)
      return answer
    } catch (error) {
      if (signal.aborted) throw abortError(signal)
      throw this.#why(error as Error & { code?: string }, late.aborted)
    }
  }

  async #read(reply: Dispatcher.ResponseData): Promise<string> {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of reply.body) {
      size += chunk.length
      if (size > this.#options.limits.body) {
        reply.body.on('error', () => undefined).destroy()
        throw this.#tooLarge()
      }
      chunks.push(chunk)
    }
    return (await this.#plain(Buffer.concat(chunks))).toString('utf8')
  }

  /** Some send large files packed, though nobody asked for it, and not all of those say so: the bytes do. */
  async #plain(bytes: Buffer): Promise<Buffer> {
    if (!bytes.subarray(0, 2).equals(GZIP)) return bytes
    try {
      return await unzip(bytes, { maxOutputLength: this.#options.limits.body })
    } catch (error) {
      if ((error as { code?: string }).code === TOO_MUCH) throw this.#tooLarge()
      const { origin } = this.#target
      throw new BmcError('garbled', `The BMC at ${origin} sent a packed answer that cannot be unpacked. Try again, or reset it.`)
    }
  }

  #tooLarge(): BmcError {
    const { body } = this.#options.limits
    return new BmcError('garbled', `The BMC at ${this.#target.origin} sent an answer of more than ${body} bytes. Update its firmware.`)
  }

  #why(error: Error & { code?: string }, late: boolean): Error {
    const { origin } = this.#target
    if (error instanceof NotConnected) {
      // Somebody answered who is not to be talked to: no reason to stay away from the address.
      if (error.fault.fault === 'unreachable') this.breaker.failed(error.fault.message)
      return error.fault
    }
    if (error instanceof BmcError) {
      this.breaker.answered()
      return new Lost(error)
    }
    if (/^HPE_|UND_ERR_HEADERS_OVERFLOW|MISMATCH/.test(error.code ?? '')) {
      this.breaker.answered()
      return new Lost(new BmcError('garbled', `The BMC at ${origin} sent something that is no HTTP.`, { cause: error }))
    }
    const how = late ? `gave no answer within ${this.#options.limits.request / 1000} s` : 'closed the connection without an answer'
    const fault = new BmcError('unreachable', `The BMC at ${origin} ${how}. Check its load and its network.`, { cause: error })
    this.breaker.failed(fault.message)
    return new Lost(fault, late)
  }

  #open(): Client {
    const { limits } = this.#options
    this.#client ??= new Client(this.#target.origin, {
      connect: connector(this.#target, limits.connect),
      pipelining: 1,
      // Longer than `idle`, so that the session is ended over the connection that there is.
      keepAliveTimeout: limits.idle * 2,
      keepAliveMaxTimeout: limits.idle * 2,
    })
    return this.#client
  }

  /** Ends the connection; the next request opens another. */
  async close(): Promise<void> {
    const client = this.#client
    this.#client = null
    await client?.destroy()
  }
}

const type = (ask: Ask): Record<string, string> => (ask.body === undefined ? {} : { 'content-type': 'application/json' })
