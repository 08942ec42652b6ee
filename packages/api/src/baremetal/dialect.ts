import type { Dialect, WireRequest } from '../dialect.ts'
import { Refused, STATUS } from '../dialect.ts'
import { patchChanges } from '../json-patch.ts'
import { chosenFields, direction, exactFilters, pageSize } from '../page.ts'
import { aware } from '../time.ts'
import { bool, isObject, isUuid } from '../types.ts'

/** Ironic v1: JSON Patch, microversions, `error_message` holding JSON as a string. Source: the Bare Metal API reference. */

export const NEWEST = 115
const PAGE = 1000
// A logical name: RFC 3986's unreserved characters.
const NAME = /^[A-Za-z0-9\-._~]+$/
const paging = ['fields', 'limit', 'marker', 'sort_key', 'sort_dir', 'detail']

const asked = (request: WireRequest): string | undefined => {
  const generic = request.headers['openstack-api-version']
  return request.headers['x-openstack-ironic-api-version'] ?? (generic ? /(?:^|,)\s*baremetal\s+(\S+)/.exec(generic)?.[1] : undefined)
}

export const dialect: Dialect = {
  service: 'baremetal',
  newest: NEWEST,
  time: aware,
  updateMethod: 'PATCH',
  status: { created: 201, deleted: 204 },
  version(request) {
    const text = asked(request)
    if (text === undefined || text === '') return 1
    if (text === 'latest') return NEWEST
    const minor = /^1\.(\d{1,4})$/.exec(text)?.[1]
    if (minor === undefined) throw new Refused('version', `Invalid value for X-OpenStack-Ironic-API-Version header: "${text.slice(0, 40)}"`)
    if (Number(minor) < 1 || Number(minor) > NEWEST)
      throw new Refused(
        'version',
        `Version ${text} was requested but the minor version is not supported by this service. The supported version range is: [1.1, 1.${NEWEST}].`,
      )
    return Number(minor)
  },
  ask: version => ({ 'X-OpenStack-Ironic-API-Version': `1.${version}` }),
  headers: version => ({
    'X-OpenStack-Ironic-API-Version': `1.${version}`,
    'X-OpenStack-Ironic-API-Minimum-Version': '1.1',
    'X-OpenStack-Ironic-API-Maximum-Version': `1.${NEWEST}`,
    Vary: 'X-OpenStack-Ironic-API-Version',
  }),
  listQuery(request, r) {
    const { query } = request
    const fields = chosenFields(query)
    const asksDetail = query.has('detail') ? detail(query.get('detail')!) : false
    const inDetail = asksDetail || request.path.endsWith('/detail')
    if (inDetail && fields) throw new Refused('invalid', "Can't fetch a subset of fields with 'detail' set")
    const key = query.get('sort_key')
    const dir = direction(query.get('sort_dir') ?? 'asc')
    return {
      ...(fields ? { fields } : {}),
      brief: !inDetail,
      filters: exactFilters(query, [...paging, ...Object.keys(r.queries ?? {}), ...(r.ignored ?? [])]),
      // Without a key the original sorts by its internal id: the order of creation.
      sort: key !== null && key !== 'id' ? [{ field: key, dir }] : [{ field: 'created_at', dir }],
      limit: pageSize(query, PAGE),
      ...(query.has('marker') ? { marker: query.get('marker')! } : {}),
    }
  },
  one: (_r, item) => item,
  many: (r, items, _request, next) => ({ [r.plural]: items, ...(next ? { next } : {}) }),
  created(request) {
    if (!isObject(request.body)) throw new Refused('invalid', 'The body must be a JSON object.')
    return request.body
  },
  changes: (request, r, current) => patchChanges(request.body, current, field => field in r.fields),
  error: (refused, version) => ({
    status: STATUS[refused.kind],
    headers: dialect.headers(version),
    body: wants(refused) ?? {
      error_message: JSON.stringify({
        faultcode: STATUS[refused.kind] < 500 ? 'Client' : 'Server',
        faultstring: refused.message,
        debuginfo: null,
        ...(refused.detail ?? {}),
      }),
    },
  }),
  // What can be no identifier and no name is the client's mistake, and not something that is missing.
  missing: (r, ident) =>
    !isUuid(ident) && (r.alias === undefined || !NAME.test(ident))
      ? new Refused('invalid', `Expected a ${r.alias === undefined ? '' : 'logical name or '}UUID but received ${ident.slice(0, 100)}.`)
      : new Refused('missing', `${title(r.name)} ${ident.slice(0, 255)} could not be found.`, { type: `${title(r.name)}NotFound` }),
  foreign: (r, ident) => dialect.missing(r, ident),
  denied: rule => new Refused('forbidden', `Access was denied to the following resource: ${rule}`),
  client: {
    create: (_r, draft) => draft,
    update: (_r, changes) => ({
      // A change's field is a JSON pointer without its first slash, so that a key inside an object can be changed.
      body: changes.map(c => ({
        op: c.remove ? 'remove' : 'add',
        path: `/${c.field}`,
        ...(c.remove ? {} : { value: c.value }),
      })),
    }),
    items: (r, body) => ({
      items: ((body as Record<string, unknown>)[r.plural] ?? []) as Record<string, unknown>[],
      ...(typeof (body as Record<string, unknown>)['next'] === 'string' ? { next: (body as Record<string, string>)['next']! } : {}),
    }),
    item: (_r, body) => body as Record<string, unknown>,
    message(body) {
      const keystones = (body as { error?: { message?: string } } | undefined)?.error?.message
      if (keystones !== undefined) return keystones
      const text = (body as { error_message?: unknown } | undefined)?.error_message
      if (isObject(text)) return text['faultstring'] as string
      if (typeof text !== 'string') return undefined
      try {
        return (JSON.parse(text) as { faultstring?: string }).faultstring
      } catch {
        return text
      }
    },
  },
}

/** In the original a token is judged before the service is reached, and who has none is answered in Keystone's form. */
const wants = ({ kind, message }: Refused): unknown =>
  kind === 'unauthenticated' ? { error: { code: 401, title: 'Unauthorized', message } } : undefined

const title = (name: string): string =>
  name === 'chassis'
    ? 'Chassis'
    : name
        .split('_')
        .map(word => word[0]!.toUpperCase() + word.slice(1))
        .join('')

const detail = (text: string): boolean => {
  try {
    return bool().query(text)
  } catch {
    throw new Refused('invalid', `Invalid value for detail: "${text.slice(0, 40)}"`)
  }
}
