import { toMillis } from '@esi/api/time'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import { again, type Outcome, wait } from '../../../kit/work/conductor.ts'
import { begun, budget, decide, inherited, leadsTo, POWER, type PowerNotes, type PowerWish } from '../domain/power.ts'
import { about, type Conducted } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import { type Hand, notesOf, pause, type Reach, reach, type Stage, save, unsettled } from './hand.ts'

const shown = (power: 'on' | 'off') => `power ${power}` as const

/** What a node's wishes are without one of them, unless it was renewed meanwhile. */
export const without = (node: Conducted, part: keyof Conducted['wanted'], intent: number): Conducted['wanted'] => {
  if (node.wanted[part]?.intent !== intent) return node.wanted
  const { [part]: _, ...rest } = node.wanted
  return rest
}

/** Carries a client's power wish out, and takes it away when the hardware says that it is so, or when it cannot be. */
export const power: Stage = async (hand, node) => {
  const { run } = hand
  const wish = node.wanted.power!
  const bmc = reach(hand, node)
  const oneStep = node.disable_power_off
  const known = notesOf(node).power
  let notes: PowerNotes | undefined = known?.intent === wish.intent ? known : undefined
  if (notes && run.takenOver) notes = inherited(wish, notes, run.now())
  if (oneStep && notes && notes.asks > 0 && wish.action.endsWith('reboot'))
    return giveUp(hand, node, wish, 'It was asked to restart, and the answer was lost: whether it did is not known.')
  try {
    for (;;) {
      const seen = await bmc.read((b, call) => b.power(call))
      if (!notes || notes.phase === 'unread') notes = begun(wish, run.now(), seen, oneStep)
      else if (notes.tries) notes = { ...notes, tries: 0 }
      const todo = decide(wish, notes, seen, run.now(), oneStep)
      if (todo.is === 'reached') {
        const until = unsettled(hand, node)
        if (until) return wait(until, 'an earlier command may still act')
        return await reached(hand, node, wish, seen)
      }
      if (todo.is === 'give up') return await giveUp(hand, node, wish, todo.why, seen)
      if (todo.is === 'look') {
        if (node.power_state !== shown(seen)) await save(hand, node, { power_state: shown(seen), power_seen_at: run.now() })
        return again(todo.after, `waiting for the machine to go ${notes.phase === 'down' ? 'off' : 'on'}`)
      }
      const before: PowerNotes = notes
      notes = todo.notes
      // Written before the command goes out, so that it is counted even if we die of it. A machine that runs is not proven clean.
      const voids = leadsTo(wish.action) === 'on' ? { clean_proof: null, clean_at: null } : {}
      if (!(await save(hand, node, { notes: { ...notesOf(node), power: notes }, ...voids }))) return 'on'
      if (todo.is !== 'ask') continue
      try {
        await bmc.write((b, call) => b.setPower(todo.action, call))
      } catch (error) {
        if (repeated(error, notes)) continue
        // One that the BMC certainly did not take was none.
        if (error instanceof BmcError && !error.uncertain) notes = before
        throw error
      }
    }
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    return trouble(hand, node, wish, notes, error)
  }
}

/** Some BMCs refuse what they are about to do already: asked once more, it says nothing. What comes of it is seen. */
const repeated = (error: unknown, { asks, hard }: PowerNotes): boolean =>
  error instanceof BmcError && error.fault === 'refused' && (asks > 1 || hard === true)

const reached = async (hand: Hand, node: Conducted, wish: PowerWish, seen: 'on' | 'off') => {
  const saved = await save(
    hand,
    node,
    now => ({
      wanted: without(now, 'power', wish.intent),
      target_power_state: null,
      power_state: shown(seen),
      power_seen_at: hand.run.now(),
      power_failures: 0,
      notes: null,
    }),
    async (tx, now) => {
      tx.emit('baremetal', { type: 'baremetal.node.power_changed', ...about(now), data: { action: wish.action, power_state: shown(seen) } })
      await writeHistory(tx, now.uuid, { severity: 'INFO', type: 'power', event: `"${wish.action}" was done: the machine is ${seen}.` })
    },
  )
  // Whether it was saved or somebody wants something else: there is more to see.
  return saved ? ('on' as const) : again(0, 'something else is wanted')
}

