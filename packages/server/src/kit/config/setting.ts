/** The words in which a configuration is declared. */

export interface Setting<T = any> {
  readonly kind: 'setting'
  /** What is allowed, in words: `a whole number from 0 to 65535`. */
  readonly type: string
  /** The value, checked; throws a sentence that says what is wrong, without what is allowed. */
  readonly read: (given: unknown) => T
  /** A value from the environment, where all is text; throws like `read`. */
  readonly fromText: (text: string) => unknown
  readonly default?: unknown
  readonly required: boolean
  readonly secret: boolean
  readonly doc: string
}

/** Settings by name, and groups of them. */
export interface Table {
  readonly [name: string]: Setting | Table
}

export type ConfigOf<T extends Table> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : T[K] extends Table ? ConfigOf<T[K]> : never
}

export interface Options<T> {
  readonly doc: string
  readonly default?: T
  /** There is no default, and it must be given. */
  readonly required?: boolean
  /** Never shown; may also be given as `<name>_file`, the path of a file that holds it. */
  readonly secret?: boolean
}

/** What a setting gives: without a default and not required, it may be absent. */
type Given<T, O> = O extends { readonly default: unknown } | { readonly required: true } ? T : T | undefined

export const isSetting = (entry: Setting | Table): entry is Setting => entry['kind'] === 'setting' && typeof entry['read'] === 'function'

const setting = <T, O extends Options<T>>(
  type: string,
  read: (given: unknown) => T,
  fromText: (text: string) => unknown,
  o: O,
): Setting<Given<T, O>> => ({
  kind: 'setting',
  type,
  read: read as Setting<Given<T, O>>['read'],
  fromText,
  ...(o.default !== undefined ? { default: o.default } : {}),
  required: o.required ?? false,
  secret: o.secret ?? false,
  doc: o.doc,
})

const what = (given: unknown): string =>
  given === null
    ? 'nothing'
    : Array.isArray(given)
      ? 'a list'
      : typeof given === 'object'
        ? 'a group'
        : typeof given === 'string'
          ? 'text'
          : `a ${typeof given}`

const wrong = (given: unknown): never => {
  throw new Error(`is ${what(given)}`)
}

type WithTest<T> = Options<T> & { readonly pattern?: RegExp; readonly like?: string }

/** Text, not empty. `pattern` narrows it, `like` says in words how. */
export const text = <const O extends WithTest<string>>(o: O): Setting<Given<string, O>> =>
  setting<string, O>(
    o.like ?? 'text',
    given => {
      if (typeof given !== 'string') return wrong(given)
      if (!given) throw new Error('is empty')
      if (o.pattern && !o.pattern.test(given)) throw new Error(o.secret ? 'is not of that form' : `is ${JSON.stringify(given)}`)
      return given
    },
    given => given,
    o,
  )

/** A whole number within bounds, both included. */
export const integer = <const O extends Options<number> & { readonly min?: number; readonly max?: number }>(
  o: O,
): Setting<Given<number, O>> => {
  const { min = 0, max } = o
  return setting<number, O>(
    `a whole number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`,
    given => {
      if (typeof given !== 'number') return wrong(given)
      if (!Number.isSafeInteger(given) || given < min || (max !== undefined && given > max)) throw new Error(`is ${given}`)
      return given
    },
    given => (/^-?\d+$/.test(given) ? Number(given) : given),
    o,
  )
}

export const port = <const O extends Options<number>>(o: O): Setting<Given<number, O>> =>
  integer<O & { min: number; max: number }>({ ...o, min: 0, max: 65535 }) as Setting<Given<number, O>>

export const flag = <const O extends Options<boolean>>(o: O): Setting<Given<boolean, O>> =>
  setting<boolean, O>(
    'true or false',
    given => (typeof given === 'boolean' ? given : wrong(given)),
    given => (given === 'true' ? true : given === 'false' ? false : given),
    o,
  )

/** One of some words. */
export const choice = <const W extends string, const O extends Options<W>>(words: readonly W[], o: O): Setting<Given<W, O>> =>
  setting<W, O>(
    `one of ${words.join(', ')}`,
    given => {
      if (typeof given !== 'string') return wrong(given)
      if (!(words as readonly string[]).includes(given)) throw new Error(`is ${JSON.stringify(given)}`)
      return given as W
    },
    given => given,
    o,
  )

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A span of time such as `30s`, `5m`, `1h`; gives milliseconds. The default is written the same way. */
export const duration = <const O extends Options<string>>(o: O): Setting<Given<number, O>> =>
  setting<number, any>(
    'a span of time such as 500ms, 30s, 5m, 1h or 2d',
    given => {
      if (typeof given !== 'string') return wrong(given)
      const parts = /^(\d+)(ms|s|m|h|d)$/.exec(given)
      if (!parts) throw new Error(`is ${JSON.stringify(given)}`)
      return Number(parts[1]) * UNITS[parts[2]!]!
    },
    given => given,
    o,
  ) as Setting<Given<number, O>>

/** A list of text; in the environment separated by commas. */
export const list = <const O extends Options<readonly string[]> & { readonly of?: string; readonly pattern?: RegExp }>(
  o: O,
): Setting<Given<readonly string[], O>> =>
  setting<readonly string[], O>(
    `a list of ${o.of ?? 'text'}`,
    given => {
      if (!Array.isArray(given)) return wrong(given)
      for (const member of given) {
        if (typeof member !== 'string') throw new Error(`holds ${what(member)}`)
        if (o.pattern && !o.pattern.test(member)) throw new Error(`holds ${JSON.stringify(member)}`)
      }
      return given
    },
    given =>
      given
        .split(',')
        .map(member => member.trim())
        .filter(Boolean),
    o,
  )

/** Settings of somebody else, by name: each is handed on as it came, to be checked by whom it belongs to. */
export const sections = <const O extends Options<Readonly<Record<string, unknown>>> & { readonly names?: readonly string[] }>(
  o: O,
): Setting<Given<Readonly<Record<string, unknown>>, O>> =>
  setting<Readonly<Record<string, unknown>>, O>(
    o.names ? `a group with any of ${o.names.join(', ')}` : 'a group',
    given => {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return wrong(given)
      const stranger = o.names && Object.keys(given).find(name => !o.names!.includes(name))
      if (stranger !== undefined) throw new Error(`has ${JSON.stringify(stranger)}`)
      return given as Record<string, unknown>
    },
    given => given,
    o,
  )
