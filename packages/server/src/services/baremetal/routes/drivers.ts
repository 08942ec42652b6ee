import { driverProperties, driverRaid, getDriver, listDrivers } from '@esi/api/baremetal/routes'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { LOGICAL_DISK } from '../domain/raid.ts'
import { errors } from '../errors.ts'
import { defaultOf, interfacesOf, KINDS, type Kind } from '../interfaces.ts'
import { links } from '../links.ts'
import { liveConductors } from '../store/conductors.ts'
import type { World } from '../world.ts'

const SINCE: Partial<Record<Kind, number>> = { storage: 33, rescue: 38, bios: 40, firmware: 86 }

/** Hardware types, which conductors have them, and what they need to know of a node. */
export const driverRoutes = (world: World): Route[] => {
  const shown = (context: Context, name: string, hosts: readonly string[], detail: boolean, fields: readonly string[] | undefined) => {
    const table = interfacesOf(name)
    const kinds = detail && context.version >= 30 ? KINDS.filter(kind => (SINCE[kind] ?? 0) <= context.version) : []
    const whole: Record<string, unknown> = {
      name,
      hosts,
      links: links(context, `drivers/${name}`),
      ...(context.version >= 14 ? { properties: links(context, `drivers/${name}/properties`) } : {}),
      ...(context.version >= 30 ? { type: 'dynamic' } : {}),
      ...Object.fromEntries(
        kinds.flatMap(kind => [
          [`default_${kind}_interface`, defaultOf(name, kind, world.config.networkInterface)],
          [`enabled_${kind}_interfaces`, [...table[kind]]],
        ]),
      ),
    }
    if (!fields) return whole
    const unknown = fields.filter(field => !Object.hasOwn(whole, field))
    if (unknown.length > 0) throw errors.invalid(`Field(s) "${unknown.join(', ')}" are not valid`)
    return Object.fromEntries(Object.entries(whole).filter(([key]) => key === 'links' || fields.includes(key)))
  }
  const known = (name: string) => {
    const driver = world.drivers.get(name)
    if (!driver) throw errors.driverMissing(name)
    return driver
  }
  const hostsOf = async (): Promise<(name: string) => string[]> => {
    const live = await liveConductors(world.database.db)
    return name => live.filter(c => c.drivers.includes(name)).map(c => c.hostname)
  }

  return [
    handle(listDrivers, async (context, { query }) => {
      context.require('baremetal:driver:get')
      // Classic drivers went away in 2018; there are none.
      if (query.type === 'classic') return { status: 200, body: { drivers: [] } }
      if (query.detail && query.fields) throw errors.invalid("Can't fetch a subset of fields with 'detail' set")
      const hosts = await hostsOf()
      const drivers = world.drivers.names.map(name =>
        shown(context, name, hosts(name), query.detail === true || query.fields !== undefined, query.fields),
      )
      return { status: 200, body: { drivers } }
    }),
    handle(getDriver, async (context, { params, query }) => {
      context.require('baremetal:driver:get')
      const name = params['driver']!
      known(name)
      return { status: 200, body: shown(context, name, (await hostsOf())(name), true, query.fields) }
    }),
    handle(driverProperties, async (context, { params }) => {
      context.require('baremetal:driver:get_properties')
      const { settings } = known(params['driver']!)
      const body = Object.fromEntries(
        Object.entries(settings).map(([key, s]) => [
          key,
          `${s.doc}${s.required ? ' Required.' : ''}${s.secret ? ' Kept sealed, and never shown.' : ''}`,
        ]),
      )
      return { status: 200, body }
    }),
    handle(driverRaid, async (context, { params }) => {
      context.require('baremetal:driver:get_raid_logical_disk_properties')
      known(params['driver']!)
      if (defaultOf(params['driver']!, 'raid') !== 'no-raid') return { status: 200, body: LOGICAL_DISK }
      // 404 and not 400, as RAID is a standard interface that not every driver has.
      throw errors.noRaid(errors.unsupported(params['driver']!, 'raid').message)
    }),
  ]
}
