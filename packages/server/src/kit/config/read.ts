import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type ConfigOf, isSetting, type Setting, type Table } from './setting.ts'

/** The configuration cannot be used; one line for each mistake: place, key, what is wrong, what is allowed. */
export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigError'
    this.faults = faults
  }
}

export interface Source {
  /** What stands in the file, or in a part of it. */
  readonly given: unknown
  /** Keys that lead to that part: `['leasing']`. Errors and the environment name them. */
  readonly at?: readonly string[]
  /** The file, for errors and for paths relative to it. */
  readonly file?: string | undefined
  /** The line of a key in the file, if known. */
  readonly line?: (path: readonly string[]) => number | undefined
  readonly env?: Readonly<Record<string, string | undefined>>
}

const snake = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_')

/** `database.sessionUrl` is `ESI_DATABASE_SESSION_URL`. */
export const variable = (path: readonly string[]): string => `ESI_${path.map(snake).join('_').toUpperCase()}`

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const own = (group: Readonly<Record<string, unknown>>, name: string): unknown => (Object.hasOwn(group, name) ? group[name] : undefined)

/** How many letters must change; for "did you mean". */
const distance = (a: string, b: string): number => {
  let row = [...Array(b.length + 1).keys()]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

const nearest = (name: string, known: readonly string[]): string => {
  const close = known.map(k => [distance(name.toLowerCase(), k.toLowerCase()), k] as const).sort((a, b) => a[0] - b[0])[0]
  return close && close[0] <= 2 ? `; did you mean ${close[1]}?` : ''
}

/**
 * Checks a configuration against its table and fills in defaults. The environment goes before the file. Throws `ConfigError` with
 * all mistakes; unknown keys are mistakes. No message holds the value of a secret.
 */
export const readConfig = <const T extends Table>(table: T, source: Source): ConfigOf<T> => {
  const { env = {}, file } = source
  const base = source.at ?? []
  const faults: string[] = []
  const fault = (path: readonly string[], sentence: string) => {
    const line = source.line?.(path)
    const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `
    faults.push(`${place}${path.join('.') || 'the configuration'} ${sentence}`)
  }

  const fromFile = (path: readonly string[], name: string, named: unknown, relativeTo: string): string | undefined => {
    if (typeof named !== 'string' || !named) {
      fault([...path.slice(0, -1), `${name}_file`], 'must be the path of a file')
      return undefined
    }
    try {
      return readFileSync(resolve(relativeTo, named), 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      fault([...path.slice(0, -1), `${name}_file`], `cannot be read: ${(error as Error).message}`)
      return undefined
    }
  }

  /** The value that goes first: environment, then file; undefined when there is none or it was told as a mistake. */
  const pick = (
    setting: Setting,
    path: readonly string[],
    group: Readonly<Record<string, unknown>>,
  ): { value: unknown; from: string } | undefined => {
    const name = path.at(-1)!
    const key = variable(path)
    const [direct, byFile] = [env[key], setting.secret ? env[`${key}_FILE`] : undefined]
    if (direct !== undefined && byFile !== undefined) fault(path, `is given twice: ${key} and ${key}_FILE`)
    if (direct !== undefined) return { value: setting.fromText(direct), from: ` (from ${key})` }
    if (byFile !== undefined) {
      const value = fromFile(path, name, byFile, process.cwd())
      return value === undefined ? undefined : { value, from: ` (from ${key}_FILE)` }
    }
    const here = own(group, name)
    const named = setting.secret ? own(group, `${name}_file`) : undefined
    if (here !== undefined && here !== null && named !== undefined) fault(path, `is given twice: ${name} and ${name}_file`)
    if (here !== undefined && here !== null) return { value: here, from: '' }
    if (named === undefined) return undefined
    const value = fromFile(path, name, named, file === undefined ? process.cwd() : dirname(file))
    return value === undefined ? undefined : { value, from: ` (from ${name}_file)` }
  }

  const one = (setting: Setting, path: readonly string[], group: Readonly<Record<string, unknown>>): unknown => {
    const before = faults.length
    const picked = pick(setting, path, group)
    if (faults.length > before) return undefined
    if (!picked && setting.required)
      fault(path, `is missing${setting.secret ? ` (or ${path.at(-1)}_file)` : ''}: ${setting.type}. ${setting.doc}`)
    const value = picked ? picked.value : setting.default
    if (value === undefined) return undefined
    try {
      return setting.read(value)
    } catch (error) {
      fault(path, `must be ${setting.type}, but ${(error as Error).message}${picked?.from ?? ' by default'}`)
      return undefined
    }
  }

  const many = (entries: Table, given: unknown, path: readonly string[]): Record<string, unknown> => {
    if (given !== undefined && given !== null && !isGroup(given))
      fault(path, `must be a group with any of ${Object.keys(entries).join(', ')}`)
    const group = isGroup(given) ? given : {}
    const known = Object.entries(entries).flatMap(([name, entry]) => (isSetting(entry) && entry.secret ? [name, `${name}_file`] : [name]))
    for (const name of Object.keys(group))
      if (!known.includes(name))
        fault(
          [...path, name],
          `is unknown; ${path.length ? `${path.join('.')} may have` : 'allowed are'}: ${known.join(', ')}${nearest(name, known)}`,
        )
    return Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => {
        const inner = [...path, name]
        return [name, isSetting(entry) ? one(entry, inner, group) : many(entry, own(group, name), inner)]
      }),
    )
  }

  const config = many(table, source.given, base)
  if (faults.length) throw new ConfigError(faults)
  return config as ConfigOf<T>
}

/** A reader for one section, as a service declares it: `config: section('leasing', table)`. Takes `ESI_LEASING_…` from the environment. */
export const section =
  <const T extends Table>(name: string, table: T, env: Source['env'] = process.env) =>
  (given: unknown): ConfigOf<T> =>
    readConfig(table, { given, at: [name], env })
