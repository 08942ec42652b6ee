import type { Dialect, FilterOp, Kind, WireRequest } from '../dialect.ts'
import { Refused } from '../dialect.ts'
import { unwrap } from '../page.ts'
import { whole } from '../time.ts'
import { isObject } from '../types.ts'

/** Keystone v3: envelopes with `links`, merge PATCH, `name__contains`, no microversions. Source: the Identity API v3 reference. */
const kinds: Record<Kind, readonly [number, string]> = {
  invalid: [400, 'Bad Request'],
  unauthenticated: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  missing: [404, 'Not Found'],
  method: [405, 'Method Not Allowed'],
  version: [400, 'Bad Request'],
  conflict: [409, 'Conflict'],
  gone: [410, 'Gone'],
  'too large': [413, 'Request Entity Too Large'],
  media: [415, 'Unsupported Media Type'],
  limit: [429, 'Too Many Requests'],
  unimplemented: [501, 'Not Implemented'],
  internal: [500, 'Internal Server Error'],
  unavailable: [503, 'Service Unavailable'],
  timeout: [504, 'Gateway Timeout'],
}

// The comparators of Keystone's list filters, by suffix; the `i` forms ignore case there and here.
const comparators: Readonly<Record<string, FilterOp>> = {
  contains: 'contains',
  icontains: 'contains',
  startswith: 'startswith',
  istartswith: 'startswith',
  endswith: 'endswith',
  iendswith: 'endswith',
  gte: 'gte',
  gt: 'gt',
  lte: 'lte',
  lt: 'lt',
  exact: 'eq',
  iexact: 'eq',
}

export const dialect: Dialect = {
  service: 'identity',
  newest: 0,
  time: whole,
  updateMethod: 'PATCH',
  status: { created: 201, deleted: 204 },
  version: () => 0,
  ask: () => ({}),
  headers: () => ({ Vary: 'X-Auth-Token' }),
  listQuery({ query }, r) {
    const others = ['limit', 'marker', 'sort_key', 'sort_dir', 'page', 'per_page', ...Object.keys(r.queries ?? {}), ...(r.ignored ?? [])]
    const filters = [...new Set(query.keys())]
      .filter(key => !others.includes(key))
      .flatMap(key => {
        const [field = '', suffix] = key.split('__')
        const op = suffix === undefined ? 'eq' : comparators[suffix]
        return op === undefined ? [] : [{ field, op, values: [query.get(key)!] }]
      })
      // What Keystone does not know as a filter, or as a way to compare, it passes over.
      .filter(f => r.fields[f.field]?.filter)
    const limit = query.get('limit')
    return {
      brief: false,
      filters,
      sort: [],
      ...(limit !== null && /^[1-9]\d*$/.test(limit) ? { limit: Math.min(Number(limit), 10_000) } : {}),
      ...(query.has('marker') ? { marker: query.get('marker')! } : {}),
    }
  },
  one: (r, item, request) => ({ [r.name]: linked(r.path, r.id, item, request) }),
  many: (r, items, request, next) => ({
    [r.plural]: items.map(item => linked(r.path, r.id, item as Record<string, unknown>, request)),
    links: { next: next ?? null, self: selfLink(request), previous: null },
  }),
  created: (request, r) => unwrap(request, r),
  // Clients send back what they were shown: its own identifier and links are no change.
  changes: (request, r, current) =>
    Object.entries(unwrap(request, r))
      .filter(([field, value]) => field !== 'links' && !(field === r.id && value === current[r.id]))
      .map(([field, value]) => ({ field, value })),
  error: refused => ({
    status: kinds[refused.kind][0],
    headers: { Vary: 'X-Auth-Token' },
    body: { error: { code: kinds[refused.kind][0], message: refused.message, title: kinds[refused.kind][1], ...(refused.detail ?? {}) } },
  }),
  missing: (r, ident) => new Refused('missing', `Could not find ${r.name.replaceAll('_', ' ')}: ${ident.slice(0, 255)}.`),
  // Keystone judges before it looks, so what is foreign and what is nowhere get one answer.
  foreign: (_r, _ident, rule) => dialect.denied(rule),
  denied: rule => new Refused('forbidden', `You are not authorized to perform the requested action: ${rule}.`),
  client: {
    create: (r, draft) => ({ [r.name]: draft }),
    // A key inside an object is `options/immutable`; null takes it away.
    update: (r, changes) => {
      const fields: Record<string, unknown> = {}
      for (const { field, value } of changes) {
        const [name = '', ...rest] = field.split('/')
        const key = rest.join('/').replaceAll('~1', '/').replaceAll('~0', '~')
        fields[name] = rest.length === 0 ? value : { ...(isObject(fields[name]) ? fields[name] : {}), [key]: value }
      }
      return { body: { [r.name]: fields } }
    },
    items: (r, body) => {
      const whole = body as Record<string, unknown>
      const next = isObject(whole['links']) ? whole['links']['next'] : undefined
      return { items: (whole[r.plural] ?? []) as Record<string, unknown>[], ...(typeof next === 'string' ? { next } : {}) }
    },
    item: (r, body) => (body as Record<string, Record<string, unknown>>)[r.name]!,
    message: body => (isObject(body) && isObject(body['error']) ? String(body['error']['message']) : undefined),
  },
}

const linked = (path: string, id: string, item: Readonly<Record<string, unknown>>, request: WireRequest) => ({
  ...item,
  links: { self: `${request.base}${path}/${String(item[id])}` },
})

/** Where a list is, its query written as clients write theirs: commas, colons and slashes need no escape there, and nothing needs no equals sign. */
export const selfLink = (request: Pick<WireRequest, 'base' | 'path' | 'query'>): string => {
  const query = request.query
    .toString()
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/')
    .replace(/=(?=&|$)/g, '')
  return `${request.base}${request.path}${query ? `?${query}` : ''}`
}
