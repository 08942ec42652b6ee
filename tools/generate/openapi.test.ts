import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { openapis } from './openapi.ts'

const documents = Object.entries(await openapis()).map(([path, text]) => [path, JSON.parse(text)] as const)

it('there is one for each service', () => {
  expect(documents.length).toBeGreaterThanOrEqual(3)
})

it.each(documents)('%s is OpenAPI 3.1', async (_, document) => {
  expect((await new Validator().validate(structuredClone(document))).errors).toBeUndefined()
})

it.each(documents)('%s has every operation once, and no two paths that mean the same', (_, document) => {
  const ids = Object.values<any>(document.paths).flatMap(path => Object.values<any>(path).map(o => o.operationId))
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  const shapes = Object.keys(document.paths).map(path => path.replace(/\{\w+\}/g, '{}'))
  expect(shapes.filter((shape, i) => shapes.indexOf(shape) !== i)).toEqual([])
})
