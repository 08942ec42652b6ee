import { BmcError } from '../driver.ts'
import { unsupported } from './faults.ts'
import { type Machine, related } from './machine.ts'
import { action, at, isObject, type Json, link, pathOf, type Resource, str, strings } from './resource.ts'

export type MediaType = 'cdrom' | 'floppy' | 'disk'

/** MediaTypes of the VirtualMedia schema that will do. */
const TYPES: Readonly<Record<MediaType, readonly string[]>> = { cdrom: ['CD', 'DVD'], floppy: ['Floppy'], disk: ['USBStick'] }

const slots = async (m: Machine): Promise<readonly Resource[]> => {
  const own = await m.link.members(link(m.system.body, 'VirtualMedia'), m.call, 32)
  if (own.length > 0) return own
  const found: Resource[] = []
  for (const manager of await related(m, 'Managers')) found.push(...(await m.link.members(link(manager.body, 'VirtualMedia'), m.call, 32)))
  return found
}

const imageOf = (slot: Json): string | null =>
  str(slot, 'Image') ?? (slot['Inserted'] === true ? (str(slot, 'ImageName') ?? '(unnamed)') : null)

const holds = (slot: Json): boolean => slot['Inserted'] === true || (slot['Inserted'] === undefined && str(slot, 'Image') !== null)

export const media = async (m: Machine): Promise<{ slot: string; types: readonly string[]; image: string | null }[]> =>
  (await slots(m)).map(({ body, path }) => ({
    slot: str(body, 'Id') ?? path,
    types: strings(body, 'MediaTypes'),
    image: holds(body) ? imageOf(body) : null,
  }))

export const insertMedia = async (m: Machine, type: MediaType, url: string): Promise<void> => {
  const { origin } = m.link.target
  if (!URL.canParse(url) || !/^(https?|nfs|cifs):$/.test(new URL(url).protocol))
    throw new BmcError('settings', 'The image must be given by a URL that the BMC can fetch, with http or https.')
  const all = (await slots(m)).filter(({ body }) => !m.quirks.notForImages?.test(str(body, 'Id') ?? ''))
  const fits = all.filter(({ body }) => strings(body, 'MediaTypes').some(t => TYPES[type].includes(t)))
  if (fits.some(({ body }) => holds(body) && str(body, 'Image') === url)) return
  const slot = fits.find(({ body }) => !holds(body))
  if (slot === undefined && fits.length > 0)
    throw new BmcError('refused', `All virtual drives for "${type}" of the BMC at ${origin} are in use. Eject one first.`)
  if (slot === undefined) throw unsupported(origin, `has no virtual drive for "${type}"`)
  const done = async () => {
    const { body } = await m.link.get(slot.path, m.call)
    return holds(body) && (str(body, 'Image') === url || imageOf(body) === '(unnamed)')
  }
  const flags = { Inserted: true, WriteProtected: true }
  const target = mediaAction(m, slot.body, 'insert')
  if (target === null) return await m.link.patch(slot.path, { Image: url, ...flags }, m.call, { done, of: slot })
  const protocol = { TransferProtocolType: new URL(url).protocol.slice(0, -1).toUpperCase() }
  // What some BMCs want and others do not know; a refusal has done nothing, so the next form may be tried.
  const forms: Json[] = [
    { Image: url, ...(m.quirks.insertFlags ? flags : {}) },
    { Image: url, ...(m.quirks.insertFlags ? flags : {}), ...protocol },
    { Image: url, ...flags, ...protocol, TransferMethod: 'Stream' },
  ]
  for (const [index, form] of forms.entries()) {
    try {
      return await m.link.post(target, form, m.call, { done })
    } catch (error) {
      const asks =
        error instanceof BmcError && !error.uncertain && /TransferProtocolType|TransferMethod|Inserted|WriteProtected/.test(error.message)
      if (!asks || index === forms.length - 1) throw error
    }
  }
}

/** Returns the slots that held something. */
export const ejectMedia = async (m: Machine, type: MediaType | 'all'): Promise<readonly string[]> => {
  const full = (await slots(m)).filter(
    ({ body }) => holds(body) && (type === 'all' || strings(body, 'MediaTypes').some(t => TYPES[type].includes(t))),
  )
  const ejected: string[] = []
  for (const slot of full) {
    const done = async () => !holds((await m.link.get(slot.path, m.call)).body)
    const target = mediaAction(m, slot.body, 'eject')
    if (target === null) await m.link.patch(slot.path, { Image: null, Inserted: false }, m.call, { done, of: slot })
    else await m.link.post(target, m.quirks.emptyBody === '{}' ? {} : undefined, m.call, { done })
    ejected.push(str(slot.body, 'Id') ?? slot.path)
  }
  return ejected
}

const mediaAction = (m: Machine, slot: Json, what: 'insert' | 'eject'): string | null => {
  const standard = action(slot, what === 'insert' ? '#VirtualMedia.InsertMedia' : '#VirtualMedia.EjectMedia')
  const name = m.quirks.mediaActions?.[what]
  if (standard !== null || name === undefined) return standard?.target ?? null
  const oem = at(slot, 'Oem')
  const sections = isObject(oem) ? Object.values(oem) : []
  for (const section of sections) {
    const actions = at(section, 'Actions')
    const key = isObject(actions) ? Object.keys(actions).find(k => name.test(k)) : undefined
    if (key !== undefined) return pathOf(str(actions, key, 'target'))
  }
  return null
}
