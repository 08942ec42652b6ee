import type { Change } from '@esi/api/dialect'
import { escapePointer } from '@esi/api/json-patch'
import { isObject as isMap } from '@esi/api/types'
import { ApiError, type ResourceClient, waitFor } from '@esi/client'
import { type Command, type Face, type Given, type Option, UsageError } from './command.ts'
import {
  argumentValue,
  type Crud,
  chosenFields,
  domainOptions,
  fieldOptions,
  fieldsOption,
  isObject,
  leads,
  optionName,
  optionValue,
} from './crud-fields.ts'
import { each } from './each.ts'
import { referred, referredChanges } from './refers.ts'
import { oneOf } from './show.ts'
import { secondsOf, wait } from './waiting.ts'

export type { Crud } from './crud-fields.ts'
export { listCommand } from './crud-list.ts'

export const showCommand = (c: Crud, brief: string): Command => ({
  brief,
  args: [{ name: noun(c), doc: `the ${noun(c)}, by ${ident(c)}` }],
  options: {
    ...withinOption(c),
    fields: fieldsOption(Object.keys(c.resource.fields)),
    ...Object.fromEntries(
      Object.entries(c.by ?? {}).map(([option, field]): [string, Option] => [
        option,
        { doc: `by its ${field.replaceAll('_', ' ')} instead` },
      ]),
    ),
  },
  prints: 'one',
  async run(face, given) {
    const fields = chosenFields(given, Object.keys(c.resource.fields))
    const row = await found(c, face, await c.client(face), given)
    const remark = c.remark?.(row)
    if (remark !== undefined) face.warn(remark)
    return whole(c, row, fields)
  },
})

/** By identifier, or by the field that an option names. */
const found = async (c: Crud, face: Face, client: ResourceClient<any>, given: Given): Promise<Record<string, unknown>> => {
  const name = given.arg(noun(c))
  if (c.within && given.has(c.within.option)) return client.show(await identified(c, face, client, given, name))
  const by = Object.entries(c.by ?? {}).find(([option]) => given.has(option))?.[1] ?? addressed(c, name)
  return by === undefined ? client.find(name) : foundBy(c, client, by, name)
}

const foundBy = async (c: Crud, client: ResourceClient<any>, field: string, value: string): Promise<Record<string, unknown>> => {
  const [row, another] = await client.list({ filters: { [field]: value }, detail: true })
  const told = `with the ${field.replaceAll('_', ' ')} ${value}`
  if (!row) throw new ApiError(404, `There is no ${noun(c)} ${told}.`, undefined, undefined)
  if (another) throw new ApiError(409, `There is more than one ${noun(c)} ${told}: use its UUID.`, undefined, undefined)
  return row
}

/** What has an address is called by it too. */
const addressed = (c: Crud, ident: string): string | undefined =>
  c.by?.['address'] !== undefined && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(ident) ? c.by['address'] : undefined

export const createCommand = (c: Crud, brief: string): Command => {
  const named = c.named ? 'name' : c.makes === 'by id' ? c.resource.id : undefined
  const firsts = named ? [named] : (c.args ?? [])
  const fields = Object.entries(c.resource.fields).filter(([name, field]) => field.on.create && name !== named)
  const more = Object.entries(c.creates ?? {})
  return {
    brief,
    args: firsts.map(name =>
      named ? { name, doc: 'what it is to be called' } : { name: optionName(c, name), doc: `as --${optionName(c, name)}`, optional: true },
    ),
    options: {
      ...Object.fromEntries(
        fields.flatMap(([name, field]) => fieldOptions(c, name, field, (field.required ?? false) && !firsts.includes(name))),
      ),
      ...domainOptions(
        c,
        fields.map(([name]) => name),
      ),
      ...Object.fromEntries(more.map(([name, doc]): [string, Option] => [name, { doc, values: ['value'] }])),
      ...c.extras?.options,
      ...(c.orShow ? { 'or-show': { doc: 'show the one of that name where there is one' } } : {}),
      ...(c.settled ? { wait } : {}),
    },
    prints: 'one',
    changes: true,
    async run(face, given) {
      const draft: Record<string, unknown> = {}
      for (const name of firsts) {
        const text = given.args(named ? name : optionName(c, name))[0]
        if (text !== undefined) draft[name] = argumentValue(c, text, name, c.resource.fields[name]!)
      }
      for (const [name, field] of fields) {
        const value = optionValue(c, given, name, field)
        if (value !== undefined && draft[name] !== undefined) throw new UsageError(`<${name}> was given twice.`)
        if (value !== undefined) draft[name] = value
      }
      const missing = firsts.find(name => c.resource.fields[name]!.required && draft[name] === undefined)
      if (missing !== undefined) throw new UsageError(`<${optionName(c, missing)}> is missing.`)
      for (const [name] of more) if (given.has(name)) draft[name] = given.one(name)
      const seconds = secondsOf(given)
      const client = await c.client(face)
      const complete = await referred(c, face, added(draft, c.extras?.read(given)), given)
      const row = await madeOrThere(c, client, complete, face.dryRun, given.has('or-show'))
      return whole(c, c.settled && seconds !== undefined && !face.dryRun ? await settled(c, face, client, row, seconds) : row)
    },
  }
}

