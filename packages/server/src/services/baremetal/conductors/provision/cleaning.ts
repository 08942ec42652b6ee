import { type Instant, plus } from '@esi/api/time'
import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { again, type Outcome, wait } from '../../../../kit/work/conductor.ts'
import { type Baseline, doubt, type Proof, proofOf, type Seen } from '../../domain/clean.ts'
import { FLASH, flashing } from '../../domain/flash.ts'
import { move, releasing } from '../../domain/provision.ts'
import { STEPS, type Step } from '../../domain/release.ts'
import { noteEnd } from '../../store/clean.ts'
import { callSince, callUnderWay } from '../../store/conduct-calls.ts'
import { about, type Conducted, type Values } from '../../store/conduct-node.ts'
import { writeHistory } from '../../store/history.ts'
import { WRITES } from '../calls.ts'
import { BASELINE_CALL, COMMAND, type Hand, notesOf, pause, type Reach, reach, type Stage, save, type Turn, unsettled } from '../hand.ts'
import { powerOff } from '../power.ts'
import { settle } from '../steps/flash.ts'
import { manual } from './manual.ts'
import { quarantine } from './quarantine.ts'
import { done, settings } from './verifying.ts'

/** Tries before a person is asked for: about two minutes with a BMC that says no, longer with one that says nothing. */
const TRIES = 6

/** What the hardware says contradicts what was done; it may be slow, so it is asked some more times. */
class Doubt extends Error {}

/** Does every step of the order, reads everything back at the end, and only then says that the node is clean. */
export const cleaning: Stage = async (hand, node) => {
  if (node.wanted.provision?.verb === 'clean') return manual(hand, node)
  // Only the owner's own nodes may go without: after a lease, or before one, it is always done.
  if (node.automated_clean === false && node.wanted.provision?.verb === 'provide' && !releasing(node)) return finish(hand, node, null, null)
  const bmc = reach(hand, node)
  let step = STEPS[0]!
  let now = node
  const begin = async (name: Step['name']): Promise<boolean> => {
    step = STEPS.find(s => s.name === name)!
    if (now.clean_step?.['step'] === step.name) return true
    const clean_step = { interface: 'esi', step: step.name, doing: step.doing }
    const release = releasing(now) ? { release: { ...now.release!, doing: step.doing } } : {}
    if (!(await save(hand, now, { clean_step, ...release }))) return false
    now = { ...now, clean_step, ...release }
    return true
  }
  try {
    if (flashing(node)) return await flash(hand, node)
    if (!(await begin('quiet'))) return 'on'
    if (await callUnderWay(hand.world.database.db, node.uuid, plus(hand.run.now(), -COMMAND))) return again(1000, step.doing)

    if (!(await begin('power off'))) return 'on'
    if (node.disable_power_off)
      throw new BmcError('refused', 'The node may not be switched off (disable_power_off), so it cannot be proven clean.')
    const off = await powerOff(hand, now, bmc)
    if (off !== 'off') return off

    // Between these two come switch ports and disks, as soon as somebody can shut the ones and wipe the others.
    if (!(await begin('baseline'))) return 'on'
    const baseline = await bmc.write((b, call) => b.baseline(call), BASELINE_CALL)
    await restore(hand, now, bmc)

    if (!(await begin('read back'))) return 'on'
    const since = hand.run.now()
    const seen = await readBack(hand, now, bmc)
    const why = doubt(seen)
    if (why !== undefined) throw new Doubt(why)
    const until = unsettled(hand, now)
    if (until) return wait(until, 'a command whose answer was lost may still act')
    return await finish(hand, now, { seen, baseline }, since)
  } catch (error) {
    if (!(error instanceof BmcError || error instanceof Doubt)) throw error
    return trouble(hand, now, step, error)
  }
}

/** Boot mode and secure boot as the owner had them before the lease. Where the BMC cannot, the proof says what they are. */
const restore = async (hand: Hand, node: Conducted, bmc: Reach): Promise<void> => {
  const { boot_mode: mode, secure_boot: secure } = node.release?.restore ?? { boot_mode: null, secure_boot: null }
  if (!releasing(node) || (mode === null && secure === null)) return
  const is = await settings(hand, node, bmc)
  if ((mode === 'uefi' || mode === 'bios') && is.boot_mode !== null && is.boot_mode !== mode)
    await orUnable(bmc.write(async (b, call) => await b.setBootMode?.(mode, call)))
  if (secure !== null && is.secure_boot !== null && is.secure_boot !== secure)
    await orUnable(bmc.write(async (b, call) => await b.setSecureBoot?.(secure, call)))
}

