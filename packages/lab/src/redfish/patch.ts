import { message, Refusal, refuse } from './message.ts'
import type { Json } from './route.ts'

/** Whether a value may be written there: nothing when it may, else what is wrong with it. */
export type Check = (value: unknown) => 'type' | 'list' | 'format' | undefined

export const isText: Check = v => (typeof v === 'string' ? undefined : 'type')
export const isTextOrNull: Check = v => (v === null || typeof v === 'string' ? undefined : 'type')
export const isFlag: Check = v => (typeof v === 'boolean' ? undefined : 'type')
export const oneOf =
  (values: readonly string[]): Check =>
  v =>
    typeof v !== 'string' ? 'type' : values.includes(v) ? undefined : 'list'
export const wholeFrom =
  (low: number, high: number): Check =>
  v =>
    typeof v !== 'number' || !Number.isInteger(v) ? 'type' : v < low || v > high ? 'format' : undefined

/**
 * Reads a PATCH: the changes by their path (`Boot/BootSourceOverrideTarget`). All or nothing: whatever may not be written is
 * refused together. `current` is what GET shows now; it tells read-only properties from unknown ones.
 */
export function readPatch(body: Json, current: Json, writable: Readonly<Record<string, Check>>): Map<string, unknown> {
  const changes = new Map<string, unknown>()
  const wrong: Json[] = []
  const walk = (part: Json, shown: Json, at: string) => {
    for (const [key, value] of Object.entries(part)) {
      if (key.startsWith('@odata.') || key === 'Oem') continue
      const path = at ? `${at}/${key}` : key
      const check = writable[path]
      if (check) {
        const problem = check(value)
        if (problem) wrong.push(message(PROBLEMS[problem], [shortText(value), key], [`#/${path}`]))
        else changes.set(path, value)
        continue
      }
      const inner = Object.keys(writable).some(w => w.startsWith(`${path}/`))
      if (inner && isObject(value)) walk(value, isObject(shown[key]) ? shown[key] : {}, path)
      else wrong.push(message(key in shown ? 'PropertyNotWritable' : 'PropertyUnknown', [key], [`#/${path}`]))
    }
  }
  walk(body, current, '')
  if (wrong.length) throw new Refusal(400, wrong)
  if (changes.size === 0) throw refuse('EmptyJSON')
  return changes
}

/** The parameters of an action, checked the same way. */
export function readAction(action: string, body: Json, known: Readonly<Record<string, Check>>, required: readonly string[] = []): Json {
  for (const name of required) if (body[name] === undefined) throw refuse('ActionParameterMissing', [action, name])
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith('@odata.') || name === 'Oem') continue
    const check = known[name]
    if (!check) throw refuse('ActionParameterUnknown', [action, name])
    const problem = check(value)
    if (problem === 'list') throw refuse('ActionParameterValueNotInList', [shortText(value), name, action])
    if (problem) throw refuse('ActionParameterValueFormatError', [shortText(value), name, action])
  }
  return body
}

const PROBLEMS = { type: 'PropertyValueTypeError', list: 'PropertyValueNotInList', format: 'PropertyValueFormatError' } as const

export function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function shortText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
