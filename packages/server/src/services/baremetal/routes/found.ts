import { dialect } from '@esi/api/baremetal/dialect'
import { getBios, getInventory, listBios, listFirmware } from '@esi/api/baremetal/node-routes'
import type { Context, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { type BiosSetting, biosOf, firmwareOf } from '../store/bios.ts'
import { inventoryOf } from '../store/inventory.ts'
import type { World } from '../world.ts'
import { look } from './act.ts'

const time = (at: string | null) => (at === null ? null : dialect.time(at))
/** What the machine's registry tells of a setting beside its value. */
const REGISTRY = [
  'allowable_values',
  'attribute_type',
  'lower_bound',
  'max_length',
  'min_length',
  'read_only',
  'reset_required',
  'unique',
  'upper_bound',
]

/** What was found in a machine: BIOS settings, firmware, and what inspection took down. */
export const foundRoutes = (world: World, nodes: Engine): Route[] => {
  const shown = (context: Context, node: string, setting: BiosSetting, detail: boolean): Record<string, unknown> => ({
    name: setting.name,
    value: setting.value,
    ...(detail && context.version >= 74 ? Object.fromEntries(REGISTRY.map(name => [name, setting.registry[name] ?? null])) : {}),
    created_at: time(setting.created_at),
    updated_at: time(setting.updated_at),
    links: links(context, `nodes/${node}/bios/${setting.name}`),
  })

  return [
    look(nodes, listBios, async (row, context, { query }) => {
      if ((query.detail !== undefined || query.fields !== undefined) && context.version < 74) throw errors.notAcceptable()
      if (query.detail && query.fields) throw errors.invalid("Can't fetch a subset of fields with 'detail' set")
      const uuid = String(row['uuid'])
      const all = (await biosOf(world.database.db, uuid)).map(setting =>
        shown(context, uuid, setting, query.detail === true || query.fields !== undefined),
      )
      const { fields } = query
      const known = ['name', 'value', 'created_at', 'updated_at', 'links', ...REGISTRY]
      const unknown = (fields ?? []).filter(field => !known.includes(field))
      if (unknown.length > 0) throw errors.invalid(`Field(s) "${unknown.join(', ').slice(0, 200)}" are not valid`)
      return {
        status: 200,
        body: {
          bios: fields
            ? all.map(each => Object.fromEntries(Object.entries(each).filter(([key]) => key === 'links' || fields.includes(key))))
            : all,
        },
      }
    }),
    look(nodes, getBios, async (row, context, { params }) => {
      const uuid = String(row['uuid'])
      const name = params['setting']!
      const setting = (await biosOf(world.database.db, uuid)).find(each => each.name === name)
      if (!setting) throw errors.missing(`Node ${uuid} doesn't have a BIOS setting '${name}'`)
      return { status: 200, body: { [name]: shown(context, uuid, setting, true) } }
    }),
    look(nodes, listFirmware, async (row, context) => ({
      status: 200,
      body: {
        firmware: (await firmwareOf(world.database.db, String(row['uuid']))).map(({ vendor, model, ...each }) => ({
          ...each,
          ...(context.version >= 114 ? { vendor, model, serial_number: null } : {}),
          created_at: time(each.created_at),
          updated_at: time(each.updated_at),
        })),
      },
    })),
    look(nodes, getInventory, async row => {
      const found = await inventoryOf(world.database.db, String(row['uuid']))
      if (!found) throw errors.missing(`Node inventory record for node ${row['uuid']} could not be found.`)
      return { status: 200, body: found }
    }),
  ]
}
