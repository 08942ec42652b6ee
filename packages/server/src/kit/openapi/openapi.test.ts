import { dialect as ironic } from '@esi/api/baremetal/dialect'
import { route } from '@esi/api/define'
import { dialect as keystone } from '@esi/api/identity/dialect'
import { dialect as leap } from '@esi/api/leasing/dialect'
import { int, string } from '@esi/api/types'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { handle } from '../http/route.ts'
import { Engine } from '../resource/engine.ts'
import { store, thing, toyDialect } from '../resource/test/toy.ts'
import { openapi } from './openapi.ts'

const extra = [
  handle(
    route({
      name: 'thing.paint',
      method: 'POST',
      path: '/v1/things/:thing/paint/*',
      status: 202,
      since: 3,
      policies: ['toy:paint'],
      body: { colour: { type: string(), required: true }, coats: { type: int(1, 9), nullable: true } },
      query: { fast: { type: string(), since: 4, doc: 'In a hurry.' } },
      doc: 'Paints it.',
    }),
    async () => ({}),
  ),
  handle(route({ name: 'data', method: 'PUT', path: '/v1/data', status: 204, stream: true, open: true }), async () => ({})),
]

describe.each([
  ['the toy’s own', toyDialect],
  ['JSON Patch', ironic],
  ['envelopes', keystone],
  ['plain objects', leap],
])('the document of a service in the dialect of %s', (_, dialect) => {
  const engine = new Engine({ resource: thing as never, dialect, database: { db: {} } as never, store })
  const document: any = openapi({ name: 'toy', title: 'Toys', prefix: '/toy', dialect, routes: [...engine.routes, ...extra] })

  it('is OpenAPI 3.1', async () => {
    expect((await new Validator().validate(structuredClone(document))).errors).toBeUndefined()
    expect(document.openapi).toBe('3.1.0')
  })
  it('has every route once, under its own name', () => {
    const operations = Object.values<any>(document.paths).flatMap(path => Object.values<any>(path))
    const ids = operations.map(o => o.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.sort()).toEqual([...engine.routes, ...extra].map(r => r.spec.name).sort())
    expect(document.paths['/v1/things/{thing}/paint/{rest}'].post).toMatchObject({
      summary: 'Paints it.',
      'x-since': '1.3',
      'x-policies': ['toy:paint'],
    })
  })
  it('has no parameter twice, and every parameter of a path', () => {
    for (const [path, methods] of Object.entries<any>(document.paths))
      for (const operation of Object.values<any>(methods)) {
        const names = operation.parameters.map((p: any) => (p.$ref ? p.$ref : `${p.in} ${p.name}`))
        expect(new Set(names).size).toBe(names.length)
        for (const [, name] of path.matchAll(/\{(\w+)\}/g)) expect(names).toContain(`path ${name}`)
      }
  })
  it('says of a list what may be asked for', () => {
    const parameters = Object.fromEntries(document.paths['/v1/things'].get.parameters.map((p: any) => [p.name, p]))
    expect(parameters['late']).toMatchObject({ in: 'query', 'x-since': '1.7' })
    expect(parameters['bigger'].description).toBe('Of more than that size.')
    expect(parameters['info']).toBeUndefined()
    for (const name of ['limit', 'marker']) expect(parameters).toHaveProperty(name)
    expect('sort_key' in parameters).toBe(dialect === ironic || dialect === leap)
    expect('fields' in parameters).toBe(dialect === ironic || dialect === toyDialect)
  })
  it('says how a refusal looks', () => {
    const { example } = document.components.responses.refused.content['application/json']
    expect(dialect.client.message(example)).toBe('Why it is refused.')
  })
  it('says what is written, and that the server’s own fields are not', () => {
    const { thing_create: create } = document.components.schemas
    expect(create.additionalProperties).toBe(false)
    expect(Object.keys(create.properties).sort()).toEqual(
      Object.entries(thing.fields)
        .filter(([, field]) => field.on.create)
        .map(([name]) => name)
        .sort(),
    )
    expect(document.components.schemas.thing.properties.state).toEqual({ type: 'string', maxLength: 255 })
    expect('thing_update' in document.components.schemas).toBe(dialect !== ironic)
  })
  it('has nothing that only a program can say', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})
