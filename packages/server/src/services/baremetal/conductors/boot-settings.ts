import { BmcError } from '../../../drivers/bmc/driver.ts'
import { again } from '../../../kit/work/conductor.ts'
import { notesOf, pause, reach, type Stage, save } from './hand.ts'
import { failed, without } from './power.ts'

const TRIES = 5

/** Boot mode and secure boot as wanted: set, read back, or said why not. They take effect with the next start. */
export const bootSettings: Stage = async (hand, node) => {
  const bmc = reach(hand, node)
  const mode = node.wanted.boot_mode
  const secure = node.wanted.secure_boot
  const part = mode ? ('boot_mode' as const) : ('secure_boot' as const)
  const intent = (mode ?? secure)!.intent
  const words = mode ? `boot mode to ${mode.to}` : `secure boot to ${secure!.to ? 'on' : 'off'}`
  try {
    // What was proven was proven with other settings.
    if (node.clean_proof !== null && !(await save(hand, node, { clean_proof: null, clean_at: null }))) return 'on'
    if (mode) await bmc.write(async (b, call) => await (b.setBootMode ?? unable('boot mode'))(mode.to, call))
    else await bmc.write(async (b, call) => await (b.setSecureBoot ?? unable('secure boot'))(secure!.to, call))
    // Some BMCs show it only after the next start, so what is read is kept and not judged.
    const read = mode
      ? { boot_mode: await bmc.read(async (b, call) => (await b.bootMode?.(call)) ?? null) }
      : { secure_boot: await bmc.read(async (b, call) => (await b.secureBoot?.(call)) ?? null) }
    await save(hand, node, now => ({ ...read, wanted: without(now, part, intent), notes: null }))
    return 'on'
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const notes = notesOf(node)
    const tries = (notes.tries ?? 0) + 1
    if (error.retryable && tries < TRIES) {
      if (!(await save(hand, node, { notes: { ...notes, tries, error: error.message } }))) return 'on'
      return again(pause(tries), error.message)
    }
    const message = `Failed to set ${words}. Error: ${error.message}`
    await save(
      hand,
      node,
      now => ({ wanted: without(now, part, intent), last_error: message, notes: null }),
      (tx, now) => failed(tx, now, part, message),
    )
    return 'on'
  }
}

const unable = (what: string) => (): never => {
  throw new BmcError('unsupported', `This driver cannot change the ${what}.`)
}
