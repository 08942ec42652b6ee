import type { AnyResource, Body, RouteSpec } from '@esi/api/define'
import type { Dialect } from '@esi/api/dialect'
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
    const path = route.spec.path.replace(/:([A-Za-z_]+)/g, '{$1}').replace('*', '{rest}')
    if (route.of) {
      const { resource } = route.of
      schemas[resource.name] = itemSchema(resource)
      schemas[`${resource.name}_create`] = writeSchema(resource, 'create')
      schemas[`${resource.name}_update`] = writeSchema(resource, 'update')
    }
    paths[path] ??= {}
    paths[path][route.spec.method.toLowerCase()] = operation(service, route)
  }
  return {
    openapi: '3.1.0',
    info: { title: service.title, version: service.dialect.newest > 0 ? `1.${service.dialect.newest}` : '1.0' },
    servers: [{ url: service.prefix || '/' }],
    paths,
    components: { schemas, securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } } },
  }
}

const operation = (service: Described, route: Route): Schema => {
  const { spec } = route
  const body = requestBody(service, route)
  return {
    operationId: spec.name,
    ...(spec.doc ? { summary: spec.doc } : {}),
    tags: [spec.name.split('.')[0]],
    ...(spec.open ? { security: [] } : { security: [{ token: [] }] }),
    parameters: [...pathParameters(spec), ...queryParameters(route)],
    ...(body ? { requestBody: body } : {}),
    responses: { [spec.status]: success(service, route), default: { description: 'Refused; the body says why.' } },
    ...(spec.policies?.length ? { 'x-policies': spec.policies } : {}),
    ...(spec.since ? { 'x-since': `1.${spec.since}` } : {}),
  }
}

const pathParameters = (spec: RouteSpec): Schema[] =>
  [...spec.path.matchAll(/:([A-Za-z_]+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))

const queryParameters = (route: Route): Schema[] => {
  const declared = Object.entries(route.spec.query ?? {}).map(([name, field]) => ({
    name,
    in: 'query',
    schema: field.type.schema,
    ...(field.doc ? { description: field.doc } : {}),
  }))
  if (route.of?.operation !== 'list') return declared
  const { resource } = route.of
  const filters = Object.entries(resource.fields).filter(([, field]) => field.filter)
  return [
    ...declared,
    ...filters.map(([name, field]) => ({ name, in: 'query', schema: field.type.schema })),
    ...Object.entries(resource.queries ?? {}).map(([name, q]) => ({
      name,
      in: 'query',
      schema: q.type.schema,
      ...(q.doc ? { description: q.doc } : {}),
    })),
    ...['limit', 'marker', 'sort_key', 'sort_dir'].map(name => ({
      name,
      in: 'query',
      schema: { type: name === 'limit' ? 'integer' : 'string' },
    })),
  ]
}

const requestBody = (service: Described, route: Route): Schema | undefined => {
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
