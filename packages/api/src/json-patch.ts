import { type Change, Refused } from './dialect.ts'
import { isObject } from './types.ts'

type Op = { readonly op: string; readonly path: string; readonly value?: unknown }

/**
 * RFC 6902 (add, replace, remove, test; move and copy are refused) as changes to whole fields, one after the other: an operation
 * below a field changes a copy of the field. `known` says whether a name is a field. Removing or replacing a key that is not
 * there is refused; a field itself is always there, and may be null.
 */
export const patchChanges = (body: unknown, current: Readonly<Record<string, unknown>>, known: (field: string) => boolean): Change[] => {
  if (!Array.isArray(body)) throw new Refused('invalid', 'The body must be a list of JSON Patch operations.')
  const changes = new Map<string, Change>()
  for (const each of body) {
    const op = operation(each)
    const [field, ...rest] = op.path.slice(1).split('/').map(unescapePointer)
    if (!field || !known(field)) throw new Refused('invalid', `Unknown path "${op.path.slice(0, 200)}": no such attribute.`)
    const before = changes.has(field) ? changes.get(field)!.value : Object.hasOwn(current, field) ? current[field] : undefined
    if (op.op === 'test') {
      if (!same(reach(before, rest), op.value)) throw new Refused('conflict', `The test of "${op.path.slice(0, 200)}" failed.`)
      continue
    }
    if (rest.length === 0) {
      changes.set(field, op.op === 'remove' ? { field, value: null, remove: true } : { field, value: op.value })
      continue
    }
    const copy = structuredClone(before ?? {})
    change(copy, rest, op)
    changes.set(field, { field, value: copy })
  }
  return [...changes.values()]
}

const operation = (each: unknown): Op => {
  if (!isObject(each) || typeof each['op'] !== 'string' || typeof each['path'] !== 'string')
    throw new Refused('invalid', 'Each JSON Patch operation is an object with "op" and "path".')
  if (!['add', 'replace', 'remove', 'test'].includes(each['op']))
    throw new Refused('invalid', `The JSON Patch operation "${each['op'].slice(0, 40)}" is not one of add, replace, remove.`)
  if (!each['path'].startsWith('/')) throw new Refused('invalid', `Invalid path "${each['path'].slice(0, 200)}": it must start with "/".`)
  if (each['op'] !== 'remove' && !('value' in each))
    throw new Refused('invalid', `The JSON Patch operation on "${each['path'].slice(0, 200)}" needs a "value".`)
  if (/~(?![01])/.test(each['path']))
    throw new Refused('invalid', `Invalid path "${each['path'].slice(0, 200)}": "~" is written as "~0", and "/" in a key as "~1".`)
  return each as Op
}

const unescapePointer = (text: string): string => text.replaceAll('~1', '/').replaceAll('~0', '~')
export const escapePointer = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1')

/** Whether two values are the same JSON, whatever the order of keys. */
const same = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]))
  if (!isObject(a) || !isObject(b)) return a === b
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && same(a[key], b[key]))
}

/** A place in a list; `undefined` for what is none. */
const place = (key: string): number | undefined => (/^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : undefined)

const reach = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[place(key) ?? -1]
    return isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined
  }, value)

const change = (root: unknown, path: readonly string[], op: Op): void => {
  const parent = reach(root, path.slice(0, -1))
  const key = path.at(-1)!
  // With the words of the original, which scripts look for.
  const why = op.op === 'remove' ? " Reason: can't remove a non-existent object." : ''
  const missing = () => new Refused('invalid', `Couldn't apply the patch: there is no ${op.path.slice(0, 200)}.${why}`)
  if (path.includes('__proto__')) throw missing()
  if (Array.isArray(parent)) {
    const at = key === '-' ? parent.length : place(key)
    if (at === undefined || at > parent.length || (op.op !== 'add' && at === parent.length)) throw missing()
    if (op.op === 'remove') parent.splice(at, 1)
    else parent.splice(at, op.op === 'add' ? 0 : 1, op.value)
    return
  }
  if (!isObject(parent) || (op.op !== 'add' && !Object.hasOwn(parent, key))) throw missing()
  if (op.op === 'remove') delete parent[key]
  else parent[key] = op.value
}
