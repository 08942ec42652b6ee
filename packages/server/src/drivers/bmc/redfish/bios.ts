import type { BiosAttribute, BiosValue } from '../driver.ts'
import { unsupported } from './faults.ts'
import type { Machine } from './machine.ts'
import { action, at, isObject, type Json, link, list, num, pathOf, type Resource, str, strings } from './resource.ts'

/** So many are kept; real machines have a few hundred. */
const MOST = 5000

type Settings = Readonly<Record<string, BiosValue>>

const resourceOf = (m: Machine): Promise<Resource | null> => m.link.find(link(m.system.body, 'Bios'), m.call)

const attributesOf = (body: Json | undefined): Settings | null => {
  const attributes = at(body, 'Attributes')
  if (!isObject(attributes)) return null
  const plain = (value: unknown): value is BiosValue => value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return Object.fromEntries(
    Object.entries(attributes)
      .filter((each): each is [string, BiosValue] => plain(each[1]))
      .slice(0, MOST),
  )
}

/** What the BIOS resource has as attributes; null where there is none. */
export const biosSettings = async (m: Machine): Promise<Settings | null> => attributesOf((await resourceOf(m))?.body)

/** Where settings for the next start are written: a resource of their own, or the BIOS itself with firmware that has none. */
interface Place {
  readonly bios: Resource
  readonly settings: Resource
  readonly applyTimes: readonly string[]
}

const place = async (m: Machine): Promise<Place> => {
  const bios = await resourceOf(m)
  if (bios === null || attributesOf(bios.body) === null)
    throw unsupported(m.link.target.origin, "shows no BIOS settings. Set them in the machine's own setup")
  const settings = (await m.link.find(link(bios.body, '@Redfish.Settings', 'SettingsObject'), m.call)) ?? bios
  const applyTimes = [
    ...strings(bios.body, '@Redfish.Settings', 'SupportedApplyTimes'),
    ...strings(settings.body, '@Redfish.SettingsApplyTime', 'ApplyTime@Redfish.AllowableValues'),
  ]
  return { bios, settings, applyTimes }
}

/** Of what waits, only what differs from what is in force: some BMCs show all settings there. */
export const biosPending = async (m: Machine): Promise<Settings> => {
  const { bios, settings } = await place(m)
  if (settings === bios) return {}
  const now = attributesOf(bios.body) ?? {}
  return Object.fromEntries(Object.entries(attributesOf(settings.body) ?? {}).filter(([name, value]) => now[name] !== value))
}

export const setBios = async (m: Machine, wanted: Settings): Promise<void> => {
  const { bios, settings, applyTimes } = await place(m)
  const waits = (body: Json) => {
    const there = attributesOf(body) ?? {}
    return Object.entries(wanted).every(([name, value]) => Object.hasOwn(there, name) && there[name] === value)
  }
  if (settings === bios ? waits(bios.body) : waits(settings.body)) return
  const when = applyTimes.includes('OnReset')
    ? { '@Redfish.SettingsApplyTime': { '@odata.type': '#Settings.v1_0_0.PreferredApplyTime', ApplyTime: 'OnReset' } }
    : {}
  const done = async () => waits((await m.link.get(settings.path, m.call)).body)
  await m.link.patch(settings.path, { Attributes: wanted, ...when }, m.call, { done, of: settings, pending: true })
}

export const resetBios = async (m: Machine): Promise<void> => {
  const bios = await resourceOf(m)
  const found = action(bios?.body, '#Bios.ResetBios')
  if (found === null) throw unsupported(m.link.target.origin, "cannot set the BIOS back. Do it in the machine's own setup")
  await m.link.post(found.target, m.quirks.emptyBody === '{}' ? {} : undefined, m.call, { pending: true })
}

const TYPES = ['Enumeration', 'String', 'Integer', 'Boolean', 'Password'] as const

/** The attribute registry that the BIOS names (DSP0268, AttributeRegistry), by way of the registries that the service lists. */
export const biosRegistry = async (m: Machine): Promise<readonly BiosAttribute[] | null> => {
  const bios = await resourceOf(m)
  const name = str(bios?.body, 'AttributeRegistry')
  const where = name === null ? null : await registryFile(m, name)
  const file = where === null ? null : await m.link.find(where, m.call)
  const entries = list(file?.body, 'RegistryEntries', 'Attributes')
  if (file === null || entries.length === 0) return null
  return entries
    .filter(isObject)
    .slice(0, MOST)
    .map(attribute)
    .filter(each => each !== null)
}

const attribute = (entry: Json): BiosAttribute | null => {
  const name = str(entry, 'AttributeName')
  if (name === null) return null
  const type = str(entry, 'Type')
  const flag = (key: string): boolean | null => (typeof entry[key] === 'boolean' ? (entry[key] as boolean) : null)
  const values = list(entry, 'Value')
    .map(value => str(value, 'ValueName') ?? str(value, 'ValueDisplayName'))
    .filter(value => value !== null)
  return {
    name,
    type: TYPES.find(known => known === type) ?? null,
    values: values.length > 0 ? values : null,
    least: num(entry, 'LowerBound'),
    most: num(entry, 'UpperBound'),
    minLength: num(entry, 'MinLength'),
    maxLength: num(entry, 'MaxLength'),
    readOnly: flag('ReadOnly'),
    needsReset: flag('ResetRequired'),
    unique: flag('IsSystemUniqueProperty'),
  }
}

/** The path of a registry's file on the BMC; null where it lies elsewhere or nowhere. */
const registryFile = async (m: Machine, name: string): Promise<string | null> => {
  const collection = link((await m.link.root(m.call)).body, 'Registries')
  if (collection === null) return null
  // Members are called after what they hold nearly everywhere, so the right one is looked at first.
  const paths = list((await m.link.find(collection, m.call))?.body, 'Members')
    .map(member => pathOf(str(member, '@odata.id')))
    .filter(path => path !== null)
    .slice(0, 128)
  const likely = (path: string) => (path.endsWith(`/${name}`) ? 0 : /bios|attribute/i.test(path) ? 1 : 2)
  for (const path of [...paths].sort((a, b) => likely(a) - likely(b))) {
    const member = await m.link.find(path, m.call)
    if (str(member?.body, 'Registry') !== name && str(member?.body, 'Id') !== name) continue
    const locations = list(member?.body, 'Location')
    const english = locations.find(each => /^en/i.test(str(each, 'Language') ?? '')) ?? locations[0]
    return pathOf(str(english, 'Uri'))
  }
  return null
}
