import { type Instant, instant } from './time.ts'

/** What a value on the wire may be: its JSON Schema, and the reading of it. No I/O; the same in server, client and browser. */
export interface Type<T> {
  readonly name: string
  /** JSON Schema 2020-12, for OpenAPI. */
  readonly schema: Readonly<Record<string, unknown>>
  /** The value from JSON, checked, never coerced. Throws `Unfit` with a sentence that follows the field's name. */
  parse(value: unknown): T
  /** The value from a query string, where everything is text. */
  query(text: string): T
}

/** Why a value does not fit, to be read after the name of the field: "must be a UUID". */
export class Unfit extends Error {}

const unfit = (message: string): never => {
  throw new Unfit(message)
}

const type = <T>(
  name: string,
  schema: Record<string, unknown>,
  parse: (value: unknown) => T,
  query: (text: string) => T = parse,
): Type<T> => ({
  name,
  schema,
  parse,
  query,
})

const TRUE = new Set(['true', 'True', 'TRUE', '1', 't', 'T', 'yes', 'on'])
const FALSE = new Set(['false', 'False', 'FALSE', '0', 'f', 'F', 'no', 'off'])
const UUID = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i

export const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID.test(value)

export const string = (max = 255, min = 0): Type<string> =>
  type('string', { type: 'string', maxLength: max, ...(min ? { minLength: min } : {}) }, value => {
    if (typeof value !== 'string') return unfit('must be a string')
    if (value.length > max) return unfit(`is too long: it must be at most ${max} characters`)
    if (value.length < min) return unfit(min === 1 ? 'must not be empty' : `must be at least ${min} characters`)
    return value
  })

/** A UUID; kept as lower case with hyphens. */
export const uuid = (): Type<string> =>
  type('uuid', { type: 'string', format: 'uuid' }, value => {
    if (!isUuid(value)) return unfit('must be a UUID')
    const bare = String(value).replaceAll('-', '').toLowerCase()
    return `${bare.slice(0, 8)}-${bare.slice(8, 12)}-${bare.slice(12, 16)}-${bare.slice(16, 20)}-${bare.slice(20)}`
  })

export const bool = (): Type<boolean> => {
  const words = (value: unknown): boolean => {
    if (typeof value === 'boolean') return value
    // Ironic and Keystone take the words of oslo.utils in bodies too.
    if (typeof value === 'string' && TRUE.has(value)) return true
    if (typeof value === 'string' && FALSE.has(value)) return false
    return unfit('must be true or false')
  }
  return type('boolean', { type: 'boolean' }, words)
}

export const int = (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Type<number> => {
  const check = (value: number) =>
    Number.isInteger(value) && value >= min && value <= max ? value : unfit(`must be a whole number from ${min} to ${max}`)
  return type(
    'integer',
    { type: 'integer', minimum: min, maximum: max },
    value => (typeof value === 'number' ? check(value) : unfit('must be a whole number')),
    text => check(/^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN),
  )
}

/** A JSON object of any keys. */
export const object = (): Type<Record<string, unknown>> =>
  type(
    'object',
    { type: 'object' },
    value => (isObject(value) ? value : unfit('must be an object')),
    text => {
      try {
        const value = JSON.parse(text)
        return isObject(value) ? value : unfit('must be an object')
      } catch {
        return unfit('must be a JSON object')
      }
    },
  )

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

export const list = <T = unknown>(of?: Type<T>): Type<T[]> =>
  type(
    'array',
    { type: 'array', ...(of ? { items: of.schema } : {}) },
    value => {
      if (!Array.isArray(value)) return unfit('must be a list')
      return of ? value.map(item => of.parse(item)) : (value as T[])
    },
    text => text.split(',').map(item => (of ? of.query(item) : (item as T))),
  )

export const oneOf = <const V extends string>(...values: V[]): Type<V> =>
  type('enum', { type: 'string', enum: values }, value =>
    (values as string[]).includes(value as string) ? (value as V) : unfit(`must be one of ${values.join(', ')}`),
  )

/** Anything JSON can say. */
export const json = (): Type<unknown> => type('json', {}, value => value)

/** A time: without a zone it is UTC, an offset is honoured. Kept as an `Instant`. */
export const time = (): Type<Instant> =>
  type('time', { type: 'string', format: 'date-time' }, value => {
    const at = typeof value === 'string' ? instant(value) : undefined
    return at ?? unfit('must be a time as in ISO 8601, for example 2030-01-31T12:00:00 (without a zone it is UTC)')
  })
