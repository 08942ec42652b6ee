import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { endpoint } from '@esi/api/identity/endpoint'
import { region } from '@esi/api/identity/region'
import { service } from '@esi/api/identity/service'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Route } from '../../../kit/http/route.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { isFillable } from '../domain/endpoint-url.ts'
import { invalid, missing } from '../errors.ts'
import { ensureRegion, hasService, regionLine, regionsBelow, removeRegions } from '../store/catalog.ts'
import { removeLimitsOf } from '../store/limits.ts'
import { endpoints, regions, services } from '../store/views.ts'
import { emit } from '../telling.ts'
import { PUBLIC } from '../tokens/catalog.ts'
import type { House } from './house.ts'
import { Keystone } from './keystone.ts'
import { putRoute } from './put.ts'

export const serviceResource = (house: House): Keystone =>
  new Keystone({
    resource: service,
    dialect,
    database: house.database,
    store: services,
    sparse: ['description'],
    concerns: () => [],
    behaviour: {
      // What it limited is limited no more.
      async beforeDelete(current, _context, tx) {
        for (const { type, id, project, domain } of await removeLimitsOf(tx.db, String(current['id'])))
          emit(tx, `${type}.deleted`, { type, id }, [project, domain])
      },
    },
  })

const place = async (values: Item, tx: Tx): Promise<void> => {
  // The older word makes the region that it names.
  if ((values['region_id'] === undefined || values['region_id'] === null) && typeof values['region'] === 'string') {
    values['region_id'] = values['region']
    if (await ensureRegion(tx.db, values['region']))
      emit(tx, 'region.created', { type: 'region', id: values['region'], name: values['region'] }, [])
  }
  if (typeof values['service_id'] === 'string' && !(await hasService(tx.db, values['service_id'])))
    throw invalid(`Could not find service: ${values['service_id'].slice(0, 64)}.`)
  const url = values['url']
  if (typeof url === 'string' && !isFillable(url)) throw invalid(`Cannot create an endpoint with an invalid URL: ${url.slice(0, 255)}.`)
}

const endpointBehaviour: Behaviour = {
  prepare: (draft, _context, tx) => place(draft, tx),
  beforeUpdate: (_current, values, _context, tx) => place(values, tx),
}

export const endpointResource = (house: House): Keystone =>
  new Keystone({
    resource: endpoint,
    dialect,
    database: house.database,
    store: endpoints,
    behaviour: endpointBehaviour,
    concerns: () => [],
    shape(item, context) {
      item['region'] = item['region_id']
      item['url'] = String(item['url']).replaceAll(PUBLIC, house.root(context))
    },
  })

const regionBehaviour: Behaviour = {
  async prepare(draft, _context, tx) {
    draft['description'] ??= ''
    const parent = draft['parent_region_id']
    if (typeof parent === 'string' && (await regionLine(tx.db, parent)).length === 0) throw missing('region', parent)
  },
  async beforeUpdate(current, values, _context, tx) {
    const id = String(current['id'])
    if ('id' in values) {
      if (values['id'] !== id) throw invalid('Cannot change region ID')
      delete values['id']
    }
    if (values['description'] === null) values['description'] = ''
    const parent = values['parent_region_id']
    if (typeof parent !== 'string') return
    const line = await regionLine(tx.db, parent)
    if (line.length === 0) throw missing('region', parent)
    if (line.includes(id)) throw invalid(`The specified parent region ${parent} would create a circular region hierarchy.`)
  },
  async remove(current, _context, tx) {
    const id = String(current['id'])
    const below = await regionsBelow(tx.db, id)
    if (!(await removeRegions(tx.db, [id, ...below])))
      throw new Refused(
        'forbidden',
        `Unable to delete region ${id} because it or its child regions have associated endpoints or registered limits.`,
      )
    for (const gone of [id, ...below]) emit(tx, 'region.deleted', { type: 'region', id: gone, name: gone }, [])
  },
}

export const regionResource = (house: House): Keystone =>
  new Keystone({
    resource: region,
    // An identifier that is empty is none.
    dialect: {
      ...dialect,
      created(request, r) {
        const given = dialect.created(request, r)
        if (given['id'] === '') delete given['id']
        return given
      },
    },
    database: house.database,
    store: regions,
    behaviour: regionBehaviour,
    concerns: () => [],
  })

/** `PUT /v3/regions/{id}`: a region whose identifier is in the path. */
export const putRegion = (engine: Keystone): Route =>
  putRoute(engine, {
    name: 'region.put',
    method: 'PUT',
    path: '/v3/regions/:region',
    policies: ['identity:create_region'],
    status: 201,
  })
