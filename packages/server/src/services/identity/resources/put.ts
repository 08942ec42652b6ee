import type { RouteSpec } from '@esi/api/define'
import { isObject } from '@esi/api/types'
import type { Context, Route } from '../../../kit/http/route.ts'
import { invalid } from '../errors.ts'
import type { Keystone } from './keystone.ts'

/** A thing whose identifier is in the path that makes it. */
export const putRoute = (engine: Keystone, spec: RouteSpec): Route => ({
  spec,
  handle: (context, input) => {
    // Rights come before form.
    context.require(spec.policies![0]!)
    const { name } = engine.r
    const id = input.params[name]!
    const given = isObject(input.raw) ? input.raw[name] : undefined
    if (!isObject(given)) throw invalid(`The body must be a JSON object with the object "${name}" in it.`)
    if (given['id'] !== undefined && given['id'] !== id)
      throw invalid(`Conflicting ${name} IDs specified: "${id}" != "${String(given['id'])}"`)
    return engine.create(withBody(context, { [name]: { ...given, id } }))
  },
})

const withBody = (context: Context, body: unknown): Context => Object.create(context, { wire: { value: { ...context.wire, body } } })
