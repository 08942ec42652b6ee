import type { AnyResource, Body, FieldSpec, Version } from '@esi/api/define'
import { type Change, Refused } from '@esi/api/dialect'
import { isUuid, Unfit } from '@esi/api/types'
import type { Item } from './view.ts'

/** How a microversion is written in an error text. */
const tooNew = (name: string, since: Version) => new Refused('version', `The field "${name}" needs version 1.${since} or later.`)

/** A field that may be asked for, filtered or sorted by; throws for one that is unknown or newer than the client. */
export const known = (r: AnyResource, name: string, version: Version): FieldSpec => {
  const field = r.fields[name]
  if (!field || !Object.hasOwn(r.fields, name)) throw new Refused('invalid', `Field(s) "${name.slice(0, 100)}" are not valid`)
  if ((field.since ?? 0) > version) throw tooNew(name, field.since!)
  return field
}

/** One value of a create or a change, checked. */
export const accept = (r: AnyResource, name: string, value: unknown, on: 'create' | 'update', version: Version): unknown => {
  if (!Object.hasOwn(r.fields, name)) {
    if (r.additional) return value
    throw new Refused('invalid', `Additional properties are not allowed ('${name.slice(0, 100)}' was unexpected)`)
  }
  const field = known(r, name, version)
  if (!field.on[on]) throw new Refused('invalid', `The attribute "${name}" cannot be ${on === 'create' ? 'set' : 'changed'}.`)
  if (value === null) {
    if (field.nullable) return null
    throw new Refused('invalid', `"${name}" must not be null.`)
  }
  if (field.type.name === 'uuid' && !isUuid(value))
    throw new Refused('invalid', `Expected UUID for ${name}: ${String(value).slice(0, 100)}`)
  return fit(name, () => field.type.parse(value))
}

const fit = <T>(name: string, parse: () => T): T => {
  try {
    return parse()
  } catch (e) {
    if (e instanceof Unfit) throw new Refused('invalid', `"${name}" ${e.message}.`)
    throw e
  }
}

/** A create request as a draft: what was given, checked, and the defaults of the rest. */
export const draftOf = (r: AnyResource, given: Readonly<Item>, version: Version): { draft: Item; named: readonly string[] } => {
  const draft: Item = {}
  const named = Object.keys(given)
  for (const name of named) draft[name] = accept(r, name, given[name], 'create', version)
  for (const [name, field] of Object.entries(r.fields)) {
    if (Object.hasOwn(draft, name)) continue
    if (field.required) throw new Refused('invalid', `'${name}' is a required property`)
    if (field.default !== undefined) draft[name] = field.default
    else if (field.nullable && !field.computed) draft[name] = null
  }
  return { draft, named }
}

/** Changes as new values: a removed field gets its default. */
export const valuesOf = (r: AnyResource, changes: readonly Change[], version: Version): Item => {
  const values: Item = {}
  for (const change of changes) {
    if (!change.remove) {
      values[change.field] = accept(r, change.field, change.value, 'update', version)
      continue
    }
    const field = known(r, change.field, version)
    if (!field.on.update) throw new Refused('invalid', `The attribute "${change.field}" cannot be changed.`)
    if (field.required) throw new Refused('invalid', `"${change.field}" is mandatory and cannot be removed.`)
    values[change.field] = field.default ?? null
  }
  return values
}

/** The rules a write asks: those of the fields it names, and the general one if any field has none of its own (Ironic's way). */
export const writeRules = (
  r: AnyResource,
  values: Readonly<Item>,
  names: readonly string[],
  general: string | undefined,
): ReadonlySet<string> => {
  const rules = new Set<string>()
  for (const name of names) {
    const write = r.fields[name]?.write
    if (write && (!write.when || write.when(values[name]))) rules.add(write.policy)
    else if (general) rules.add(general)
  }
  if (rules.size === 0 && general) rules.add(general)
  return rules
}

/** A plain route's body or query, checked against its declaration. */
export const bodyOf = (
  declared: Body,
  given: Readonly<Item>,
  version: Version,
  additional = false,
  how: 'parse' | 'query' = 'parse',
): Item => {
  const out: Item = {}
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(declared, name) ? declared[name] : undefined
    if (!field) {
      if (additional) out[name] = value
      else
        throw new Refused(
          'invalid',
          how === 'query'
            ? `Unknown argument: "${name.slice(0, 100)}"`
            : `Additional properties are not allowed ('${name.slice(0, 100)}' was unexpected)`,
        )
      continue
    }
    if ((field.since ?? 0) > version) throw tooNew(name, field.since!)
    if (value === null) {
      if (!field.nullable) throw new Refused('invalid', `"${name}" must not be null.`)
      out[name] = null
    } else out[name] = fit(name, () => (how === 'query' ? field.type.query(value as string) : field.type.parse(value)))
  }
  for (const [name, field] of Object.entries(declared))
    if (field.required && !Object.hasOwn(out, name)) throw new Refused('invalid', `'${name}' is a required property`)
  return out
}
