/** Kinds of values that only the Bare Metal API has. */
import { list, object, string, type Type, Unfit } from '../types.ts'

const MAC = /^([0-9a-f]{2})([:-])(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}$/i

/** A MAC address; kept as lower case with colons. */
export const mac = (): Type<string> => {
  const parse = (value: unknown): string => {
    if (typeof value !== 'string' || !MAC.test(value)) throw new Unfit(`must be a MAC address, not "${String(value).slice(0, 60)}"`)
    return value.toLowerCase().replaceAll('-', ':')
  }
  return { name: 'mac', schema: { type: 'string', pattern: '^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$' }, parse, query: parse }
}

// RFC 3986's unreserved characters.
const NAME = /^[A-Za-z0-9\-._~]+$/

/** A logical name: letters, digits and `-._~`. */
export const logicalName = (): Type<string> => {
  const parse = (value: unknown): string => {
    if (typeof value !== 'string' || value.length > 255 || !NAME.test(value))
      throw new Unfit(`must be a name of letters, digits and -._~, not '${String(value).slice(0, 60)}'`)
    return value
  }
  return { name: 'string', schema: { type: 'string', pattern: NAME.source, maxLength: 255 }, parse, query: parse }
}

const TRAIT = /^(CUSTOM|HW|STORAGE|MISC|COMPUTE|OWNER)_[A-Z0-9_]+$/

/** A trait: `CUSTOM_…`, or one of the standard ones (`HW_…`, `STORAGE_…`, `COMPUTE_…`, …). */
export const trait = (): Type<string> => {
  const parse = (value: unknown): string => {
    if (typeof value !== 'string' || value.length > 255 || !TRAIT.test(value))
      throw new Unfit(
        `does not match a trait: a standard one, or CUSTOM_ with capital letters, digits and _, not "${String(value).slice(0, 60)}"`,
      )
    return value
  }
  return { name: 'string', schema: { type: 'string', pattern: TRAIT.source, maxLength: 255 }, parse, query: parse }
}

export const traits = (): Type<string[]> => list(trait())

const LINK_KEYS = new Set([
  'switch_id',
  'port_id',
  'switch_info',
  'network_type',
  'hostname',
  'vtep-logical-switch',
  'vtep-physical-switch',
])

/**
 * Where a port's cable ends: `switch_id` (a MAC or an OpenFlow datapath id) with `port_id` and optionally `switch_info`; or
 * `hostname` with `port_id` for a Smart NIC; or only `network_type: unmanaged`.
 */
export const localLink = (): Type<Record<string, unknown>> => {
  const objects = object()
  const parse = (value: unknown): Record<string, unknown> => {
    const link = objects.parse(value)
    for (const [key, v] of Object.entries(link)) {
      if (!LINK_KEYS.has(key)) throw new Unfit(`must not have the key "${key.slice(0, 60)}"; there are ${[...LINK_KEYS].join(', ')}`)
      if (typeof v !== 'string') throw new Unfit(`must have a text for "${key}"`)
    }
    if (Object.keys(link).length === 0) return link
    if (link['network_type'] !== undefined && !['managed', 'unmanaged'].includes(link['network_type'] as string))
      throw new Unfit('must have "managed" or "unmanaged" for "network_type"')
    if (link['network_type'] === 'unmanaged') return link
    if (link['hostname'] !== undefined && link['switch_id'] === undefined) {
      if (link['port_id'] === undefined) throw new Unfit('must have "port_id" beside "hostname"')
      return link
    }
    if (link['switch_id'] === undefined || link['port_id'] === undefined) throw new Unfit('must have "switch_id" and "port_id"')
    const id = link['switch_id'] as string
    if (!MAC.test(id) && !/^[0-9a-f]{16}$/i.test(id) && !/^([0-9a-f]{2}:){7}[0-9a-f]{2}$/i.test(id))
      throw new Unfit(`must have a MAC address or a datapath id for "switch_id", not "${id.slice(0, 60)}"`)
    return { ...link, ...(MAC.test(id) ? { switch_id: id.toLowerCase().replaceAll('-', ':') } : {}) }
  }
  return {
    name: 'object',
    schema: { type: 'object', properties: Object.fromEntries([...LINK_KEYS].map(key => [key, { type: 'string' }])) },
    parse,
    query: text => parse(objects.query(text)),
  }
}

const GROUP = /^[A-Za-z0-9_\-.]*$/

/** The name of a conductor group; kept as lower case, '' is the default group. */
export const conductorGroup = (): Type<string> => {
  const text = string(255)
  const parse = (value: unknown): string => {
    const group = text.parse(value)
    if (!GROUP.test(group)) throw new Unfit('must be a conductor group of letters, digits and -_.')
    return group.toLowerCase()
  }
  return { name: 'string', schema: { type: 'string', pattern: GROUP.source, maxLength: 255 }, parse, query: parse }
}
