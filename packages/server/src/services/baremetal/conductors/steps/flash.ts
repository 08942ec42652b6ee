import { toMillis } from '@esi/api/time'
import { BmcError } from '../../../../drivers/bmc/driver.ts'
import { again, type Outcome } from '../../../../kit/work/conductor.ts'
import { FLASH, type Flash } from '../../domain/flash.ts'
import type { Conducted } from '../../store/conduct-node.ts'
import { writeHistory } from '../../store/history.ts'
import { COMMAND, type Hand, type Reach, reach, save } from '../hand.ts'

const LOOK = 5_000
/** So long a start takes over at most what waited for it; what has not shown by then was not asked for, or waits for the next one. */
export const START = 900_000

/**
 * What was being written into the machine's firmware when whatever began it was given up: looked at until it has ended, and nobody
 * changes the power before.
 */
export const settle = async (hand: Hand, node: Conducted): Promise<'on' | Outcome> => {
  const flash = node.flash!
  const age = toMillis(hand.run.now()) - toMillis(flash.since)
  try {
    if (!(await over(reach(hand, node), flash, age))) return again(LOOK, `waiting until the ${flash.component} has been written`)
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    if (error.retryable || age < FLASH)
      return again(LOOK, `whether the ${flash.component} is still being written is not known: ${error.message}`)
  }
  await save(hand, node, { flash: null }, (tx, now) =>
    writeHistory(tx, now.uuid, {
      severity: 'INFO',
      type: 'firmware',
      event: `Nothing is being written any more (${flash.component}); its power may be changed.`,
    }),
  )
  return 'on'
}

const over = async (bmc: Reach, flash: Flash, age: number): Promise<boolean> => {
  if (flash.what === 'bios') {
    if (age >= START || (await bmc.read((b, call) => b.power(call))) === 'off') return true
    return Object.keys((await bmc.read(async (b, call) => await b.biosPending?.(call))) ?? {}).length === 0
  }
  const { job } = flash
  if (job !== null) {
    const progress = await bmc.read(async (b, call) => await b.progress?.({ at: job }, call))
    return progress?.is !== 'running'
  }
  // Whether it was begun is not known; if it was, it shows.
  const parts = await bmc.read(async (b, call) => await b.firmware?.(call))
  return parts?.some(part => part.updating) !== true && age >= COMMAND
}