const giveUp = async (hand: Hand, node: Conducted, wish: PowerWish, why: string, seen?: 'on' | 'off'): Promise<'on'> => {
  const message = `Failed to change power state to '${shown(leadsTo(wish.action))}' by '${wish.action}'. Error: ${why}`
  await save(
    hand,
    node,
    now => ({
      wanted: without(now, 'power', wish.intent),
      target_power_state: null,
      last_error: message,
      notes: null,
      ...(seen === undefined ? {} : { power_state: shown(seen), power_seen_at: hand.run.now() }),
    }),
    (tx, now) => failed(tx, now, 'power', message),
  )
  return 'on'
}

/** Tells the owner of something that did not work; the message may say how the BMC is reached. */
export const tellFailed = (tx: Tx, node: Conducted, type: string, message: string): void =>
  tx.emit('baremetal', { type: `baremetal.node.${type}_failed`, ...about({ ...node, lessee: null }), data: { error: message } })

/** The same, and a line of history where no change of state writes one. */
export const failed = async (tx: Tx, node: Conducted, type: string, message: string): Promise<void> => {
  tellFailed(tx, node, type, message)
  await writeHistory(tx, node.uuid, { severity: 'ERROR', type, event: message })
}

/** A BMC that restarts, or is busy, is no failure as long as what was asked for may take. */
const trouble = async (hand: Hand, node: Conducted, wish: PowerWish, notes: PowerNotes | undefined, error: BmcError) => {
  if (!error.retryable) return giveUp(hand, node, wish, error.message)
  const now = hand.run.now()
  const known: PowerNotes = notes ?? { intent: wish.intent, since: now, phase: 'unread', asks: 0, askedAt: null }
  const limit = budget(wish, known)
  const left = toMillis(known.since) + limit - toMillis(now)
  if (left <= 0) return giveUp(hand, node, wish, `${error.message} It was tried for ${limit / 1000} s; a longer "timeout" may be given.`)
  const tries = (known.tries ?? 0) + 1
  if (!(await save(hand, node, { notes: { ...notesOf(node), power: { ...known, tries } } }))) return 'on' as const
  return again(Math.min(pause(tries), left), error.message)
}

/**
 * Switches the machine by force and reads it back; for conductors that need it so whatever it runs. Gives 'done', or what to do
 * meanwhile. Throws what the BMC says. `intent` tells one such wish from the next.
 */
export const powerTo = async (
  hand: Hand,
  node: Conducted,
  bmc: Reach,
  action: 'on' | 'off' | 'reboot',
  intent: number,
): Promise<'done' | 'on' | Outcome> => {
  const { run } = hand
  const wish: PowerWish = { action, intent }
  const oneStep = node.disable_power_off && action === 'reboot'
  const known = notesOf(node).power
  let notes = known?.intent === intent ? known : undefined
  if (notes && run.takenOver) notes = inherited(wish, notes, run.now())
  for (;;) {
    const seen = await bmc.read((b, call) => b.power(call))
    notes ??= begun(wish, run.now(), seen, oneStep)
    const todo = decide(wish, notes, seen, run.now(), oneStep)
    if (todo.is === 'reached') {
      const read = { power_state: shown(seen), power_seen_at: run.now() }
      if (node.power_state !== shown(seen) && !(await save(hand, node, read))) return 'on'
      return 'done'
    }
    if (todo.is === 'give up') throw new BmcError('refused', todo.why)
    if (todo.is === 'look') return again(POWER.look, `waiting for the machine to go ${notes.phase === 'down' ? 'off' : 'on'}`)
    const before: PowerNotes = notes
    notes = todo.notes
    // A machine that runs is not proven clean.
    const voids = action === 'off' ? {} : { clean_proof: null, clean_at: null }
    if (!(await save(hand, node, { notes: { ...notesOf(node), power: notes }, ...voids }))) return 'on'
    if (todo.is !== 'ask') continue
    try {
      await bmc.write((b, call) => b.setPower(todo.action, call))
    } catch (error) {
      if (repeated(error, notes)) continue
      // One that the BMC certainly did not take was none.
      if (error instanceof BmcError && !error.uncertain) await save(hand, node, now => ({ notes: { ...notesOf(now), power: before } }))
      throw error
    }
  }
}

/** Switches it off. */
export const powerOff = async (hand: Hand, node: Conducted, bmc: Reach): Promise<'off' | 'on' | Outcome> => {
  const turn = await powerTo(hand, node, bmc, 'off', -1)
  return turn === 'done' ? 'off' : turn
}
