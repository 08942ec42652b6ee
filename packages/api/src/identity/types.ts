import { bool, isObject, string, type Type, Unfit } from '../types.ts'

/** Keystone's identifiers: 32 hexadecimal digits as a rule, and other short texts such as `default`. */
export const id = (): Type<string> => string(64, 1)

const FALSE = new Set(['0', 'f', 'false', 'off', 'n', 'no'])

/** Strict in bodies; in queries everything but a word for "false" is true, also nothing at all. Source: oslo_utils.strutils. */
export const flag = (): Type<boolean> => ({
  ...bool(),
  parse(value) {
    if (typeof value !== 'boolean') throw new Unfit('must be true or false')
    return value
  },
  query: text => !FALSE.has(text.trim().toLowerCase()),
})

/** A URL in Keystone's sense: some scheme, a colon and something. */
export const url = (max: number): Type<string> => {
  const plain = string(max, 1)
  const parse = (value: unknown) => {
    const text = plain.parse(value)
    if (!/^[a-zA-Z0-9+.-]+:.+/.test(text)) throw new Unfit('must be a URL')
    return text
  }
  return { ...plain, schema: { ...plain.schema, format: 'uri' }, parse, query: text => text }
}

/** A name that is not only blanks. */
export const name = (max: number): Type<string> => {
  const plain = string(max, 1)
  const check = (value: unknown) => {
    const text = plain.parse(value)
    if (!/\S/.test(text)) throw new Unfit('must not be blank')
    return text
  }
  return { ...plain, schema: { ...plain.schema, pattern: '\\S' }, parse: check, query: text => text }
}

/** Resource options: an object whose known keys have their types; unknown ones are refused. */
export const options = (known: Readonly<Record<string, (value: unknown) => boolean>>): Type<Record<string, unknown>> => {
  const parse = (value: unknown): Record<string, unknown> => {
    if (!isObject(value)) throw new Unfit('must be an object')
    for (const [key, item] of Object.entries(value)) {
      const fits = Object.hasOwn(known, key) ? known[key] : undefined
      if (!fits) throw new Unfit(`has no option "${key.slice(0, 100)}"`)
      if (item !== null && !fits(item)) throw new Unfit(`has a wrong value for "${key}"`)
    }
    return value
  }
  return {
    name: 'options',
    schema: { type: 'object', additionalProperties: false, properties: Object.fromEntries(Object.keys(known).map(key => [key, {}])) },
    parse,
    query: () => ({}),
  }
}

export const isFlag = (value: unknown): boolean => typeof value === 'boolean'

const TAG = /^[^,/]+$/

/** One tag: 1 to 255 characters without comma and slash. Source: the API guidelines on tags. */
export const isTag = (value: unknown): boolean => typeof value === 'string' && value.length <= 255 && TAG.test(value)

/** At most 80 different tags. */
export const tags = (): Type<string[]> => ({
  name: 'tags',
  schema: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 255, pattern: TAG.source }, maxItems: 80, uniqueItems: true },
  parse(value) {
    if (!Array.isArray(value)) throw new Unfit('must be a list')
    if (value.length > 80) throw new Unfit('must have at most 80 tags')
    if (!value.every(isTag)) throw new Unfit('must be tags of 1 to 255 characters without comma and slash')
    if (new Set(value).size !== value.length) throw new Unfit('must not name a tag twice')
    return value
  },
  query: text => text.split(','),
})
