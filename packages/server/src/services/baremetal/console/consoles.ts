import { Refused } from '@esi/api/dialect'
import { fromMillis } from '@esi/api/time'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import { within } from '../conductors/hand.ts'
import { releasing } from '../domain/provision.ts'
import { errors } from '../errors.ts'
import { about, type Conducted, change, conducted, lockConducted } from '../store/conduct-node.ts'
import { beatSession, claimSession, consoleUrlOf, endSession, type Holder, type Session } from '../store/consoles.ts'
import { writeHistory } from '../store/history.ts'
import type { World } from '../world.ts'
import { relay } from './relay.ts'
import { ConsoleSession } from './session.ts'

/** Milliseconds: between two looks at whether a session may go on, and for how long a BMC is waited for. */
const LOOK = 10_000
const OPENING = 45_000

interface Open {
  readonly session: Session
  readonly holder: Holder
  readonly stream: ConsoleSession
}

/**
 * The serial consoles that clients have through this process: one session for each machine at a time, cut as soon as the console is
 * switched off or the node changes hands. What passes through them is neither kept nor logged.
 */
export class Consoles {
  readonly #world: World
  readonly #open = new Map<string, Open>()
  /** Those that another process cuts. */
  readonly #relays = new Set<ConsoleSession>()
  #following: Promise<() => void> | undefined
  #cancel: (() => void) | undefined

  constructor(world: World) {
    this.#world = world
  }

  /** The console of a node, for somebody who has been let in; refuses in words that tell nothing of how its BMC is reached. */
  async open(node: string, holder: Holder, signal: AbortSignal, relayed = false): Promise<ConsoleSession> {
    const { database, drivers, host, kit } = this.#world
    const row = await conducted(database.db, node)
    const why = barred(row, holder)
    if (why !== undefined) throw new Refused('conflict', why)
    if (!this.#reaches(row!)) return this.#elsewhere(row!, holder, signal, relayed)
    await this.#follow()
    const session: Session = { id: uuid(), node, host }
    await database.transaction(this.#origin(), async tx => {
      if (!(await claimSession(tx, session, holder)))
        throw new Refused('conflict', 'Somebody has this console already; there can be one at a time. Try again when they have left it.')
    })
    try {
      const { driver, settings } = drivers.of(row as unknown as Record<string, unknown>)
      const bmc = driver.open(settings, node)
      if (!bmc.console) throw errors.unsupported(row!.driver, 'console')
      const machine = await within(AbortSignal.any([signal, kit.signal]), OPENING, late =>
        bmc.console!({
          signal: late,
          before: async () => {
            const still = barred(await conducted(database.db, node), holder)
            if (still !== undefined) throw new Refused('conflict', still)
            if (!(await beatSession(database.db, session, kit.clock.now())))
              throw new Refused('conflict', 'Somebody else has taken this console.')
          },
        }),
      )
      const stream = new ConsoleSession(machine)
      this.#open.set(session.id, { session, holder, stream })
      stream.once('close', () => void this.#closed(session, holder))
      this.#watch()
      await this.#tell(session, holder, 'console_opened', 'opened')
      return stream
    } catch (error) {
      await this.#end(session)
      if (!(error instanceof BmcError)) throw error
      throw await this.#failed(node, error)
    }
  }

  /** Whether this process is one that conducts the node. */
  #reaches(node: Conducted): boolean {
    const { config, drivers, kit } = this.#world
    return kit.conducts !== false && config.groups.includes(node.conductor_group) && drivers.get(node.driver) !== undefined
  }

