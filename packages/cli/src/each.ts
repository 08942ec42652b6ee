import { ApiError } from '@esi/client'
import type { Output } from './command.ts'
import { explain } from './errors.ts'

/** Does it to one after the other, also where the service refuses one, and says of each what became of it. */
export const each = async (
  names: readonly string[],
  say: { done(name: string): string; failed(name: string): string },
  act: (name: string) => Promise<unknown>,
): Promise<Output> => {
  const [done, failed]: string[][] = [[], []]
  for (const name of names)
    try {
      await act(name)
      done!.push(say.done(name))
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 401 || error.status >= 500) throw error
      failed!.push(`${say.failed(name)}: ${explain(error, false).text}`)
    }
  return { text: done!.join('\n'), ...(failed!.length > 0 ? { failed: failed!.join('\n') } : {}) }
}
