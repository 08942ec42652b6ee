import { plus } from '@esi/api/time'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { again, type Conductor, done, type Outcome, wait } from '../../../kit/work/conductor.ts'
import { type Keys, opened, sealed, sharingAccount, storedPassword, withPassword } from '../passwords.ts'
import {
  changePassword,
  lockPassword,
  membersOf,
  type PasswordRow,
  type PasswordValues,
  passwordOf,
  reserve,
} from '../store/bmc-password.ts'
import { about, type Conducted, change, conducted, groupOf, lockConducted } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import type { World } from '../world.ts'
import { CALL, COMMAND, type Hand, pause, within } from './hand.ts'

/** Tries to tell the BMC the new one, or to find out which of both it has, before the node is given free and a person told. */
const TRIES = 8
/** Milliseconds between looks at a BMC that takes neither. */
const LOST = 300_000
/** For so long a driver asks nothing of a BMC that refused it, so that the account does not lock. */
const LOCKOUT = 65_000

/** Changes the password of the account by which a BMC is reached. At every moment one of two that are kept works. */
export const passwordConductor = (world: World): Conductor => ({
  name: 'bmc-password',
  key: 'the node’s uuid',
  reads: ['baremetal.node', 'baremetal.bmc_password'],
  owns: ['baremetal.node.reservation', 'baremetal.bmc_password.state', 'baremetal.bmc_password.began_at'],
  slots: 16,
  limit: 240_000,
  outside: true,
  command: COMMAND,
  groups: () => world.config.groups,
  groupOf: key => groupOf(world.database.db, key),
  async run(key, run) {
    const row = await passwordOf(world.database.db, key)
    const node = await conducted(world.database.db, key)
    if (!row || !node || row.secrets === null) return done
    // It is changed with another node's; whoever deletes that one wakes this one.
    if (row.leader !== null) return done
    const members: Conducted[] = []
    for (const uuid of await membersOf(world.database.db, key)) {
      const member = await conducted(world.database.db, uuid)
      if (member) members.push(member)
    }
    const change = new Change({ world, run }, node, members, row)
    try {
      return row.state === 'asked' ? await change.begin() : await change.goOn()
    } catch (error) {
      if (!(error instanceof BmcError)) throw error
      return change.trouble(error)
    }
  },
})

/** Nothing else may be under way with the machine: it would be refused in the midst of it. */
const busy = (node: Conducted): boolean =>
  node.reservation !== null ||
  node.target_provision_state !== null ||
  Object.keys(node.wanted).length > 0 ||
  (node.release !== null && node.release.ended_at === undefined && node.release.quarantined === undefined)

class Change {
  readonly #hand: Hand
  readonly #node: Conducted
  /** The other nodes whose BMC it is. */
  readonly #members: readonly Conducted[]
  readonly #row: PasswordRow
  readonly #keys: Keys

  constructor(hand: Hand, node: Conducted, members: readonly Conducted[], row: PasswordRow) {
    this.#hand = hand
    this.#node = node
    this.#members = members
    this.#row = row
    this.#keys = opened(row.secrets!, hand.world.kit.secrets)
  }

