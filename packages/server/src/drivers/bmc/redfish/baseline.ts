import { BmcError } from '../driver.ts'
import { bootMode, bootOrder, defaultOrderAction, endOverride, setDefaultBootOrder } from './boot.ts'
import type { Machine } from './machine.ts'
import { ejectMedia, media } from './media.ts'

/** Each part on its own: what one BMC cannot do must not keep the rest from being done. */
export const baseline = async (m: Machine): Promise<{ done: string[]; impossible: string[] }> => {
  const done: string[] = []
  const impossible: string[] = []
  const part = async (what: string, work: () => Promise<string>) => {
    try {
      done.push(await work())
    } catch (error) {
      // A BMC that is gone or busy is no reason to call it done: the caller comes again.
      if (!(error instanceof BmcError) || !['unsupported', 'refused'].includes(error.fault)) throw error
      impossible.push(error.fault === 'refused' ? `${what} failed: ${error.message}` : error.message)
    }
  }
  await part('Ending the boot override', async () => ((await endOverride(m)) ? 'ended the boot override' : 'no boot override was set'))
  await part('Ejecting virtual media', async () => {
    const slots = await media(m)
    if (slots.length === 0) return 'there are no virtual drives'
    const ejected = await ejectMedia(m, 'all')
    return ejected.length === 0 ? 'no virtual media was inserted' : `ejected virtual media from ${ejected.join(', ')}`
  })
  await part('Restoring the default boot order', async () => {
    const target = defaultOrderAction(m.system.body)
    const order = bootOrder(m.system.body)
    if (target === null) {
      const now = order.length === 0 ? 'It does not show the present order.' : `The order is left as it is: ${order.join(', ')}`
      throw new BmcError('unsupported', `The BMC at ${m.link.target.origin} cannot restore the default boot order. ${now}`)
    }
    const after = await setDefaultBootOrder(m, target)
    return `asked for the default boot order${after.length === 0 ? '' : `: ${after.join(', ')}`}`
  })
  const mode = await bootMode(m)
  if (mode !== null) done.push(`boot mode is ${mode}`)
  return { done, impossible }
}