/** Looks until it is as it is to be; fails with what it says went wrong. */
const settled = async (c: Crud, face: Face, client: ResourceClient<any>, row: object, seconds: number): Promise<object> => {
  const id = (row as Record<string, string>)[c.resource.id]!
  let told = ''
  const end = await waitFor<Record<string, unknown>>(() => client.show(id), c.settled!, {
    signal: face.signal,
    timeout: seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY,
    progress({ state }) {
      if (state !== told) face.progress(`${noun(c)} ${id}: ${state}`)
      told = String(state)
    },
  })
  if (end['last_error']) throw new ApiError(409, `${noun(c)} ${id}: ${end['last_error']}`, undefined, end)
  return end
}

/** What extra options say beside those of the fields. */
const added = (draft: Record<string, unknown>, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => {
  const out = { ...draft }
  for (const [field, value] of Object.entries(more)) {
    const before = out[field]
    out[field] = isMap(value) && isMap(before) ? { ...before, ...value } : value
  }
  return out
}

const madeOrThere = async (c: Crud, client: ResourceClient<any>, draft: Record<string, unknown>, dryRun: boolean, orShow: boolean) => {
  try {
    return await made(c, client, draft, dryRun)
  } catch (error) {
    if (!orShow || !(error instanceof ApiError) || error.status !== 409) throw error
    const field = c.within?.field
    const place = field !== undefined && draft[field] !== undefined ? { [field]: String(draft[field]) } : {}
    const [there] = await client.list({ filters: { name: String(draft['name']), ...place } })
    if (!there) throw error
    return there
  }
}

const made = async (c: Crud, client: ResourceClient<any>, draft: Record<string, unknown>, dryRun: boolean): Promise<object> => {
  const { name, plural, id, path } = c.resource
  const query = dryRun ? new URLSearchParams({ dry_run: 'true' }) : undefined
  if (c.makes === 'by id') {
    const { [id]: ident, ...rest } = draft
    return ((await client.call('PUT', client.one(String(ident)), { [name]: rest }, query)) as any)[name]
  }
  if (c.makes === 'in lists') return ((await client.call('POST', path, { [plural]: [draft] }, query)) as any)[plural][0]
  return client.create(draft, { dryRun })
}

const which = (c: Crud) => [{ name: noun(c), doc: `the ${noun(c)}, by ${ident(c)}`, ...(c.several ? { many: true } : {}) }]

/** The options of `set`. */
export const setOptions = (c: Crud): Record<string, Option> => ({
  ...Object.fromEntries(updatable(c).flatMap(([name, field]) => fieldOptions(c, name, field, false))),
  ...domainOptions(
    c,
    updatable(c).map(([name]) => name),
  ),
  ...c.extras?.options,
  ...withinOption(c),
})

/** Where a domain says which one is meant, it is not changed. */
const updatable = (c: Crud) => Object.entries(c.resource.fields).filter(([name, field]) => field.on.update && name !== c.within?.field)

const withinOption = (c: Crud): Record<string, Option> =>
  c.within ? { [c.within.option]: { doc: `the domain that it is in, by id or name`, values: ['domain'] } } : {}

export const setCommand = (c: Crud, brief: string): Command => ({
  brief,
  args: which(c),
  options: setOptions(c),
  changes: true,
  async run(face, given) {
    const changes = changesOf(c, given)
    if (changes.length === 0) throw new UsageError('Nothing to change: say what with options (--help lists them).')
    await change(c, face, given, await referredChanges(c, face, changes, given))
    return undefined
  },
})

/** What the options of `set` say is to be changed. */
export const changesOf = (c: Crud, given: Given): Change[] => {
  const changes: Change[] = Object.entries(c.extras?.read(given) ?? {}).map(([field, value]) => ({ field, value }))
  for (const [name, field] of updatable(c)) {
    const value = optionValue(c, given, name, field)
    if (value === undefined) continue
    if (isObject(field) && !c.whole?.includes(name))
      for (const [key, inner] of Object.entries(value as object)) changes.push({ field: `${name}/${escapePointer(key)}`, value: inner })
    else changes.push({ field: name, value })
  }
  return changes
}

/** Fields that can be unset; one whose option would be that of another's `set` has its own. */
const unsettable = (c: Crud) => Object.entries(c.resource.fields).filter(([, field]) => field.on.update && !field.required)

const byKey = (c: Crud, name: string): boolean => isObject(c.resource.fields[name]!) && !c.whole?.includes(name)

/** The options of `unset`. */
export const unsetOptions = (c: Crud): Record<string, Option> =>
  Object.fromEntries(
    unsettable(c).map(([name]): [string, Option] => [
      optionName(c, name),
      byKey(c, name) ? { doc: `remove this key of ${name}`, values: ['key'], repeat: true } : { doc: `unset ${name.replaceAll('_', ' ')}` },
    ]),
  )

/** What the options of `unset` say is to be nothing again. */
export const removalsOf = (c: Crud, given: Given): Change[] =>
  unsettable(c).flatMap(([name]): Change[] => {
    if (!given.has(optionName(c, name))) return []
    if (byKey(c, name))
      return given.all(optionName(c, name)).map(key => ({ field: `${name}/${escapePointer(key)}`, value: null, remove: true }))
    return [{ field: name, value: null, remove: true }]
  })

export const unsetCommand = (c: Crud, brief: string): Command => ({
  brief,
  args: which(c),
  options: unsetOptions(c),
  changes: true,
  async run(face, given) {
    const changes = removalsOf(c, given)
    if (changes.length === 0) throw new UsageError('Nothing to unset: say what with options (--help lists them).')
    await change(c, face, given, changes)
    return undefined
  },
})

export const deleteCommand = (c: Crud, brief: string): Command => ({
  brief,
  args: [{ name: noun(c), doc: `the ${noun(c)}, by ${ident(c)}`, many: true }],
  options: withinOption(c),
  changes: true,
  async run(face, given) {
    const client = await c.client(face)
    const say = {
      done: (name: string) => `${face.dryRun ? 'Would delete' : 'Deleted'} ${noun(c)} ${name}`,
      failed: (name: string) => `Failed to delete ${noun(c)} ${name}`,
    }
    return each(given.args(noun(c)), say, async name =>
      client.delete(await identified(c, face, client, given, name), { dryRun: face.dryRun }),
    )
  },
})

/** By its name in the domain that an option says, if there is such an option and it was given. */
export const identified = async (c: Crud, face: Face, client: ResourceClient<any>, given: Given, ident: string): Promise<string> => {
  const domain = c.within && given.one(c.within.option)
  if (domain === undefined) return identifier(c, client, ident)
  const place = String(await c.within!.find(face, domain))
  const [row] = await client.list({ filters: { name: ident, [c.within!.field]: place } })
  const there = row ?? (await client.show(ident))
  if (there[c.within!.field] !== place) throw new ApiError(404, `There is no ${noun(c)} "${ident}" in that domain.`, undefined, undefined)
  return String(there[c.resource.id])
}

/** Services that know names are given them; for the others the name is looked up. */
const identifier = async (c: Crud, client: ResourceClient<any>, ident: string): Promise<string> => {
  const by = addressed(c, ident)
  if (by !== undefined) return String((await foundBy(c, client, by, ident))[c.resource.id])
  return c.resource.alias || !c.resource.fields['name'] ? ident : String((await client.find(ident))[c.resource.id])
}

const change = async (c: Crud, face: Face, given: Given, changes: readonly Change[]): Promise<void> => {
  const client = await c.client(face)
  for (const name of given.args(noun(c)))
    await client.update(await identified(c, face, client, given, name), changes, { dryRun: face.dryRun })
}

const noun = (c: Crud): string => c.resource.name.replaceAll('_', '-')
const ident = (c: Crud): string => (c.resource.alias ? `${c.resource.id.toUpperCase()} or name` : c.resource.id.toUpperCase())

const whole = (c: Crud, row: object, fields?: readonly string[]) =>
  oneOf(
    fields?.toSorted() ??
      Object.keys(row)
        .filter(key => key !== 'links' && !(c.everything && leads(c, key)))
        .sort(),
    row,
  )