  /** Finds the password that works now, and takes the node for itself. */
  async begin(): Promise<Outcome> {
    const { next, others } = this.#keys
    const { world } = this.#hand
    const all = [this.#node, ...this.#members]
    const present = all.map(each => storedPassword(world, each))
    if (all.some(busy)) return again(2000, 'something else is under way with the node')
    if (!(await this.#complete(world.database.db)))
      return this.#fail('By now the account is that of other nodes than when this was asked for. Ask for it once more.')
    let works: string | undefined
    for (const password of new Set([...present, next, ...others])) if (works === undefined && (await this.#lets(password))) works = password
    if (works === undefined)
      return this.#fail(
        'The BMC takes neither the password that is kept here nor the new one. Correct the one that is kept, or set it on the BMC.',
      )
    const old = works
    const began = await this.#save(async (tx, node, nodes) => {
      if (nodes.length !== all.length || nodes.some(busy)) return false
      if (nodes.some((each, n) => storedPassword(world, each) !== present[n]) || !(await this.#complete(tx.db))) return false
      for (const { uuid } of nodes) await reserve(tx, uuid, world.host)
      await changePassword(tx, node.uuid, {
        state: 'setting',
        began_at: tx.at,
        tries: 0,
        secrets: sealed({ next, old, others: [] }, world.kit.secrets),
      })
      return true
    })
    return began ? again(0, 'the BMC is to be told') : again(2000, 'something else is under way with the node')
  }

  /** Whether it is made for all nodes whose account it is, and for no other. */
  async #complete(db: Tx['db']): Promise<boolean> {
    const sharing = await sharingAccount(this.#hand.world, db, this.#node as unknown as Item)
    return sharing.map(({ uuid }) => uuid).join() === this.#members.map(({ uuid }) => uuid).join()
  }

  /** One of both works: the new one, and all is done; or the old one, and the BMC is told. */
  async goOn(): Promise<Outcome> {
    const { next, old, others } = this.#keys
    const { unsettled_until: unsettled, tries, state } = this.#row
    // Nobody has told the BMC yet, so it would only count a wrong password.
    const untold = tries === 0 && state === 'setting' && old !== next
    if (!untold && (await this.#lets(next))) return this.#finish(next)
    if (old !== undefined && (await this.#lets(old))) {
      // What was sent before may still arrive; then it is the new one after all.
      const until = [unsettled, this.#hand.run.settledAt]
        .filter(at => at !== null)
        .sort()
        .at(-1)
      if (until !== undefined && until > this.#hand.run.now() && tries > 0)
        return wait(until, 'a command whose answer was lost may still act')
      if (state === 'lost' || tries >= TRIES)
        return this.#fail(this.#row.error ?? 'The BMC was told the new password and keeps the old one.')
      return this.#tell(old)
    }
    if (!untold && (await this.#cutShort())) return this.#finish(this.#short)
    const present = storedPassword(this.#hand.world, this.#node)
    for (const password of [present, ...others])
      if (password !== old && password !== next && (await this.#lets(password)))
        return this.#fail('Meanwhile another password was set on the BMC and told here; that one works.')
    return this.#lost('The BMC takes neither the old password nor the new one.')
  }

  async #tell(old: string): Promise<Outcome> {
    // Counted before it is sent, so that it is known even if we die of it.
    const counted = await this.#note({ tries: this.#row.tries + 1, unsettled_until: plus(this.#hand.run.now(), COMMAND) })
    if (!counted) return again(0, 'it is not as it was')
    await this.#call(old, async (bmc, call) => {
      if (!bmc.setPassword) throw new BmcError('unsupported', 'This driver cannot change the password of a BMC.')
      await bmc.setPassword(this.#keys.next, call)
    })
    await this.#note({ unsettled_until: null })
    if (await this.#lets(this.#keys.next)) return this.#finish(this.#keys.next)
    if (await this.#cutShort()) return this.#finish(this.#short)
    return again(LOCKOUT, 'the BMC was told, and does not take it yet')
  }

  /** Whether the BMC lets us in by it. Throws where it cannot be asked. */
  async #lets(password: string): Promise<boolean> {
    try {
      await this.#call(password, (bmc, call) => bmc.power(call))
      return true
    } catch (error) {
      if (error instanceof BmcError && error.fault === 'credentials') return false
      throw error
    }
  }

  /** What is left of a long password with a BMC that keeps only so many bytes as are safe, and does not say so. */
  get #short(): string {
    const { driver, settings } = this.#hand.world.drivers.of(this.#node as unknown as Record<string, unknown>)
    return this.#keys.next.slice(0, driver.account?.length(settings).safe)
  }

  async #cutShort(): Promise<boolean> {
    return this.#short !== this.#keys.next && (await this.#lets(this.#short))
  }

  #call<T>(password: string, work: (bmc: ReturnType<ReturnType<typeof withPassword>['open']>, call: any) => Promise<T>): Promise<T> {
    const { run } = this.#hand
    const bmc = withPassword(this.#hand.world, this.#node, password).open()
    return within(run.signal, CALL, signal => work(bmc, { signal, before: () => run.check() }))
  }

  async #finish(password: string): Promise<Outcome> {
    const { world } = this.#hand
    const cut = password === this.#keys.next ? '' : ` The BMC keeps only its first ${password.length} characters.`
    await this.#save(async (tx, node, nodes) => {
      // In the time in which both are kept, a node may have got an account of its own.
      const sharing = new Set((await sharingAccount(world, tx.db, node as unknown as Item)).map(({ uuid }) => uuid))
      await this.#end(tx, nodes, { state: 'done', error: cut.trim() || null })
      for (const each of nodes) {
        if (each.uuid !== node.uuid && !sharing.has(each.uuid)) continue
        const { info, secrets } = withPassword(world, each, password)
        await change(tx, each, { driver_info: info, driver_secrets: secrets })
        tx.emit('baremetal', { type: 'baremetal.node.bmc_password_changed', ...about({ ...each, lessee: null }), data: {} })
        await writeHistory(tx, each.uuid, {
          severity: 'INFO',
          type: 'bmc',
          event: `The password of its BMC was changed, and proven by a login.${cut}`,
          ...by(this.#row),
        })
      }
      return true
    })
    return done
  }

  /** Over, and the password that works is the one before; `why` holds no password. */
  async #fail(why: string): Promise<Outcome> {
    await this.#save(async (tx, _node, nodes) => {
      await this.#end(tx, nodes, { state: 'failed', error: why })
      const event = `The password of its BMC was not changed: ${why}`
      await this.#tellAll(tx, nodes, 'bmc_password_failed', why, event)
      return true
    })
    return done
  }

  async #tellAll(tx: Tx, nodes: readonly Conducted[], what: string, error: string, event: string): Promise<void> {
    for (const each of nodes) {
      tx.emit('baremetal', { type: `baremetal.node.${what}`, ...about({ ...each, lessee: null }), data: { error } })
      await writeHistory(tx, each.uuid, { severity: 'ERROR', type: 'bmc', event, ...by(this.#row) })
    }
  }

  async #end(tx: Tx, nodes: readonly Conducted[], values: PasswordValues): Promise<void> {
    await changePassword(tx, this.#node.uuid, { ...values, leader: null, secrets: null, done_at: tx.at, unsettled_until: null })
    await this.#free(tx, nodes)
  }

  async #free(tx: Tx, nodes: readonly Conducted[]): Promise<void> {
    if (this.#row.state === 'asked') return
    for (const { uuid, reservation } of nodes) {
      if (reservation === null) continue
      await reserve(tx, uuid, null)
      for (const conductor of ['node', 'power-sync', 'hardware-call']) tx.wake(conductor, uuid)
    }
  }

  /** Both are kept and tried again, and the node is everybody's again: it may be long. */
  async #lost(why: string): Promise<Outcome> {
    const tries = this.#row.tries + 1
    if (this.#row.state === 'lost' || tries < TRIES) {
      await this.#note({ tries, error: why })
      return again(this.#row.state === 'lost' ? LOST : Math.max(LOCKOUT, pause(tries)), why)
    }
    await this.#save(async (tx, node, nodes) => {
      await changePassword(tx, node.uuid, { state: 'lost', error: why })
      await this.#free(tx, nodes)
      const event = `It is not known which password its BMC has: ${why} Both are kept, and tried again.`
      await this.#tellAll(tx, nodes, 'bmc_password_lost', why, event)
      return true
    })
    return again(LOST, why)
  }

  /** The BMC could not be asked, or said no. */
  async trouble(error: BmcError): Promise<Outcome> {
    const { state, tries } = this.#row
    if (state === 'asked') {
      if (!error.retryable) return this.#fail(error.message)
      const noted = tries + 1
      if (noted >= TRIES) return this.#fail(error.message)
      await this.#note({ tries: noted, error: error.message })
      return again(pause(noted), error.message)
    }
    if (error.retryable || error.uncertain) return this.#lost(error.message)
    // It says why it will not: nothing was changed, which the next look proves.
    await this.#note({ tries: TRIES, error: error.message, unsettled_until: null })
    return again(0, error.message)
  }

  #note(values: PasswordValues): Promise<boolean> {
    return this.#save(async (tx, node) => {
      await changePassword(tx, node.uuid, values)
      return true
    })
  }

  /** Writes only while it is the same change in the same state; `nodes` are all that it is made for and that are left, its own first. */
  #save(work: (tx: Tx, node: Conducted, nodes: readonly Conducted[]) => Promise<boolean>): Promise<boolean> {
    const own = this.#node.uuid
    return this.#hand.run.transaction(async tx => {
      const locked = new Map<string, Conducted>()
      for (const uuid of [own, ...this.#members.map(each => each.uuid)].sort()) {
        const now = await lockConducted(tx, uuid)
        if (now) locked.set(uuid, now)
      }
      const node = locked.get(own)
      const row = node && (await lockPassword(tx, own))
      if (!node || !row || row.state !== this.#row.state || row.asked_at !== this.#row.asked_at) return false
      locked.delete(own)
      return work(tx, node, [node, ...locked.values()])
    })
  }
}

const by = ({ user, project }: PasswordRow) => ({ ...(user === null ? {} : { user }), ...(project === null ? {} : { project }) })
