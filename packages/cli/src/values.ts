import { isObject } from '@esi/api/types'
import { UsageError } from './command.ts'

/** A JSON object from the command line. */
export const jsonObject = (option: string, text: string | undefined): Record<string, unknown> | undefined => {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Said below, for both.
  }
  throw new UsageError(`--${option} must be a JSON object, for example '{"cpus": "40"}', not ${text.slice(0, 60)}.`)
}

/** What was given, without what was not. */
export const present = <T extends Record<string, unknown>>(all: T): Partial<T> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>

type Test = (properties: Readonly<Record<string, unknown>>) => boolean

const operators: Readonly<Record<string, (a: number | string, b: number | string) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '=': (a, b) => a === b,
}

/** `--property cpus>=40`: compared as numbers where both sides are numbers, else as text; what lacks the property does not fit. */
export const propertyTests = (texts: readonly string[]): Test[] =>
  texts.map(text => {
    const m = /^([^<>=]+)(>=|<=|>|<|=)(.*)$/.exec(text)
    if (!m) throw new UsageError(`--property must be like cpus>=40 (with >=, <=, >, < or =), not "${text}".`)
    const [, key = '', operator = '', wanted = ''] = m
    return properties => {
      const has = properties[key.trim()]
      if (has === undefined || has === null) return false
      const [a, b] = [Number(has), Number(wanted)]
      const numbers = String(has).trim() !== '' && wanted.trim() !== '' && !Number.isNaN(a) && !Number.isNaN(b)
      return numbers ? operators[operator]!(a, b) : operators[operator]!(String(has), wanted)
    }
  })
