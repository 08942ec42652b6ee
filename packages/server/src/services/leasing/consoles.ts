import type { Duplex } from 'node:stream'
import { Refused } from '@esi/api/dialect'
import { refused } from './errors.ts'
import { hashOf, keyOf } from './store/console-tokens.ts'
import type { World } from './world.ts'

/** What tells every process that the tokens of a node hold no more. */
export const TOKENS_DELETED = 'leasing.console_token.deleted'

const UNKNOWN = 'The console token is not known, or has run out. Ask for another one.'
const DELETED = 'The console tokens of this node were deleted.'

interface Session {
  readonly node: string
  /** Ends it with a sentence for whoever sits there. */
  cut(why: string): void
}

/**
 * The consoles that clients have by tokens through this process. A token's time says how long it opens one, not how long that lasts;
 * when the tokens of a node are deleted, in whatever process, what they opened ends too.
 */
export class Consoles {
  readonly #world: World
  readonly #sessions = new Set<Session>()
  #following: Promise<() => void> | undefined

  constructor(world: World) {
    this.#world = world
  }

  /** Opens the console that a token is the key to; throws `Refused`. */
  async open(token: string, signal: AbortSignal): Promise<Duplex> {
    const { kit, needs } = this.#world
    const hash = hashOf(token)
    const key = token === '' ? undefined : await keyOf(kit.database.db, hash, kit.clock.now())
    if (!key) throw new Refused('unauthenticated', UNKNOWN)
    const lend = needs.things?.console
    if (!lend) throw refused.noConsole()
    await this.#follow()
    const cut = new AbortController()
    let stream: Duplex | undefined
    const session: Session = {
      node: key.node,
      cut: why => {
        cut.abort(new Refused('unauthenticated', why))
        stream?.destroy(new Error(why))
      },
    }
    this.#sessions.add(session)
    try {
      // Deleted between the look and now: of that no event comes any more.
      if (!(await keyOf(kit.database.db, hash, kit.clock.now()))) throw new Refused('unauthenticated', UNKNOWN)
      const { node, ...who } = key
      stream = await lend(node, who, AbortSignal.any([signal, cut.signal]))
      stream.once('close', () => this.#sessions.delete(session))
      if (!cut.signal.aborted) return stream
      stream.destroy()
      throw cut.signal.reason
    } catch (error) {
      this.#sessions.delete(session)
      throw cut.signal.aborted ? cut.signal.reason : error
    }
  }

  /** No longer follows what happens; whoever lent the consoles ends them. */
  async stop(): Promise<void> {
    const undo = await this.#following?.catch(() => undefined)
    this.#following = undefined
    undo?.()
  }

  #follow(): Promise<unknown> {
    this.#following ??= this.#world.kit.feed.subscribe(events => {
      for (const { type, object } of events)
        if (type === TOKENS_DELETED) for (const session of this.#sessions) if (session.node === object.id) session.cut(DELETED)
    })
    this.#following.catch(() => {
      this.#following = undefined
    })
    return this.#following
  }
}