  /** At a process that reaches it, through this one. */
  async #elsewhere(node: Conducted, holder: Holder, signal: AbortSignal, relayed: boolean): Promise<ConsoleSession> {
    const group = node.conductor_group === '' ? 'the default conductor group' : `the conductor group "${node.conductor_group}"`
    const url = await consoleUrlOf(this.#world.database.db, node.conductor_group, node.driver)
    if (url === undefined)
      throw new Refused(
        'unavailable',
        `The machine's console is reached by servers of ${group}, and none of them is running. Try again when one is; "esi doctor" tells its operator.`,
      )
    if (relayed)
      throw new Refused(
        'unavailable',
        `The machine's console is reached by servers of ${group}; their address ${url} leads to a server that is not one of them. Their operator has to set baremetal.consoleUrl there to an address of their own.`,
      )
    const stream = await relay(this.#world, url, node.uuid, holder, signal)
    this.#relays.add(stream)
    stream.once('close', () => this.#relays.delete(stream))
    return stream
  }

  #origin() {
    return { at: this.#world.kit.clock.now(), by: { conductor: 'console' } }
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    const undo = await this.#following?.catch(() => undefined)
    this.#following = undefined
    undo?.()
    this.#cancel?.()
    this.#cancel = undefined
    for (const stream of this.#relays) stream.cut('The server stops.')
    const all = [...this.#open.values()]
    for (const { stream } of all) stream.cut('The server stops.')
    for (const { session } of all) await this.#end(session)
  }

  #follow(): Promise<unknown> {
    this.#following ??= this.#world.kit.feed.subscribe(async events => {
      const changed = new Set(events.filter(event => event.object.type === 'node').map(event => event.object.id))
      for (const open of this.#open.values()) if (changed.has(open.session.node)) await this.#look(open)
    })
    this.#following.catch(() => {
      this.#following = undefined
    })
    return this.#following
  }

  /** Looks now and then, as an event may come late. */
  #watch(): void {
    if (this.#cancel) return
    const { clock, log } = this.#world.kit
    this.#cancel = clock.at(fromMillis(clock.millis() + LOOK), () => {
      void Promise.all([...this.#open.values()].map(open => this.#look(open)))
        .catch(error => log.warn({ err: error }, 'could not look whether consoles may go on; looking again later'))
        .finally(() => {
          this.#cancel = undefined
          if (this.#open.size > 0) this.#watch()
        })
    })
  }

  async #look({ session, holder, stream }: Open): Promise<void> {
    const { database, kit } = this.#world
    const why = barred(await conducted(database.db, session.node), holder)
    if (why !== undefined) return stream.cut(why)
    if (!(await beatSession(database.db, session, kit.clock.now()))) stream.cut('Somebody else has taken this console.')
  }

  async #closed(session: Session, holder: Holder): Promise<void> {
    if (!this.#open.delete(session.id)) return
    await this.#end(session)
    await this.#tell(session, holder, 'console_closed', 'closed').catch(() => undefined)
  }

  async #end(session: Session): Promise<void> {
    const { database, kit } = this.#world
    this.#open.delete(session.id)
    await database
      .transaction(this.#origin(), tx => endSession(tx, session))
      .catch(error => kit.log.warn({ err: error, node: session.node }, 'a console session could not be ended; it runs out'))
  }

  async #tell(session: Session, { project, user }: Holder, what: string, word: string): Promise<void> {
    await this.#world.database.transaction(this.#origin(), async tx => {
      const node = await conducted(tx.db, session.node)
      if (!node) return
      tx.emit('baremetal', { type: `baremetal.node.${what}`, ...about(node, project), data: { user } })
      await writeHistory(tx, session.node, { severity: 'INFO', type: 'console', event: `The serial console was ${word}.` })
    })
  }

  /** Its owner sees why; whoever asked for the console learns only that. */
  async #failed(node: string, error: BmcError): Promise<Refused> {
    await this.#world.database.transaction(this.#origin(), async tx => {
      const now = await lockConducted(tx, node)
      if (now) await change(tx, now, { last_error: `Failed to open the console. Error: ${error.message}` })
    })
    if (error.fault === 'busy')
      return new Refused('conflict', 'Somebody has this console at the BMC itself, or the BMC is busy. Try again later.')
    return new Refused('unavailable', "The machine's BMC does not give its console. The node's owner sees why in its last_error.")
  }
}

/** Why that holder may not use the console now; undefined where they may. */
const barred = (node: Conducted | undefined, holder: Holder): string | undefined => {
  if (!node) return 'The node is gone.'
  // First: the end of a lease switches the console off as well, which alone would be the wrong advice.
  if (holder.lease !== null && node.lease !== holder.lease) return 'The node has changed hands: the lease has ended.'
  if (node.lease !== holder.lease || node.lessee !== holder.lessee) return 'The node has changed hands.'
  if (!node.console_enabled) return 'The console is switched off. Switch it on first.'
  if (releasing(node) && node.release?.quarantined === undefined) return 'The node is being made ready for the next lease.'
  return undefined
}
