import { abortError } from '../device/abort.ts'
import { BmcError, type Call, type Job, type Progress } from '../driver.ts'
import { refusal, said } from './faults.ts'
import type { Options } from './options.ts'
import { isObject, type Json, list, pathOf, type Resource, str } from './resource.ts'
import type { Answer, Ask } from './said.ts'
import { parse, retryAfter, Session } from './session.ts'
import type { Target } from './settings.ts'
import { finished, monitorOf, progressOf } from './task.ts'
import { Lost, Wire } from './wire.ts'

export interface WriteOptions {
  /** Reads back whether it is as wanted; asked where the reply was lost, and where the BMC refused what may be done already. */
  readonly done?: () => Promise<boolean>
  /** The resource as it was just read, which saves reading it again for its version. */
  readonly of?: Resource
  /** A task that waits for the machine's next start counts as accepted. */
  readonly pending?: boolean
}

/** What stands for an answer that was lost, where it was seen that it was done. */
const SEEN: Answer = { status: 200, headers: {}, text: '' }

const READS = 3
const WRITES = 4
const REDIRECTS = 3

/** One BMC as Redfish has it (DSP0266): resources, versions, sessions, tasks. Shared by all handles with the same settings. */
export class Link {
  readonly target: Omit<Target, 'system'>
  readonly options: Options
  readonly #wire: Wire
  readonly #session: Session
  #root: Resource | null = null

  constructor(target: Target, options: Options) {
    this.target = target
    this.options = options
    this.#wire = new Wire(target, options)
    this.#session = new Session(target, this.#wire, options, async signal => (await this.#serviceRoot(signal)).body)
  }

  /** Nothing to remember about it: it answers and lets us in. */
  get healthy(): boolean {
    return this.#wire.breaker.healthy && !this.#session.refused
  }

  async root(call: Call): Promise<Resource> {
    return await this.#serviceRoot(call.signal)
  }

