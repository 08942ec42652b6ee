import { type ArgsOf, HARDWARE_DONE, type HardwareCall, type HardwareFault, type ResultOf } from '@esi/api/baremetal/hardware'
import { Refused } from '@esi/api/dialect'
import { fromMillis, plus, toMillis } from '@esi/api/time'
import type { Context } from '../../kit/http/route.ts'
import { uuid } from '../../kit/ids/ids.ts'
import type { Item } from '../../kit/resource/view.ts'
import { errors } from './errors.ts'
import { answerOf, insertCall } from './store/calls.ts'
import { isServed } from './store/conductors.ts'
import type { World } from './world.ts'

// An older transaction of somebody else can hold events back; then the answer is found by looking.
const LOOK = 1000

/**
 * Calls that the hardware answers: written down for the conductor `hardware-call`, and awaited. The event that tells of the answer
 * ends the waiting, whichever process carried it out.
 */
export class Hardware {
  readonly #world: World
  readonly #waiting = new Map<string, () => void>()
  #following: Promise<() => void> | undefined

  constructor(world: World) {
    this.#world = world
  }

  /** What the hardware says; refuses with 504 when it does not within the time, and in the driver's words when it will not. */
  async ask<C extends HardwareCall>(node: Readonly<Item>, what: C, args: ArgsOf<C>, context: Context): Promise<ResultOf<C>> {
    const { database, kit, config } = this.#world
    const id = uuid()
    await this.#follow()
    const until = plus(kit.clock.now(), config.hardwareTimeout * 1000)
    const answered = this.#answer(id, toMillis(until), context)
    try {
      await database.transaction(context, async tx => {
        const [group, driver] = [node['conductor_group'] as string, node['driver'] as string]
        if (!(await isServed(tx.db, group, driver))) throw errors.noHost(driver, group)
        await insertCall(tx, {
          id,
          node: node['uuid'] as string,
          what,
          args,
          request: context.id,
          project: context.project ?? null,
          expires_at: until,
          lease: node['lease'] as string | null,
          lessee: node['lessee'] as string | null,
        })
        tx.wake('hardware-call', node['uuid'] as string)
      })
      // A dry run has written nothing that could be answered.
      if (context.dryRun) return {} as ResultOf<C>
      const answer = await answered.promise
      if (answer.error) throw refusal(node, what, answer.error)
      return (answer.result ?? {}) as ResultOf<C>
    } finally {
      answered.end()
    }
  }

  /** Ends all waiting. */
  async stop(): Promise<void> {
    const undo = await this.#following
    this.#following = undefined
    undo?.()
    for (const look of this.#waiting.values()) look()
  }

  #follow(): Promise<() => void> {
    this.#following ??= this.#world.kit.feed.subscribe(events => {
      for (const event of events) if (event.type === HARDWARE_DONE) this.#waiting.get(event.object.id)?.()
    })
    return this.#following
  }

  #answer(id: string, until: number, context: Context) {
    const { database, kit } = this.#world
    type Answer = NonNullable<Awaited<ReturnType<typeof answerOf>>>
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    // Nobody may be listening any more when it is refused.
    promise.catch(() => {})
    let over = false
    let cancel = () => {}
    const look = async (): Promise<void> => {
      if (over) return
      try {
        const answer = await answerOf(database.db, id)
        if (answer) resolve(answer)
        else if (kit.signal.aborted) reject(new Refused('unavailable', 'The server is about to stop; ask again.', { retryAfter: 1 }))
        else if (context.signal.aborted) reject(new Refused('timeout', 'Nobody waits for the answer any more.'))
        else if (kit.clock.millis() >= until)
          reject(new Refused('timeout', `The hardware did not answer within ${this.#world.config.hardwareTimeout} seconds.`))
      } catch (e) {
        reject(e)
      }
    }
    const again = (): void => {
      cancel = kit.clock.at(fromMillis(Math.min(kit.clock.millis() + LOOK, until)), () => {
        void look().then(() => {
          if (!over && kit.clock.millis() < until) again()
        })
      })
    }
    again()
    this.#waiting.set(id, () => void look())
    return {
      promise,
      end: () => {
        over = true
        cancel()
        this.#waiting.delete(id)
      },
    }
  }
}

/** What the conductor says of a failure, as a client is told it. */
const refusal = (node: Readonly<Item>, what: string, error: HardwareFault): Refused => {
  switch (error.fault) {
    case 'settings':
    case 'refused':
    case 'unsupported':
      return errors.invalid(error.message)
    case 'busy':
      return new Refused('conflict', error.message, { retryAfter: 5 })
    case 'expired':
      return new Refused('timeout', error.message)
    case 'held':
      return new Refused('unavailable', error.message)
    default:
      return new Refused('unavailable', `The hardware of node ${node['uuid']} did not do "${what}": ${error.message}`)
  }
}
