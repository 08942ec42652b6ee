import type { Machine } from './machine.ts'
import { at, isObject, link } from './resource.ts'

/** So many are kept; real machines have a few hundred. */
const MOST = 5000

/** What the BIOS resource has as attributes; null where there is none. */
export const biosSettings = async (m: Machine): Promise<Readonly<Record<string, string | number | boolean | null>> | null> => {
  const found = await m.link.find(link(m.system.body, 'Bios'), m.call)
  const attributes = at(found?.body, 'Attributes')
  if (!isObject(attributes)) return null
  const plain = (value: unknown): value is string | number | boolean | null =>
    value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return Object.fromEntries(
    Object.entries(attributes)
      .filter((each): each is [string, string | number | boolean | null] => plain(each[1]))
      .slice(0, MOST),
  )
}