  async #serviceRoot(signal: AbortSignal): Promise<Resource> {
    // The only resource that is open to everybody, so it can be read before logging in.
    this.#root ??= await this.#read(this.target.root, signal, false)
    return this.#root
  }

  async get(path: string, call: Call): Promise<Resource> {
    return await this.#read(path, call.signal, true)
  }

  /** The resource, or null where the BMC has none there. */
  async find(path: string | null, call: Call): Promise<Resource | null> {
    if (path === null) return null
    try {
      return await this.get(path, call)
    } catch (error) {
      if (error instanceof BmcError && error.fault === 'unsupported') return null
      throw error
    }
  }

  /** All members of a collection, in one request where the BMC can, and never more than `most`. */
  async members(path: string | null, call: Call, most = 256): Promise<readonly Resource[]> {
    if (path === null) return []
    const found: Resource[] = []
    const expand = canExpand((await this.root(call)).body)
    let next: string | null = expand && !path.includes('?') ? `${path}?$expand=.` : path
    const seen = new Set<string>()
    while (next !== null && !seen.has(next) && found.length < most) {
      seen.add(next)
      const page: Resource | null = await this.find(next, call)
      for (const member of list(page?.body, 'Members')
        .filter(isObject)
        .slice(0, most - found.length)) {
        const where = pathOf(str(member, '@odata.id'))
        if (where === null) continue
        if (Object.keys(member).length > 1) found.push({ path: where, body: member, etag: str(member, '@odata.etag') })
        else {
          const whole = await this.find(where, call)
          if (whole !== null) found.push(whole)
        }
      }
      next = pathOf(str(page?.body, 'Members@odata.nextLink'))
    }
    return found
  }

  async patch(path: string, body: Json, call: Call, more: WriteOptions = {}): Promise<void> {
    await this.#write({ method: 'PATCH', path, body }, call, more)
  }

  async post(path: string, body: Json | undefined, call: Call, more: WriteOptions = {}): Promise<void> {
    await this.#write({ method: 'POST', path, body }, call, more)
  }

  /** Asks for something that takes longer than anybody waits; how it goes is asked for by `look`. */
  async begin(method: 'POST' | 'DELETE', path: string, body: Json | undefined, call: Call): Promise<Job> {
    const answer = await this.#write({ method, path, body }, call, { begins: true })
    return { at: answer.status === 202 ? monitorOf(answer) : null }
  }

  /** How a job goes, of whose end the BMC may know nothing any more. */
  async look(job: string, call: Call): Promise<Progress> {
    try {
      return progressOf(await this.#ask({ method: 'GET', path: job }, call.signal, true))
    } catch (error) {
      throw error instanceof Lost ? error.fault : error
    }
  }

  async #read(path: string, signal: AbortSignal, proven: boolean): Promise<Resource> {
    for (let attempt = 1; ; attempt += 1) {
      const wait = attempt * 500
      try {
        const answer = await this.#ask({ method: 'GET', path }, signal, proven)
        if (answer.status < 300) return this.#resource(path, answer)
        const after = Number(retryAfter(answer) ?? wait / 1000)
        const passing = [500, 502, 503, 504].includes(answer.status) && after <= 5
        if (!passing || attempt === READS) throw this.#refuse(answer, `GET ${path}`)
        await this.#wait(Math.max(after * 1000, 100), signal)
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        if (error.fault.fault !== 'unreachable' || error.late || attempt === READS) throw error.fault
        await this.#wait(wait, signal)
      }
    }
  }

  #resource(path: string, answer: Answer): Resource {
    const body = parse(answer.text)
    if (!isObject(body))
      throw new BmcError(
        'garbled',
        `The BMC at ${this.target.origin} answered GET ${path} with something that is no JSON object. Try again, or reset it.`,
      )
    const etag = answer.headers.etag
    return { path, body, etag: typeof etag === 'string' && etag !== '' ? etag : str(body, '@odata.etag') }
  }

  async #write(ask: Ask, call: Call, more: WriteOptions & { readonly begins?: true }): Promise<Answer> {
    const { done } = more
    // Actions take no If-Match; some BMCs even refuse it there.
    let etag = ask.method === 'PATCH' ? ((more.of?.path === ask.path ? more.of : await this.find(ask.path, call))?.etag ?? null) : null
    for (let attempt = 1; ; attempt += 1) {
      try {
        const headers = etag === null ? {} : { 'if-match': etag }
        const answer = await this.#ask({ ...ask, headers }, call.signal, true, call.before)
        if (answer.status === 202 && !more.begins) await this.#task(answer, ask, call, more)
        if (answer.status < 300) return answer
        if ((answer.status === 412 || answer.status === 428) && ask.method === 'PATCH' && attempt < WRITES) {
          etag = nextVersion(etag, (await this.get(ask.path, call)).etag)
          continue
        }
        const refused = this.#refuse(answer, `${ask.method} ${ask.path}`)
        if (answer.status < 500 && done && (await done())) return answer
        throw refused
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        if (done && (await done().catch(() => false))) return SEEN
        const { fault, message } = error.fault
        const unsure = `${message} Whether it did what it was asked (${ask.method} ${ask.path}) is not known; look before asking again.`
        throw new BmcError(fault, unsure, { uncertain: true, cause: error })
      }
    }
  }

  /** Waits for what the BMC does after it has answered. */
  async #task(answer: Answer, ask: Ask, call: Call, more: WriteOptions): Promise<void> {
    const { origin } = this.target
    const { limits, millis } = this.options
    const what = `${ask.method} ${ask.path}`
    const monitor = monitorOf(answer)
    const until = millis() + limits.task
    let last = answer
    for (let polls = 0; ; polls += 1) {
      const state = finished(last, polls, more.pending === true)
      if (state.is === 'done') return
      if (state.is === 'failed') {
        if (more.done && (await more.done())) return
        throw new BmcError('refused', `The BMC at ${origin} began ${what} and failed.${state.why === '' ? '' : ` It says: "${state.why}"`}`)
      }
      // Accepted, and nowhere to ask how it goes: reading back is the caller's.
      if (monitor === null) return
      if (millis() >= until) {
        if (more.done && (await more.done())) return
        throw new BmcError('busy', `The BMC at ${origin} is still busy with ${what} after ${Math.round(limits.task / 1000)} s.`, {
          uncertain: true,
        })
      }
      await this.#wait(Math.min(Math.max(Number(retryAfter(last)) * 1000 || 1000, 100), 10_000), call.signal)
      try {
        last = await this.#ask({ method: 'GET', path: monitor }, call.signal, true)
      } catch (error) {
        if (!(error instanceof Lost)) throw error
      }
    }
  }

  /** One request with whatever lets us in, once more after a new login if the session has ended. */
  async #ask(ask: Ask, signal: AbortSignal, proven: boolean, before?: () => Promise<void>): Promise<Answer> {
    let { path } = ask
    let relogin = true
    for (let redirects = 0; ; ) {
      const proof = proven ? await this.#session.proof(signal) : { headers: {}, session: null }
      const answer = await this.#wire.ask({ ...ask, path, headers: { ...ask.headers, ...proof.headers } }, signal, before)
      if (answer.status === 401 && !proven) return answer
      if (answer.status === 401) {
        if (relogin && (await this.#session.stale(proof))) {
          relogin = false
          continue
        }
        // Its password was taken a moment ago.
        if (proof.session !== null && !relogin)
          throw new BmcError(
            'busy',
            `The BMC at ${this.target.origin} lets us in and forgets the session at once. Try again later; set redfish_auth_type to basic if that stays so.`,
          )
        throw this.#session.refuse(this.#hide(said(parse(answer.text)).text))
      }
      if (answer.status < 301 || answer.status > 308 || answer.status === 304) return answer
      path = this.#redirect(answer, path, ask.method)
      redirects += 1
      if (redirects > REDIRECTS) throw new BmcError('garbled', `The BMC at ${this.target.origin} sends GET ${ask.path} round in circles.`)
    }
  }

  /** Only to another path of the same BMC: its password is nobody else's. */
  #redirect(answer: Answer, path: string, method: string): string {
    const location = answer.headers.location
    const { origin } = this.target
    const to = typeof location === 'string' && URL.canParse(location, origin + path) ? new URL(location, origin + path) : null
    if (to !== null && to.origin === origin && (method === 'GET' || answer.status >= 307)) return to.pathname + to.search
    const where = to === null ? 'nowhere' : to.origin
    throw new BmcError(
      'refused',
      `What answers at ${origin} sends us to ${where}, which is not followed. If the BMC is there, set redfish_address to that.`,
    )
  }

  #refuse(answer: Answer, what: string): BmcError {
    const body = parse(this.#hide(answer.text))
    return refusal(this.target.origin, what, answer.status, body, retryAfter(answer))
  }

  /** BMCs quote what they were sent. */
  #hide(text: string): string {
    return this.target.password === '' ? text : text.replaceAll(this.target.password, '•••')
  }

  async #wait(millis: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortError(signal)
    try {
      await this.options.wait(millis, signal)
    } catch (error) {
      throw signal.aborted ? abortError(signal) : error
    }
  }

  async wait(millis: number, call: Call): Promise<void> {
    await this.#wait(millis, call.signal)
  }

  /** Ends session and connection. Never fails; the link may be used again. */
  async close(): Promise<void> {
    this.#root = null
    await this.#session.end(AbortSignal.timeout(5_000))
    await this.#wire.close()
  }
}

const canExpand = (root: Json): boolean => {
  const features = root['ProtocolFeaturesSupported']
  const expand = isObject(features) ? features['ExpandQuery'] : undefined
  return isObject(expand) && expand['NoLinks'] === true
}

/**
 * The version to show after one was refused: the one just read; where that is the one refused, its strong form, as some BMCs give
 * weak ones and then compare strongly; at last none.
 */
const nextVersion = (refused: string | null, read: string | null): string | null => {
  if (read !== refused && refused !== strong(read)) return read
  if (refused !== null && refused === read && strong(read) !== read) return strong(read)
  return null
}

const strong = (etag: string | null): string | null => etag?.replace(/^W\//, '') ?? null
