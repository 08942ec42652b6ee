import type { AnyResource, FieldSpec, Hidden, Version } from '@esi/api/define'
import type { Instant } from '@esi/api/time'
import type { Target } from '../policy/types.ts'
import type { Item } from './view.ts'

/** A row as policy rules know it: each relation flat (`owner`), below the resource's name (`node.owner`) and as `owner_id`. */
export const targetOf = (r: AnyResource, row: Readonly<Item>): Target => {
  const target: Record<string, unknown> = {}
  for (const [relation, field] of Object.entries(r.relations)) {
    target[relation] = row[field]
    target[`${r.name}.${relation}`] = row[field]
    target[`target.${r.name}.${relation}`] = row[field]
  }
  return target
}

type May = (rule: string, target: Target) => boolean

/**
 * Which of these fields may be read in a row. That depends on a row only through its relations, so it is worked out once for each
 * distinct set of those (25 checks instead of 5,000 for 1,000 nodes of one owner), not once a row.
 */
export const rightsBy = (r: AnyResource, guarded: readonly FieldSpec[], may: May): ((row: Readonly<Item>) => readonly boolean[]) => {
  const columns = Object.values(r.relations)
  const rights = new Map<string, readonly boolean[]>()
  return row => {
    const key = columns.map(column => row[column]).join('\u0000')
    const known = rights.get(key)
    if (known) return known
    const target = targetOf(r, row)
    const fresh = guarded.map(field => !field.read || may(field.read.policy, target))
    rights.set(key, fresh)
    return fresh
  }
}

/** Rows as one caller at one version may see them. */
export const present = (
  r: AnyResource,
  rows: readonly Item[],
  fields: readonly string[],
  version: Version,
  may: May,
  time: (at: Instant) => string,
): Item[] => {
  const plain: string[] = []
  const times: string[] = []
  const shaped: [string, FieldSpec][] = []
  for (const name of fields) {
    const field = r.fields[name]
    if (field && (field.read || field.wire)) shaped.push([name, field])
    else if (field?.type.name === 'time') times.push(name)
    else plain.push(name)
  }
  const rights = rightsBy(
    r,
    shaped.map(([, field]) => field),
    may,
  )
  const timed = (value: unknown) => (value === null || value === undefined ? null : time(value as Instant))
  return rows.map(row => {
    const out: Item = {}
    for (const name of plain) out[name] = row[name]
    for (const name of times) out[name] = timed(row[name])
    if (shaped.length > 0) {
      const mine = rights(row)
      shaped.forEach(([name, field], i) => {
        const value = field.type.name === 'time' ? timed(row[name]) : row[name]
        const shown = mine[i] ? (field.wire ? field.wire(value, version) : value) : hide(value, field.read!.hidden)
        if (mine[i] || shown !== undefined) out[name] = shown
      })
    }
    return out
  })
}

/** What is seen instead of a value; `undefined`: nothing. */
export const hide = (value: unknown, hidden: Hidden): unknown => {
  if (hidden === 'absent') return undefined
  if ('as' in hidden) return hidden.as
  if ('by' in hidden) return hidden.by(value)
  return Object.fromEntries(Object.entries((value as Item | null) ?? {}).map(([k, v]) => [k, hidden.mask.includes(k) ? '******' : v]))
}

/** The fields that this version knows, of those asked for (and those that are always shown) or of all. */
export const fieldsAt = (r: AnyResource, version: Version, asked?: readonly string[]): string[] =>
  (asked ? [...new Set([...asked, ...(r.always ?? [])])] : Object.keys(r.fields)).filter(name => (r.fields[name]?.since ?? 0) <= version)
