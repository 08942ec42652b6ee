import { type Machine, related } from './machine.ts'
import { media } from './media.ts'
import { at, list, pathOf, type Resource, str } from './resource.ts'

/** The attributes of the BMC in which some vendors keep what is booted first; null where this one has none of them. */
const attributes = async (m: Machine): Promise<Resource | null> => {
  const { mediaBoot } = m.quirks
  if (!mediaBoot) return null
  const [manager] = await related(m, 'Managers')
  if (manager === undefined) return null
  const named = list(manager.body, ...mediaBoot.links)
    .map(each => pathOf(str(each, '@odata.id')))
    .find(path => path !== null && mediaBoot.path.test(path))
  const found = await m.link.find(named ?? `${manager.path}/${mediaBoot.otherwise}`, m.call)
  return str(found?.body, 'Attributes', mediaBoot.device) === null ? null : found
}

/** Where the machine starts from its virtual CD by those attributes: whether for good. Null where it does not. */
export const mediaBoot = async (m: Machine): Promise<{ readonly persistent: boolean } | null> => {
  const { mediaBoot: quirk } = m.quirks
  const found = await attributes(m)
  if (!quirk || found === null || str(found.body, 'Attributes', quirk.device) !== quirk.cdrom) return null
  return { persistent: str(found.body, 'Attributes', quirk.once) !== 'Enabled' }
}

/** Starts from the virtual CD that is inserted. False where the usual override is to be used: another vendor, or no image in it. */
export const setMediaBoot = async (m: Machine, persistent: boolean): Promise<boolean> => {
  const { mediaBoot: quirk } = m.quirks
  if (!quirk || !(await media(m)).some(slot => slot.image !== null && slot.types.some(type => type === 'CD' || type === 'DVD')))
    return false
  const found = await attributes(m)
  if (found === null) return false
  await write(m, found, { [quirk.device]: quirk.cdrom, [quirk.once]: persistent ? 'Disabled' : 'Enabled' })
  return true
}

/** Back to the machine's own order. False where it was so. */
export const endMediaBoot = async (m: Machine): Promise<boolean> => {
  const { mediaBoot: quirk } = m.quirks
  const found = await attributes(m)
  if (!quirk || found === null || str(found.body, 'Attributes', quirk.device) === quirk.normal) return false
  await write(m, found, { [quirk.device]: quirk.normal })
  return true
}

const write = async (m: Machine, found: Resource, wanted: Readonly<Record<string, string>>): Promise<void> => {
  const as = (body: unknown) => Object.entries(wanted).every(([name, value]) => at(body, 'Attributes', name) === value)
  if (as(found.body)) return
  const done = async () => as((await m.link.get(found.path, m.call)).body)
  // These count at once; asked for the next start they would be taken and forgotten.
  await m.link.patch(found.path, { Attributes: wanted }, m.call, { done, of: found })
}
