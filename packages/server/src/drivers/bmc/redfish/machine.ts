import { BmcError, type Call } from '../driver.ts'
import type { Link } from './link.ts'
import { type Quirks, quirksOf } from './quirks.ts'
import { at, isObject, type Json, link, list, pathOf, type Resource, str, strings } from './resource.ts'

/** The machine that the settings mean, freshly read, with what is peculiar about its BMC. */
export interface Machine {
  readonly link: Link
  readonly call: Call
  readonly system: Resource
  readonly quirks: Quirks
}

/** Reads the system `id` (a path), or the only one. Machines of one BMC share a link, so the link cannot know which. */
export const machine = async (on: Link, id: string | null, call: Call): Promise<Machine> => {
  const root = await on.root(call)
  const system = await read(on, root, id, call)
  const oem = (body: Json) => (isObject(body['Oem']) ? Object.keys(body['Oem']) : [])
  const vendor = [str(system.body, 'Manufacturer'), str(root.body, 'Vendor'), ...oem(root.body), ...oem(system.body)].join(' ')
  return { link: on, call, system, quirks: quirksOf(vendor, str(system.body, 'Model') ?? '') }
}

const read = async (on: Link, root: Resource, system: string | null, call: Call): Promise<Resource> => {
  const { origin } = on.target
  const collection = link(root.body, 'Systems')
  if (collection === null)
    throw new BmcError('settings', `What answers at ${origin} lists no systems. Correct redfish_address: it must be the machine's BMC.`)
  if (system !== null) {
    const path = system.startsWith('/') ? system : `${collection.replace(/\/$/, '')}/${encodeURIComponent(system)}`
    const found = await on.find(path, call)
    if (found !== null) return found
    const others = await ids(on, collection, call)
    throw new BmcError(
      'settings',
      `The BMC at ${origin} has no system ${system}. Set redfish_system_id to one of these: ${others.join(', ')}.`,
    )
  }
  const paths = await ids(on, collection, call)
  const [only] = paths
  if (only === undefined)
    throw new BmcError('busy', `The BMC at ${origin} lists no system at present. It may still be starting; try again.`)
  if (paths.length > 1)
    throw new BmcError(
      'settings',
      `The BMC at ${origin} manages several systems. Set redfish_system_id to one of these: ${paths.join(', ')}.`,
    )
  return await on.get(only, call)
}

const ids = async (on: Link, collection: string, call: Call): Promise<string[]> =>
  list((await on.get(collection, call)).body, 'Members')
    .map(member => pathOf(str(member, '@odata.id')))
    .filter(path => path !== null)
    .slice(0, 64)

/** The system once more, for reading back. */
export const reread = async (m: Machine): Promise<Resource> => await m.link.get(m.system.path, m.call)

/** The managers and chassis that the system names, or all there are. */
export const related = async (m: Machine, kind: 'Managers' | 'Chassis'): Promise<readonly Resource[]> => {
  const named = list(m.system.body, 'Links', kind === 'Managers' ? 'ManagedBy' : 'Chassis')
    .map(value => pathOf(str(value, '@odata.id')))
    .filter(path => path !== null)
  if (named.length === 0) return await m.link.members(link((await m.link.root(m.call)).body, kind), m.call, 16)
  const found: Resource[] = []
  for (const path of named.slice(0, 16)) {
    const resource = await m.link.find(path, m.call)
    if (resource !== null) found.push(resource)
  }
  return found
}

/** Values that a resource names for a property, or undefined where it does not say. */
export const allowed = (body: unknown, ...keys: readonly string[]): readonly string[] | undefined => {
  const last = `${keys.at(-1)}@Redfish.AllowableValues`
  const value = at(body, ...keys.slice(0, -1), last)
  return Array.isArray(value) ? value.filter(v => typeof v === 'string') : undefined
}

/** What an action takes for a parameter: `takes` where the BMC tells of it, and the values where it names them (DSP0266, ActionInfo). */
export const parameterOf = async (
  m: Machine,
  action: Json,
  name: string,
): Promise<{ readonly takes: boolean; readonly values: readonly string[] | undefined }> => {
  const inline = allowed(action, name)
  if (inline !== undefined) return { takes: true, values: inline }
  const info = await m.link.find(pathOf(str(action, '@Redfish.ActionInfo')), m.call)
  const told = list(info?.body, 'Parameters').find(parameter => str(parameter, 'Name') === name)
  const values = strings(told, 'AllowableValues')
  return { takes: told !== undefined, values: values.length > 0 ? values : undefined }
}
