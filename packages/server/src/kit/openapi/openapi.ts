import type { AnyResource, Body, RouteSpec } from '@esi/api/define'
import { type Dialect, Refused } from '@esi/api/dialect'
import { string } from '@esi/api/types'
import type { Route } from '../http/route.ts'

type Schema = Record<string, unknown>

export interface Described {
  readonly name: string
  readonly title: string
  readonly prefix: string
  readonly dialect: Dialect
  readonly routes: readonly Route[]
}

/** OpenAPI 3.1 of one service, made from its tables: nothing in it is written by hand. */
export const openapi = (service: Described): Schema => {
  const paths: Record<string, Record<string, Schema>> = {}
  const schemas: Record<string, Schema> = {}
  for (const route of service.routes) {
    const path = route.spec.path.replace(/:([A-Za-z_]+)/g, '{$1}').replace('*', `{${REST}}`)
    if (route.of) {
      const { resource } = route.of
      schemas[resource.name] = itemSchema(resource)
      schemas[`${resource.name}_create`] = writeSchema(resource, 'create')
      schemas[`${resource.name}_update`] = writeSchema(resource, 'update')
    }
    paths[path] ??= {}
    paths[path][route.spec.method.toLowerCase()] = operation(service, route)
  }
  // A resource that nobody creates by itself has no form for it.
  const told = JSON.stringify(paths)
  for (const name of Object.keys(schemas)) if (!told.includes(`"#/components/schemas/${name}"`)) delete schemas[name]
  const refused = service.dialect.error(new Refused('invalid', 'Why it is refused.'), service.dialect.newest).body
  return {
    openapi: '3.1.0',
    info: { title: service.title, version: service.dialect.newest > 0 ? `1.${service.dialect.newest}` : '1.0' },
    servers: [{ url: service.prefix || '/' }],
    paths,
    components: {
      schemas,
      responses: { refused: { description: 'Refused; the body says why.', content: { 'application/json': { example: refused } } } },
      parameters: {
        ...versionParameter(service.dialect),
        dry_run: query('dry_run', { type: 'boolean' }, 'Tries it: answers as the real thing would, and keeps nothing.'),
        idempotency_key: {
          name: 'Idempotency-Key',
          in: 'header',
          schema: { type: 'string', minLength: 1, maxLength: 255 },
          description: 'The same request with the same key is carried out once.',
        },
      },
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
    },
  }
}

/** What a `*` in a path stands for. */
const REST = 'rest'

/** How a client asks for a version, in services that have them. */
const versionParameter = (dialect: Dialect): Record<string, Schema> =>
  Object.fromEntries(
    Object.entries(dialect.ask(dialect.newest)).map(([name, newest]) => [
      'version',
      { name, in: 'header', schema: { type: 'string' }, example: newest, description: 'The microversion; without it the oldest.' },
    ]),
  )

const operation = (service: Described, route: Route): Schema => {
  const { spec } = route
  const body = requestBody(service, route)
  const shared = (name: string) => ({ $ref: `#/components/parameters/${name}` })
  const writes = !['GET', 'HEAD'].includes(spec.method) && !spec.open
  return {
    operationId: spec.name,
    ...(spec.doc ? { summary: spec.doc } : {}),
    tags: [spec.name.split('.')[0]],
    ...(spec.open ? { security: [] } : { security: [{ token: [] }] }),
    parameters: [
      ...pathParameters(spec),
      ...queryParameters(service.dialect, route),
      ...(service.dialect.newest > 0 ? [shared('version')] : []),
      ...(writes ? [shared('dry_run')] : []),
      ...(writes && spec.method === 'POST' ? [shared('idempotency_key')] : []),
    ],
    ...(body ? { requestBody: body } : {}),
    responses: { [spec.status]: success(service, route), default: { $ref: '#/components/responses/refused' } },
    ...(spec.policies?.length ? { 'x-policies': spec.policies } : {}),
    ...sinceOf(spec),
  }
}

const sinceOf = ({ since }: { readonly since?: number }): Schema => (since ? { 'x-since': `1.${since}` } : {})

