import type { Dialect } from '../dialect.ts'
import { Refused, STATUS } from '../dialect.ts'
import { naive } from '../time.ts'
import { isObject } from '../types.ts'

/** ESI-Leap v1 as WSME speaks it: plain objects, no pages, `faultstring`. */
// Pages are ours: a client that does not ask for them gets everything, as in the original.
const paging = ['limit', 'marker', 'sort_key', 'sort_dir']

export const dialect: Dialect = {
  service: 'leasing',
  newest: 0,
  time: naive,
  updateMethod: 'PATCH',
  status: { created: 201, deleted: 200 },
  version: () => 0,
  ask: () => ({}),
  headers: () => ({}),
  listQuery({ query }, r) {
    const others = [...paging, ...Object.keys(r.queries ?? {})]
    const filters = [...new Set(query.keys())]
      .filter(key => !others.includes(key))
      .map(field => {
        if (!r.fields[field]?.filter) throw new Refused('invalid', `Unknown argument: "${field.slice(0, 100)}"`)
        return { field, op: 'eq' as const, values: query.getAll(field).slice(-1) }
      })
    const limit = query.get('limit')
    if (limit !== null && !/^[1-9]\d{0,6}$/.test(limit))
      throw new Refused('invalid', `limit must be a whole number above 0, not "${limit.slice(0, 40)}"`)
    return {
      brief: false,
      filters,
      sort: query.getAll('sort_key').map((field, i) => ({ field, dir: query.getAll('sort_dir')[i] === 'desc' ? 'desc' : 'asc' })),
      ...(limit === null ? {} : { limit: Number(limit) }),
      ...(query.has('marker') ? { marker: query.get('marker')! } : {}),
    }
  },
  one: (_r, item) => item,
  many: (r, items, _request, next) => ({ [r.plural]: items, ...(next ? { next } : {}) }),
  deleted: () => null,
  created(request) {
    if (!isObject(request.body)) throw new Refused('invalid', 'The body must be a JSON object.')
    return request.body
  },
  changes(request) {
    if (!isObject(request.body)) throw new Refused('invalid', 'The body must be a JSON object.')
    return Object.entries(request.body).map(([field, value]) => ({ field, value }))
  },
  error: refused => ({
    status: STATUS[refused.kind],
    body: {
      faultcode: STATUS[refused.kind] < 500 ? 'Client' : 'Server',
      faultstring: refused.message,
      debuginfo: null,
      ...(refused.detail ?? {}),
    },
  }),
  missing: (r, ident) => new Refused('missing', `${title(r.name)} with name or uuid "${ident.slice(0, 255)}" not found`),
  foreign: (r, ident) => new Refused('forbidden', `Access was denied to ${r.name} ${ident.slice(0, 255)}.`),
  denied: rule => new Refused('forbidden', `Access was denied to the following resource: ${rule}`),
  client: {
    create: (_r, draft) => draft,
    update: (_r, changes) => ({ body: Object.fromEntries(changes.map(c => [c.field, c.value])) }),
    items: (r, body) => ({
      items: ((body as Record<string, unknown>)[r.plural] ?? []) as Record<string, unknown>[],
      ...(typeof (body as Record<string, unknown>)['next'] === 'string' ? { next: (body as Record<string, string>)['next']! } : {}),
    }),
    item: (_r, body) => body as Record<string, unknown>,
    message: body => (isObject(body) && typeof body['faultstring'] === 'string' ? body['faultstring'] : undefined),
  },
}

const title = (name: string): string => name[0]!.toUpperCase() + name.slice(1)
