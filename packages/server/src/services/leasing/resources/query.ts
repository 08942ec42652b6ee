import type { AnyResource } from '@esi/api/define'
import { Refused } from '@esi/api/dialect'
import { Unfit } from '@esi/api/types'
import type { Context } from '../../../kit/http/route.ts'

/** The declared parameters of a list as they were given; the last one counts where one is repeated, an empty one is none. */
export const readQueries = (r: AnyResource, context: Context): Readonly<Record<string, string>> => {
  const out: Record<string, string> = {}
  for (const [name, { type }] of Object.entries(r.queries ?? {})) {
    const text = context.wire.query.getAll(name).at(-1)
    if (text === undefined || text === '') continue
    try {
      out[name] = String(type.query(text))
    } catch (e) {
      if (e instanceof Unfit)
        throw new Refused('invalid', `Invalid input for field/attribute ${name}: "${text.slice(0, 100)}" ${e.message}`)
      throw e
    }
  }
  return out
}