const pathParameters = (spec: RouteSpec): Schema[] =>
  [...spec.path.matchAll(/:([A-Za-z_]+)|(\*)/g)].map(([, name = REST]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

const query = (name: string, schema: Readonly<Schema>, doc?: string): Schema => ({
  name,
  in: 'query',
  schema,
  ...(doc ? { description: doc } : {}),
})

const queryParameters = (dialect: Dialect, route: Route): Schema[] => {
  const declared = Object.entries(route.spec.query ?? {}).map(
    ([name, field]): Schema => ({
      ...query(name, field.type.schema, field.doc),
      ...(field.required ? { required: true } : {}),
      ...sinceOf(field),
    }),
  )
  if (route.of?.operation !== 'list') return declared
  const { resource } = route.of
  const filters = Object.entries(resource.fields)
    .filter(([, field]) => field.filter)
    .map(([name, field]) => {
      const since = Math.max(field.since ?? 0, typeof field.filter === 'number' ? field.filter : 0)
      return { ...query(name, field.type.schema, field.doc), ...sinceOf({ since }) }
    })
  const own = Object.entries(resource.queries ?? {}).map(([name, q]) => ({ ...query(name, q.type.schema, q.doc), ...sinceOf(q) }))
  // One parameter a name: what a list declares itself counts before a field of that name.
  const all = new Map([...paging(dialect, resource), ...filters, ...own, ...declared].map(p => [p['name'], p]))
  return [...all.values()]
}

/** What a dialect reads of a list's query besides filters, asked of the dialect itself. */
const paging = (dialect: Dialect, resource: AnyResource): Schema[] => {
  const sortable = Object.entries(resource.fields).find(([name, field]) => field.sort && name !== resource.id)?.[0] ?? resource.id
  const asked = dialect.listQuery(
    {
      method: 'GET',
      path: resource.path,
      query: new URLSearchParams({ fields: resource.id, limit: '7', marker: 'm', sort_key: sortable, sort_dir: 'desc' }),
      headers: {},
      base: '',
    },
    { ...resource, ignored: [...(resource.ignored ?? []), 'fields'], queries: { ...resource.queries, fields: { type: string() } } },
  )
  const some = (on: boolean, ...parameters: Schema[]) => (on ? parameters : [])
  return [
    ...some(asked.fields !== undefined, query('fields', { type: 'string' }, 'The fields to show, with commas between.')),
    ...some(asked.limit === 7, query('limit', { type: 'integer', minimum: 1 })),
    ...some(asked.marker === 'm', query('marker', { type: 'string' }, 'The page begins behind this row.')),
    ...some(
      asked.sort.some(s => s.field === sortable && s.dir === 'desc'),
      query('sort_key', { type: 'string', enum: Object.keys(resource.fields).filter(name => resource.fields[name]!.sort) }),
      query('sort_dir', { type: 'string', enum: ['asc', 'desc'] }),
    ),
  ]
}

const requestBody = (service: Described, route: Route): Schema | undefined => {
  if (route.spec.text) return { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } }
  if (route.spec.stream) return { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } }
  if (route.spec.body) return json(objectSchema(route.spec.body, route.spec.additional ?? false))
  if (route.of?.operation === 'create') return json(wrap(service, route.of.resource, `${route.of.resource.name}_create`))
  if (route.of?.operation === 'update') return json(updateSchema(service, route.of.resource))
  return undefined
}

const success = (service: Described, route: Route): Schema => {
  const description = 'Done.'
  if (!route.of || route.of.operation === 'delete') return { description }
  const { resource, operation: what } = route.of
  const schema =
    what === 'list'
      ? { type: 'object', properties: { [resource.plural]: { type: 'array', items: ref(resource.name) } } }
      : wrap(service, resource, resource.name)
  return { description, ...json(schema) }
}

const json = (schema: Schema): Schema => ({ content: { 'application/json': { schema } } })
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** In the dialect's envelope, asked of the dialect itself. */
const wrap = (service: Described, resource: AnyResource, name: string): Schema => {
  const shape = service.dialect.client.create(resource, { probe: true }) as Record<string, unknown>
  return 'probe' in shape ? ref(name) : { type: 'object', properties: { [resource.name]: ref(name) }, required: [resource.name] }
}

const updateSchema = (service: Described, resource: AnyResource): Schema => {
  const { body } = service.dialect.client.update(resource, [{ field: 'probe', value: true }])
  if (Array.isArray(body))
    return {
      type: 'array',
      items: {
        type: 'object',
        required: ['op', 'path'],
        properties: { op: { enum: ['add', 'replace', 'remove', 'test'] }, path: { type: 'string' }, value: {} },
      },
    }
  return wrap(service, resource, `${resource.name}_update`)
}

const nullable = (schema: Readonly<Schema>, on: boolean | undefined): Schema => (on ? { anyOf: [schema, { type: 'null' }] } : { ...schema })

const itemSchema = (resource: AnyResource): Schema => ({
  type: 'object',
  ...(resource.doc ? { description: resource.doc } : {}),
  properties: Object.fromEntries(
    Object.entries(resource.fields).map(([name, field]) => [
      name,
      {
        ...nullable(field.type.schema, field.nullable),
        ...(field.doc ? { description: field.doc } : {}),
        ...(field.since ? { 'x-since': `1.${field.since}` } : {}),
      },
    ]),
  ),
  ...(resource.additional ? { additionalProperties: true } : {}),
})

const writeSchema = (resource: AnyResource, on: 'create' | 'update'): Schema => {
  const fields = Object.entries(resource.fields).filter(([, field]) => field.on[on])
  const required = on === 'create' ? fields.filter(([, field]) => field.required).map(([name]) => name) : []
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, nullable(field.type.schema, field.nullable)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: resource.additional ?? false,
  }
}

const objectSchema = (body: Body, additional: boolean): Schema => {
  const required = Object.entries(body)
    .filter(([, field]) => field.required)
    .map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(body).map(([name, field]) => [name, nullable(field.type.schema, field.nullable)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: additional,
  }
}
