/**
 * What an answer must look like. An object: these fields, whatever else there is. An array: these items and no others, in any order.
 * A RegExp: a text that it matches. `including`, `without`, `inOrder`: a list of which so much is known. Anything else: the same.
 * `$name` in a text stands for what an earlier row has kept.
 */
export type Expected = string | number | boolean | null | RegExp | Items | readonly Expected[] | { readonly [key: string]: Expected }

class Items {
  readonly how: 'including' | 'without' | 'in order'
  readonly items: readonly Expected[]
  constructor(how: Items['how'], items: readonly Expected[]) {
    this.how = how
    this.items = items
  }
}

/** At least these items, in any order. */
export const including = (...items: readonly Expected[]): Items => new Items('including', items)

/** None of these. */
export const without = (...items: readonly Expected[]): Items => new Items('without', items)

/** These items and no others, in this order. */
export const inOrder = (...items: readonly Expected[]): Items => new Items('in order', items)

/** Puts into a text what was kept; a name that was not is a mistake in the row. */
export const filled = (text: string, kept: ReadonlyMap<string, string>): string =>
  text.replace(/\$(\w+)/g, (_, name) => {
    const value = kept.get(name)
    if (value === undefined) throw new Error(`$${name} was not kept by an earlier row`)
    return value
  })

/** Says what is wrong with `actual`; undefined when it is as expected. */
export const mismatch = (expected: Expected, actual: unknown, kept: ReadonlyMap<string, string>, where = 'it'): string | undefined => {
  const isnt = (what: string) => `${where} is ${show(actual)}, not ${what}`
  const among = (item: Expected, list: readonly unknown[]) => list.some(each => mismatch(item, each, kept) === undefined)
  if (expected instanceof RegExp) return typeof actual === 'string' && expected.test(actual) ? undefined : isnt(`like ${expected}`)
  if (expected instanceof Items || isList(expected)) {
    if (!Array.isArray(actual)) return isnt('a list')
    const { how, items } = expected instanceof Items ? expected : { how: 'all', items: expected }
    if ((how === 'all' || how === 'in order') && actual.length !== items.length) return isnt(show(items))
    if (how === 'in order') return first(items.map((item, i) => mismatch(item, actual[i], kept, `${where}[${i}]`)))
    const odd = items.find(item => among(item, actual) === (how === 'without'))
    return odd === undefined ? undefined : `${where} ${how === 'without' ? 'has' : 'has no'} ${show(odd)}: ${show(actual)}`
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return isnt(show(expected))
    return first(
      Object.entries(expected).map(([key, value]) =>
        key in actual
          ? mismatch(value, (actual as Record<string, unknown>)[key], kept, `${where}.${key}`)
          : `${where} has no "${key}": ${show(actual)}`,
      ),
    )
  }
  const wanted = typeof expected === 'string' ? filled(expected, kept) : expected
  return Object.is(wanted, actual) ? undefined : isnt(show(wanted))
}

const isList = (expected: Expected): expected is readonly Expected[] => Array.isArray(expected)

const first = (faults: readonly (string | undefined)[]): string | undefined => faults.find(fault => fault !== undefined)

const show = (value: unknown): string => {
  const text = JSON.stringify(value, (_, v) => (v instanceof RegExp ? String(v) : v)) ?? 'undefined'
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}