const readBack = async (hand: Hand, node: Conducted, bmc: Reach): Promise<Seen> => {
  const { can } = hand.world.drivers.of(node as unknown as Record<string, unknown>).driver
  const power = await bmc.read((b, call) => b.power(call))
  const boot = can.includes('boot device') ? await orUnable(bmc.read((b, call) => b.bootDevice(call))) : null
  const media = can.includes('virtual media') ? await orUnable(bmc.read(async (b, call) => (await b.media?.(call)) ?? null)) : null
  const { boot_mode, secure_boot } = await settings(hand, node, bmc)
  const images = media?.map(slot => slot.image).filter(image => image !== null) ?? null
  return { power, boot, images, mode: boot_mode, secureBoot: secure_boot }
}

/** Null where the BMC cannot do that at all. */
const orUnable = async <T>(work: Promise<T>): Promise<T | null> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof BmcError && error.fault === 'unsupported') return null
    throw error
  }
}

/** Nothing takes the power of a machine whose firmware is being written; at last a person has to look. */
const flash = async (hand: Hand, node: Conducted): Promise<Outcome | 'on'> => {
  const turn = await settle(hand, node)
  if (turn === 'on' || Date.parse(hand.run.now()) - Date.parse(node.flash!.since) < FLASH) return turn
  return quarantine(
    hand,
    node,
    'power off',
    'A firmware update does not come to an end, and the machine must not lose power before.',
    false,
  )
}

const trouble = async (hand: Hand, node: Conducted, step: Step, error: BmcError | Doubt): Promise<Turn> => {
  const notes = notesOf(node)
  const tries = (notes.tries ?? 0) + 1
  const retryable = error instanceof Doubt || error.retryable
  if (!retryable || tries >= TRIES) return quarantine(hand, node, step.name, error.message, error instanceof BmcError && error.retryable)
  // The hardware is asked anew after a failure, also where it was asked before.
  const { power: _, ...rest } = notes
  const more = async (tx: Parameters<typeof noteEnd>[0], now: Conducted) => {
    if (releasing(now)) await noteEnd(tx, now.uuid, now.release!, { step: step.name, why: error.message })
  }
  if (!(await save(hand, node, { notes: { ...rest, tries, error: error.message } }, more))) return 'on'
  return again(pause(tries), error.message)
}

/** The node is available; with a proof, if there is one. Nothing may have been asked of the hardware since it was read. */
const finish = async (
  hand: Hand,
  node: Conducted,
  read: { readonly seen: Seen; readonly baseline: Baseline } | null,
  since: Instant | null,
): Promise<Turn> => {
  const proof: Proof | null = read && proofOf(read.seen, read.baseline, node.properties)
  const at = hand.run.now()
  const ended = (now: Conducted) =>
    releasing(now) && proof
      ? {
          release: {
            lease: now.release!.lease,
            project: now.release!.project,
            began_at: now.release!.began_at,
            doing: null,
            ended_at: at,
            outcome: 'clean' as const,
            proof,
          },
        }
      : {}
  const saved = await save(
    hand,
    node,
    now => {
      const { power: __, ...wanted } = done(now)
      return {
        // A retired node is cleaned, and then leaves the pool.
        ...(now.retired ? move(now.provision_state, 'manage') : move(now.provision_state, 'done')),
        wanted,
        target_power_state: null,
        clean_step: null,
        last_error: null,
        clean_proof: proof,
        clean_at: proof && at,
        ...(read
          ? { power_state: `power ${read.seen.power}`, power_seen_at: at, boot_mode: read.seen.mode, secure_boot: read.seen.secureBoot }
          : {}),
        ...(now.fault === 'clean failure' ? { fault: null, maintenance: false, maintenance_reason: null } : {}),
        ...ended(now),
      } as Partial<Conducted> & Values
    },
    async (tx, now) => {
      if (since && (await callSince(tx.db, now.uuid, since, plus(tx.at, -COMMAND), WRITES))) return false
      const { release } = ended(now)
      if (release) {
        await noteEnd(tx, now.uuid, release)
        tx.emit('baremetal', {
          type: 'baremetal.node.released',
          ...about(now, release.project),
          data: { lease: release.lease, proof, outcome: 'clean' },
        })
      }
      if (proof) {
        tx.emit('baremetal', { type: 'baremetal.node.clean', ...about(now), data: { proof } })
        await writeHistory(tx, now.uuid, { severity: 'INFO', type: 'cleaning', event: `Proven clean: ${words(proof)}.` })
      }
      tx.wake('power-sync', now.uuid)
      return true
    },
  )
  return saved ? 'on' : again(500, 'something was asked of the hardware meanwhile')
}

const words = (proof: Proof): string =>
  Object.entries(proof)
    .map(([what, word]) => `${what} ${word}`)
    .join(', ')
